#include "cgroup/limits.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using model::Limits;

std::string text_of(const std::vector<FileWrite>& writes) {
  std::string out;
  for (const auto& one : writes) {
    out += one.controller + " " + one.file + (one.required ? "=" : "?=") +
           (one.device.empty() ? "" : one.device + " ") + one.value +
           (one.other_file.empty() ? "" : " or " + one.other_file + "=" + one.other_value) + "\n";
  }
  return out;
}

struct Row {
  const char* what;
  Limits limits;
  const char* v1;
  const char* v2;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"nothing asked, nothing written", {}, "", ""},
      {"half a processor",
       {.cpus = 0.5},
       "cpu cpu.cfs_period_us=100000\ncpu cpu.cfs_quota_us=50000\n",
       "cpu cpu.max=50000 100000\n"},
      {"cpus 0 is no limit", {.cpus = 0.0}, "", ""},
      {"a sliver of a processor takes the long period",
       {.cpus = 0.002},
       "cpu cpu.cfs_period_us=1000000\ncpu cpu.cfs_quota_us=2000\n",
       "cpu cpu.max=2000 1000000\n"},
      {"quota and period",
       {.cpu_quota_us = 30000, .cpu_period_us = 60000},
       "cpu cpu.cfs_period_us=60000\ncpu cpu.cfs_quota_us=30000\n",
       "cpu cpu.max=30000 60000\n"},
      {"quota -1 is no limit",
       {.cpu_quota_us = -1},
       "cpu cpu.cfs_period_us=100000\ncpu cpu.cfs_quota_us=-1\n",
       "cpu cpu.max=max 100000\n"},
      {"shares", {.cpu_shares = 512}, "cpu cpu.shares=512\n", "cpu cpu.weight=59\n"},
      {"shares 0 are the default", {.cpu_shares = 0}, "", ""},
      {"processors", {.cpuset = "0-2,4"}, "cpuset cpuset.cpus=0-2,4\n", "cpuset cpuset.cpus=0-2,4\n"},
      {"memory gives as much swap",
       {.memory = Bytes{1000}},
       "memory memory.memsw.limit_in_bytes?=-1\nmemory memory.limit_in_bytes=1000\n"
       "memory memory.memsw.limit_in_bytes?=2000\n",
       "memory memory.max=1000\nmemory memory.swap.max?=1000\n"},
      {"memory and swap together",
       {.memory = Bytes{1000}, .memswap = Bytes{1500}},
       "memory memory.memsw.limit_in_bytes?=-1\nmemory memory.limit_in_bytes=1000\n"
       "memory memory.memsw.limit_in_bytes=1500\n",
       "memory memory.max=1000\nmemory memory.swap.max=500\n"},
      {"equal limits are no swap",
       {.memory = Bytes{1000}, .memswap = Bytes{1000}},
       "memory memory.memsw.limit_in_bytes?=-1\nmemory memory.limit_in_bytes=1000\n"
       "memory memory.memsw.limit_in_bytes=1000\n",
       "memory memory.max=1000\nmemory memory.swap.max=0\n"},
      {"swap without end",
       {.memory = Bytes{1000}, .memswap = Bytes{-1}},
       "memory memory.memsw.limit_in_bytes?=-1\nmemory memory.limit_in_bytes=1000\n",
       "memory memory.max=1000\nmemory memory.swap.max?=max\n"},
      {"reservation",
       {.memory_reservation = Bytes{700}},
       "memory memory.soft_limit_in_bytes=700\n",
       "memory memory.low=700\n"},
      {"what only v1 has",
       {.mem_swappiness = 10, .oom_kill_disable = true},
       "memory memory.swappiness=10\nmemory memory.oom_control=1\n",
       ""},
      {"real time is v1's",
       {.cpu_rt_runtime_us = 50000, .cpu_rt_period_us = 200000},
       "cpu cpu.rt_period_us=200000\ncpu cpu.rt_runtime_us=50000\n",
       ""},
      {"block devices",
       {.blkio = {.weight = 505,
                  .weight_device = {{"/dev/a", 10, {}}},
                  .read_bps = {{"/dev/a", 1000, {}}},
                  .write_iops = {{"/dev/b", 20, {}}}}},
       "blkio blkio.bfq.weight=505 or blkio.weight=505\n"
       "blkio blkio.bfq.weight_device=/dev/a 10 or blkio.weight_device=10\n"
       "blkio blkio.throttle.read_bps_device=/dev/a 1000\n"
       "blkio blkio.throttle.write_iops_device=/dev/b 20\n",
       "io io.bfq.weight=505 or io.weight=default 5000\n"
       "io io.bfq.weight=/dev/a 10 or io.weight=1\n"
       "io io.max=/dev/a rbps=1000\nio io.max=/dev/b wiops=20\n"},
      {"processes", {.pids = 20}, "pids pids.max=20\n", "pids pids.max=20\n"},
      {"processes without end", {.pids = -1}, "pids pids.max=max\n", "pids pids.max=max\n"},
  };
  return kRows;
}

TEST_CASE("limits become file writes on v1") {
  for (const auto& row : rows()) {
    CAPTURE(row.what);
    CHECK(text_of(compile_v1(resources_of(row.limits))) == row.v1);
  }
}

TEST_CASE("limits become file writes on v2") {
  for (const auto& row : rows()) {
    CAPTURE(row.what);
    CHECK(text_of(compile_v2(resources_of(row.limits))) == row.v2);
  }
}

TEST_CASE("shares become a weight: both ends, the default, and never out of range") {
  CHECK(weight_from_shares(0) == 1);
  CHECK(weight_from_shares(2) == 1);
  CHECK(weight_from_shares(1024) == 100);
  CHECK(weight_from_shares(262'144) == 10'000);
  CHECK(weight_from_shares(1'000'000) == 10'000);
  std::uint64_t last = 0;
  for (std::uint64_t shares = 2; shares <= 262'144; shares *= 2) {
    CAPTURE(shares);
    CHECK(weight_from_shares(shares) >= last);
    last = weight_from_shares(shares);
  }
}

TEST_CASE("bandwidth keeps to what the kernel takes") {
  CHECK(cpu_bandwidth({.cpus = 0.001}) == CpuBandwidth{.quota_us = 1000, .period_us = 1'000'000});
  CHECK(cpu_bandwidth({.cpus = 0.0001}) == CpuBandwidth{.quota_us = 1000, .period_us = 1'000'000});
  CHECK(cpu_bandwidth({.cpus = 0.01}) == CpuBandwidth{.quota_us = 1000, .period_us = 100'000});
  CHECK(cpu_bandwidth({.cpus = 2.5}) == CpuBandwidth{.quota_us = 250'000, .period_us = 100'000});
  CHECK(cpu_bandwidth({.cpus = 0.5, .cpu_quota_us = 7}) == CpuBandwidth{.quota_us = 50'000, .period_us = 100'000});
  CHECK(cpu_bandwidth({.cpu_period_us = 50'000}) == CpuBandwidth{.quota_us = -1, .period_us = 50'000});
  CHECK_FALSE(cpu_bandwidth({}));
}

TEST_CASE("memory is always needed, the rest when asked for") {
  CHECK(needed_controllers({}) == std::vector<std::string>{"memory"});
  CHECK(needed_controllers({.cpus = 1, .cpuset = "0", .pids = 5}) ==
        std::vector<std::string>{"cpu", "cpuset", "memory", "pids"});
}

}  // namespace
