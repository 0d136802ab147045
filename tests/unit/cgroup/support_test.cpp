#include <algorithm>

#include <doctest/doctest.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/counters.hpp"
#include "cgroup/processors.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using Names = std::vector<std::string>;

Hierarchy v1(const Names& controllers) {
  return {
      .version = Version::kV1, .controllers = controllers, .mount_point = "/cg/" + controllers.front(), .base = "/"};
}

Hierarchy v2(const Names& controllers) {
  return {.version = Version::kV2,
          .controllers = controllers,
          .mount_point = "/cg/unified",
          .base = "/",
          .born_inside = true};
}

const Layout kV1{.version = Version::kV1,
                 .hierarchies = {v1({"blkio"}), v1({"cpu", "cpuacct"}), v1({"cpuset"}), v1({"devices"}),
                                 v1({"freezer"}), v1({"memory"}), v1({"pids"})},
                 .swap = true,
                 .why = "v1"};
const Layout kHybrid{
    .version = Version::kV1,
    .hierarchies = {v2({}), v1({"cpu"}), v1({"cpuacct"}), v1({"freezer"}), v1({"memory"}), v1({"pids"})},
    .swap = true,
    .why = "hybrid"};
const Layout kV2{.version = Version::kV2, .hierarchies = {v2({"cpu", "memory", "pids"})}, .swap = true, .why = "v2"};

Names joined_names(const Layout& layout, const model::Limits& limits) {
  Names out;
  for (const auto& one : joined(layout, limits)) {
    out.push_back(one.mount_point.substr(4));
  }
  return out;
}

Names keys(const model::Limits& limits, const Layout& layout) {
  Names out;
  for (const auto& one : unsupported(limits, layout)) {
    out.push_back(one.key);
  }
  return out;
}

TEST_CASE("as few hierarchies are joined as the limits allow") {
  CHECK(joined_names(kV2, {.cpus = 1, .pids = 5}) == Names{"unified"});
  CHECK(joined_names(kHybrid, {}) == Names{"unified", "memory"});
  CHECK(joined_names(kHybrid, {.cpus = 1, .pids = 5}) == Names{"unified", "cpu", "memory", "pids"});
  CHECK(joined_names(kV1, {}) == Names{"cpu", "freezer", "memory"});
  CHECK(joined_names(kV1, {.cpus = 1, .cpuset = "0", .pids = 5}) ==
        Names{"cpu", "cpuset", "freezer", "memory", "pids"});
}

TEST_CASE("who is born in a group need not move there") {
  CHECK(join_files(kV2, {"cmp/shop/web-1"}, {}).empty());
  CHECK(join_files(kHybrid, {"cmp/shop/web-1"}, {}) == Names{"/cg/memory/cmp/shop/web-1/tasks"});
  auto old_kernel = kV2;
  old_kernel.hierarchies.front().born_inside = false;
  CHECK(join_files(old_kernel, {"cmp/shop/web-1"}, {}) == Names{"/cg/unified/cmp/shop/web-1/cgroup.procs"});
}

TEST_CASE("a limit without its controller is named by its Compose key") {
  constexpr Bytes kMemory{8 << 20};
  CHECK(keys({.cpus = 1, .memory = kMemory, .pids = 1}, kV2).empty());
  CHECK(keys({.cpuset = "0"}, kV2) == Names{"cpuset"});
  CHECK(keys({.cpus = 1,
              .cpu_shares = 2,
              .cpu_quota_us = 5000,
              .memory = kMemory,
              .memory_reservation = kMemory,
              .pids = 1},
             Layout{}) == Names{"cpus", "cpu_shares", "cpu_quota", "mem_limit", "mem_reservation", "pids_limit"});
  CHECK(unsupported({.cpuset = "0"}, kV2).front().reason == "this host has no cgroup controller 'cpuset' for cmp (v2)");
}

TEST_CASE("what v2 has no setting for is said") {
  const model::Limits limits{.mem_swappiness = 10, .oom_kill_disable = true};
  CHECK(keys(limits, kV2) == Names{"mem_swappiness", "oom_kill_disable"});
  CHECK(keys(limits, kV1).empty());
}

