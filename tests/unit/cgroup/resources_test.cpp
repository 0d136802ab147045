#include <doctest/doctest.h>

#include "cgroup/limits.hpp"

using namespace cmp;  // NOLINT(google-build-using-namespace): a test

namespace {

std::string text_of(const std::vector<cgroup::FileWrite>& writes) {
  std::string text;
  for (const auto& write : writes) {
    text += write.file + "=" + (write.device.empty() ? "" : write.device + " ") + write.value +
            (write.other_file.empty() ? "" : " or " + write.other_file + "=" + write.other_value) +
            (write.required ? "\n" : " (if there)\n");
  }
  return text;
}

cgroup::Resources everything() {
  cgroup::Resources all;
  all.devices = {{.allow = false, .type = 'a', .major = {}, .minor = {}},
                 {.allow = true, .type = 'c', .major = 1, .minor = {}, .access = "rw"}};
  all.memory_limit = 100;
  all.memory_swap = 150;
  all.memory_reservation = 50;
  all.cpu_shares = 1024;
  all.cpu_quota = 5000;
  all.cpu_period = 10000;
  all.cpus = "0-1";
  all.pids_limit = 7;
  all.io_weight = 500;
  all.read_bps = {{"8:0", 1000}};
  all.hugepages = {{"2MB", 4096}};
  all.net_class_id = 5;
  return all;
}

}  // namespace

TEST_CASE("resources of a bundle as v1 files") {
  CHECK(text_of(cgroup::compile_v1(everything())) ==
        "devices.deny=a *:* rwm\ndevices.allow=c 1:* rw\n"
        "memory.memsw.limit_in_bytes=-1 (if there)\nmemory.limit_in_bytes=100\nmemory.memsw.limit_in_bytes=150\n"
        "memory.soft_limit_in_bytes=50\ncpu.shares=1024\ncpu.cfs_period_us=10000\ncpu.cfs_quota_us=5000\n"
        "cpuset.cpus=0-1\npids.max=7\nblkio.bfq.weight=500 or blkio.weight=500\n"
        "blkio.throttle.read_bps_device=8:0 1000\nhugetlb.2MB.limit_in_bytes=4096\nnet_cls.classid=5\n");
}

TEST_CASE("resources of a bundle as v2 files") {
  CHECK(text_of(cgroup::compile_v2(everything())) ==
        "memory.max=100\nmemory.swap.max=50\nmemory.low=50\ncpu.weight=100\ncpu.max=5000 10000\ncpuset.cpus=0-1\n"
        "pids.max=7\nio.bfq.weight=500 or io.weight=default 4950\nio.max=8:0 rbps=1000\nhugetlb.2MB.max=4096\n");
  cgroup::Resources unified;
  unified.unified = {{"memory.high", "5"}};
  unified.memory_limit = -1;
  CHECK(text_of(cgroup::compile_v2(unified)) == "memory.max=max\nmemory.high=5\n");
}

TEST_CASE("swap without end is no more than the lifted limit, and alone it is written") {
  cgroup::Resources swap;
  swap.memory_swap = -1;
  CHECK(text_of(cgroup::compile_v1(swap)) == "memory.memsw.limit_in_bytes=-1 (if there)\n");
  CHECK(text_of(cgroup::compile_v2(swap)) == "memory.swap.max=max (if there)\n");
  swap.memory_limit = -1;
  CHECK(text_of(cgroup::compile_v1(swap)) == "memory.memsw.limit_in_bytes=-1 (if there)\nmemory.limit_in_bytes=-1\n");
}

TEST_CASE("resources that contradict themselves or the host are refused") {
  cgroup::Resources swap;
  swap.memory_limit = 100;
  swap.memory_swap = 50;
  CHECK_FALSE(cgroup::check_resources(swap, cgroup::Version::kV2).has_value());
  cgroup::Resources unified;
  unified.unified = {{"memory.high", "5"}};
  CHECK_FALSE(cgroup::check_resources(unified, cgroup::Version::kV1).has_value());
  CHECK(cgroup::check_resources(unified, cgroup::Version::kV2).has_value());
  unified.unified = {{"../x.y", "5"}};
  CHECK_FALSE(cgroup::check_resources(unified, cgroup::Version::kV2).has_value());
}
