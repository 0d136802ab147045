#include "supervisor/launch_failure.hpp"

#include <doctest/doctest.h>

namespace {

using cmp::SourcePos;
using cmp::init::Report;
using cmp::supervisor::killed_early;
using cmp::supervisor::place_of_failure;

cmp::model::Service service() {
  cmp::model::Service out;
  out.name = "a";
  out.where = {"compose.yaml", 2, 3};
  out.positions = {
      {"command", {"compose.yaml", 3, 5}}, {"user", {"compose.yaml", 4, 5}}, {"mem_limit", {"compose.yaml", 5, 5}}};
  return out;
}

Report report(int exit_code, const std::string& key) {
  Report out;
  out.exit_code = exit_code;
  out.key = key;
  return out;
}

TEST_CASE("a failed launch is blamed on the key that asked for it") {
  const auto one = service();
  CHECK(place_of_failure(one, report(125, "user")).line == 4);
  CHECK(place_of_failure(one, report(127, "")).line == 3);
  CHECK(place_of_failure(one, report(126, "")).line == 3);
  CHECK(place_of_failure(one, report(125, "working_dir")) == one.where);
  CHECK(place_of_failure(one, report(125, "")) == one.where);
}

TEST_CASE("a container killed for want of memory is blamed on its limit") {
  cmp::state::ContainerRecord record;
  record.service_definition = service();
  record.service_definition.limits.memory = cmp::Bytes{4096};
  record.oom_killed = true;
  const auto error = killed_early(record);
  CHECK(error.where.line == 5);
  CHECK(error.message.find("4096 bytes") != std::string::npos);
}

TEST_CASE("a container killed otherwise says by which signal") {
  cmp::state::ContainerRecord record;
  record.service_definition = service();
  record.exit = cmp::sys::ExitStatus{.code = 137, .signal = 9};
  const auto error = killed_early(record);
  CHECK(error.where == record.service_definition.where);
  CHECK(error.message.find("SIGKILL") != std::string::npos);
}

TEST_CASE("a report crosses the socket with the key it is about") {
  Report sent = report(125, "user");
  sent.error = cmp::make_error(cmp::Code::kNotFound, "no user 'x'");
  const auto got = cmp::init::decode(cmp::init::encode(sent));
  REQUIRE(got);
  CHECK(got->key == "user");
  CHECK(got->error.message == "no user 'x'");
}

}  // namespace