TEST_CASE("a swap limit needs a memory limit that is not greater, and a kernel that counts swap") {
  constexpr std::int64_t kMebi = 1 << 20;
  const model::Limits good{.memory = Bytes{100 * kMebi}, .memswap = Bytes{150 * kMebi}};
  CHECK(keys(good, kV1).empty());
  CHECK(keys({.memswap = Bytes{150}}, kV1) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{200 * kMebi}, .memswap = Bytes{150 * kMebi}}, kV1) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{200 * kMebi}, .memswap = Bytes{-1}}, kV1).empty());
  auto without = kV1;
  without.swap = false;
  CHECK(keys(good, without) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{100 * kMebi}}, without).empty());
}

TEST_CASE("values that hold no process, or contradict each other, are said") {
  constexpr std::int64_t kMebi = 1 << 20;
  CHECK(keys({.memory = Bytes{5 * kMebi}}, kV2) == Names{"mem_limit"});
  CHECK(keys({.memory = Bytes{8 * kMebi}, .memory_reservation = Bytes{9 * kMebi}}, kV2) == Names{"mem_reservation"});
  CHECK(keys({.mem_swappiness = 101}, kV1) == Names{"mem_swappiness"});
}

TEST_CASE("real time and block devices need a kernel and a controller for it") {
  auto real_time = kV1;
  real_time.real_time = true;
  CHECK(keys({.cpu_rt_runtime_us = 1000}, kV1) == Names{"cpu_rt_runtime"});
  CHECK(keys({.cpu_rt_period_us = 1000}, kV2) == Names{"cpu_rt_period"});
  CHECK(keys({.cpu_rt_runtime_us = 1000}, real_time).empty());
  CHECK(keys({.cpu_rt_runtime_us = 2000, .cpu_rt_period_us = 1000}, real_time) == Names{"cpu_rt_runtime"});
  const model::Limits weight{.blkio = {.weight = 100}};
  CHECK(keys(weight, kV2) == Names{"blkio_config"});
  CHECK(keys(weight, kV1).empty());
  auto with_io = kV2;
  with_io.hierarchies.front().controllers.emplace_back("io");
  CHECK(keys(weight, with_io).empty());
}

TEST_CASE("processors and block devices that are not there are named with their place") {
  const model::Limits limits{.cpuset = "0,x", .blkio = {.weight_device = {{"/dev/null", 5, {"compose.yaml", 7, 3}}}}};
  const auto found = unavailable(limits, kV1);
  const auto has = [&](const std::string& part, int line) {
    return std::ranges::any_of(found, [&](const Unsupported& one) {
      return one.reason.find(part) != std::string::npos && one.where.line == line;
    });
  };
  CHECK(has("a weight is from 10 to 1000, not 5", 7));
  CHECK(has("'/dev/null' is no block device", 7));
  CHECK(has("'0,x' is no list of processors", 0));
}

TEST_CASE("lists of processors") {
  CHECK(parse_processors("0-2,4") == std::set<int>{0, 1, 2, 4});
  CHECK(parse_processors("3") == std::set<int>{3});
  for (const char* text : {"", "a", "2-1", "0,,1", "-1", "9999", "1-"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_processors(text));
  }
}

TEST_CASE("quotas and periods the kernel refuses are said before anything starts") {
  CHECK(keys({.cpu_quota_us = 999}, kV1) == Names{"cpu_quota"});
  CHECK(keys({.cpu_quota_us = 1000}, kV1).empty());
  CHECK(keys({.cpu_period_us = 999}, kV1) == Names{"cpu_period"});
  CHECK(keys({.cpu_period_us = 1'000'001}, kV1) == Names{"cpu_period"});
}

TEST_CASE("counters are read by key, or plainly") {
  CHECK(transferred_in("8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=1 wbytes=2\n") == Transferred{11, 22});
  CHECK(transferred_in("8:0 Read 10\n8:0 Write 20\n8:0 Sync 3\n8:0 Total 30\nTotal 30\n") == Transferred{10, 20});
  CHECK(value_in("12345\n", "") == 12345U);
  CHECK(value_in("usage_usec 42\nuser_usec 7\n", "usage_usec") == 42U);
  CHECK(value_in("oom 1\noom_kill 3\n", "oom_kill") == 3U);
  CHECK(value_in("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "oom_kill") == 2U);
  CHECK_FALSE(value_in("max\n", ""));
  CHECK_FALSE(value_in("a 1\n", "b"));
  CHECK_FALSE(value_in("", ""));
}

}  // namespace
