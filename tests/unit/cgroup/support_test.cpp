#include <algorithm>

#include <doctest/doctest.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/counters.hpp"

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
  CHECK(procs_files(kV2, {"cmp/shop/web-1"}, {}).empty());
  CHECK(procs_files(kHybrid, {"cmp/shop/web-1"}, {}) == Names{"/cg/memory/cmp/shop/web-1/cgroup.procs"});
  auto old_kernel = kV2;
  old_kernel.hierarchies.front().born_inside = false;
  CHECK(procs_files(old_kernel, {"cmp/shop/web-1"}, {}) == Names{"/cg/unified/cmp/shop/web-1/cgroup.procs"});
}

TEST_CASE("a limit without its controller is named by its Compose key") {
  CHECK(keys({.cpus = 1, .memory = Bytes{1}, .pids = 1}, kV2).empty());
  CHECK(keys({.cpuset = "0"}, kV2) == Names{"cpuset"});
  CHECK(keys({.cpus = 1,
              .cpu_shares = 2,
              .cpu_quota_us = 5000,
              .memory = Bytes{1},
              .memory_reservation = Bytes{1},
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
  const model::Limits good{.memory = Bytes{100}, .memswap = Bytes{150}};
  CHECK(keys(good, kV1).empty());
  CHECK(keys({.memswap = Bytes{150}}, kV1) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{200}, .memswap = Bytes{150}}, kV1) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{200}, .memswap = Bytes{-1}}, kV1).empty());
  auto without = kV1;
  without.swap = false;
  CHECK(keys(good, without) == Names{"memswap_limit"});
  CHECK(keys({.memory = Bytes{100}}, without).empty());
}

TEST_CASE("quotas and periods the kernel refuses are said before anything starts") {
  CHECK(keys({.cpu_quota_us = 999}, kV1) == Names{"cpu_quota"});
  CHECK(keys({.cpu_quota_us = 1000}, kV1).empty());
  CHECK(keys({.cpu_period_us = 999}, kV1) == Names{"cpu_period"});
  CHECK(keys({.cpu_period_us = 1'000'001}, kV1) == Names{"cpu_period"});
}

TEST_CASE("counters are read by key, or plainly") {
  CHECK(value_in("12345\n", "") == 12345U);
  CHECK(value_in("usage_usec 42\nuser_usec 7\n", "usage_usec") == 42U);
  CHECK(value_in("oom 1\noom_kill 3\n", "oom_kill") == 3U);
  CHECK(value_in("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "oom_kill") == 2U);
  CHECK_FALSE(value_in("max\n", ""));
  CHECK_FALSE(value_in("a 1\n", "b"));
  CHECK_FALSE(value_in("", ""));
}

}  // namespace
