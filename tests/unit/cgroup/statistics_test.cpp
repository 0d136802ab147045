#include "cgroup/statistics.hpp"

#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

namespace {

using cmp::cgroup::Statistics;
using cmp::cgroup::statistics_in;

}  // namespace

TEST_CASE("what a group of v1 has counted") {
  const Statistics now = statistics_in({{"cpuacct.usage", "1500000\n"},
                                        {"cpuacct.stat", "user 3\nsystem 2\n"},
                                        {"cpu.stat", "nr_periods 7\nnr_throttled 4\nthrottled_time 900\n"},
                                        {"memory.usage_in_bytes", "4096\n"},
                                        {"memory.limit_in_bytes", "8192\n"},
                                        {"memory.failcnt", "5\n"},
                                        {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"},
                                        {"memory.stat", "cache 100\nrss 200\n"},
                                        {"pids.current", "3\n"},
                                        {"pids.max", "max\n"},
                                        {"blkio.throttle.io_service_bytes", "8:0 Read 512\n8:0 Write 9\nTotal 521\n"}});
  CHECK(now.cpu_ns == 1500000);
  CHECK(now.cpu_user_ns == 30'000'000);
  CHECK(now.cpu_kernel_ns == 20'000'000);
  CHECK(now.periods == 7);
  CHECK(now.throttled_periods == 4);
  CHECK(now.throttled_ns == 900);
  CHECK(now.memory.usage == 4096);
  CHECK(now.memory.limit == 8192);
  CHECK(now.memory.failures == 5);
  CHECK(now.oom_kills == 2);
  CHECK(now.memory_cache == 100);
  CHECK(now.memory_lines.at("rss") == 200);
  CHECK(now.pids == 3);
  CHECK(now.pids_limit == 0);
  REQUIRE(now.io_bytes.size() == 2);
  CHECK(now.io_bytes[0].major == 8);
  CHECK(now.io_bytes[1].operation == "Write");
  CHECK(now.io_bytes[1].value == 9);
  CHECK(now.io_operations.empty());
}

TEST_CASE("the same on v2") {
  const Statistics now =
      statistics_in({{"cpu.stat", "usage_usec 15\nuser_usec 9\nsystem_usec 6\nthrottled_usec 2\n"},
                     {"memory.current", "4096\n"},
                     {"memory.max", "max\n"},
                     {"memory.swap.max", "0\n"},
                     {"memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"},
                     {"memory.stat", "anon 5\nfile 6\n"},
                     {"pids.max", "20\n"},
                     {"io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0\n254:16 rbytes=5\n"}});
  CHECK(now.cpu_ns == 15'000);
  CHECK(now.cpu_kernel_ns == 6'000);
  CHECK(now.throttled_ns == 2'000);
  CHECK(now.memory.limit == std::numeric_limits<std::uint64_t>::max());
  CHECK(now.memory.failures == 3);
  CHECK(now.swap.limit == 0);
  CHECK(now.oom_kills == 1);
  CHECK(now.memory_cache == 6);
  CHECK(now.pids_limit == 20);
  REQUIRE(now.io_bytes.size() == 3);
  CHECK(now.io_bytes[1].operation == "Write");
  CHECK(now.io_bytes[2].major == 254);
  CHECK(now.io_bytes[2].minor == 16);
  REQUIRE(now.io_operations.size() == 2);
  CHECK(now.io_operations[1].value == 4);
}

TEST_CASE("files that are not there, or hold nonsense, count for nothing") {
  const Statistics now = statistics_in({{"io.stat", "nonsense rbytes=\n"}, {"cpuacct.stat", "user\n"}});
  CHECK(now.cpu_ns == 0);
  CHECK(now.cpu_user_ns == 0);
  CHECK(now.memory.limit == 0);
}
