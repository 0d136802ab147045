#include "state/exit_reason.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp;
using namespace cmp::state;

constexpr std::int64_t kMebi = 1 << 20;

ContainerRecord killed() {
  ContainerRecord record;
  record.exit = sys::ExitStatus{.code = 137, .signal = 9};
  record.oom_killed = true;
  record.memory_peak = 64 * kMebi;
  record.service_definition.limits.memory = Bytes{64 * kMebi};
  return record;
}

TEST_CASE("an end for want of memory says how much there was") {
  ContainerRecord record = killed();
  CHECK(exit_text(record) == "exited (137) out of memory: peak 64M of 64M");
  record.memory_peak = 0;
  CHECK(exit_reason(record) == "out of memory: the limit is 64M");
  record.service_definition.limits.memory.reset();
  CHECK(exit_reason(record) == "out of memory: the machine has none left");
}

TEST_CASE("an ordinary end needs no reason") {
  ContainerRecord record = killed();
  record.oom_killed = false;
  record.ended_by = EndedBy::kKill;
  CHECK(exit_text(record) == "exited (137)");
  record.exit.reset();
  CHECK(exit_text(record) == "exited (unknown)");
  record = killed();
  record.exit = sys::ExitStatus{};
  CHECK(exit_reason(record).empty());
}

TEST_CASE("bytes are short") {
  CHECK(short_bytes(100) == "100");
  CHECK(short_bytes(64 * kMebi) == "64M");
  CHECK(short_bytes(1536 * kMebi) == "1.5G");
  CHECK(short_bytes(1024 * kMebi - 1) == "1G");
}

}  // namespace
