#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>

#include <doctest/doctest.h>

#include "cgroup/cgroup.hpp"
#include "kernel/cgroup/playground.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using namespace cmp::cgroup::test;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMebi = 1U << 20U;

/// A file of some megabytes as a block device; gone with the object.
class LoopDevice {
 public:
  /// Nothing where the kernel has none to give.
  static std::optional<LoopDevice> make() {
    const char* directory = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
    std::string path = std::string(directory != nullptr ? directory : "/var/tmp") + "/cmp-loop.XXXXXX";
    const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
    const auto control = sys::open_file("/dev/loop-control", O_RDWR);
    ::unlink(path.c_str());
    if (!file || !control || ::ftruncate(file.get(), 8 * kMebi) != 0) {
      return std::nullopt;
    }
    const int number = ::ioctl(control->get(), LOOP_CTL_GET_FREE);
    const std::string device = fmt::format("/dev/loop{}", number);
    auto opened = sys::open_file(device, O_RDWR);
    if (number < 0 || !opened || ::ioctl(opened->get(), LOOP_SET_FD, file.get()) != 0) {
      return std::nullopt;
    }
    return LoopDevice(device, std::move(*opened));
  }

  LoopDevice(LoopDevice&&) = default;
  LoopDevice& operator=(LoopDevice&&) = delete;
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;

  ~LoopDevice() {
    if (fd_) {
      ::ioctl(fd_.get(), LOOP_CLR_FD, 0);
    }
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  LoopDevice(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

bool lacks_block_devices(const Layout& layout, const std::optional<LoopDevice>& disk) {
  if (layout.has("io") || layout.has("blkio")) {
    if (!disk) {
      skip("limits of block devices", "no loop device here");
    }
    return !disk;
  }
  skip("limits of block devices", "no such controller here: " + layout.why);
  return true;
}

/// Moves one mebibyte past the page cache, a block at a time. \returns 0 if it could.
int move_mebibyte(const std::string& disk, bool write) {
  constexpr std::size_t kBlock = 64U << 10U;
  const UniqueFd fd(::open(disk.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC));
  void* block = std::aligned_alloc(4096, kBlock);
  for (std::size_t done = 0; done < kMebi; done += kBlock) {
    const ssize_t moved = write ? ::pwrite(fd.get(), block, kBlock, static_cast<off_t>(done))
                                : ::pread(fd.get(), block, kBlock, static_cast<off_t>(done));
    if (moved != static_cast<ssize_t>(kBlock)) {
      return 1;
    }
  }
  return 0;
}

double seconds_to_move(const Playground& ground, const std::string& disk, bool write) {
  const auto start = Clock::now();
  const auto child = ground.start([&] { return move_mebibyte(disk, write); });
  REQUIRE(child);
  REQUIRE(wait_for(*child).code == 0);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

TEST_CASE("bytes and operations of a block device come as slowly as asked, and others as fast as they can") {
  const auto disk = LoopDevice::make();
  const Playground ground(host_layout());
  if (lacks_block_devices(ground.layout(), disk)) {
    return;
  }
  REQUIRE(ground.create({.blkio = {.read_bps = {{disk->path(), 2 * kMebi, {}}}}}));
  CHECK(seconds_to_move(ground, disk->path(), false) > 0.3);
  REQUIRE(ground.create({.blkio = {.write_iops = {{disk->path(), 32, {}}}}}));
  CHECK(seconds_to_move(ground, disk->path(), true) > 0.3);
  CHECK(seconds_to_move(ground, disk->path(), false) < 0.3);
}

TEST_CASE("a device that is none is named") {
  const Playground ground(host_layout());
  if (!ground.layout().has("io") && !ground.layout().has("blkio")) {
    return;
  }
  const auto status = ground.create({.blkio = {.read_bps = {{"/dev/null", 1, {}}}}});
  REQUIRE_FALSE(status);
  CHECK(status.error().str().find("'/dev/null' is no block device") != std::string::npos);
}

/// Asks for real-time scheduling. 0: got it; 1: refused.
int ask_for_real_time() {
  const sched_param parameters{.sched_priority = 1};
  return ::sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 ? 0 : 1;
}

TEST_CASE("a group has real time if it is given some, and its neighbours keep theirs") {
  const Playground ground(host_layout());
  if (!ground.layout().real_time) {
    skip("real time", "no cpu controller of v1 with CONFIG_RT_GROUP_SCHED");
    return;
  }
  REQUIRE(ground.create({.cpu_shares = 100}));
  const auto without = ground.start(ask_for_real_time);
  REQUIRE(without);
  CHECK(wait_for(*without).code == 1);
  REQUIRE(ground.create({.cpu_rt_runtime_us = 20'000}));
  const auto with = ground.start(ask_for_real_time);
  REQUIRE(with);
  CHECK(wait_for(*with).code == 0);
  const Group neighbour{ground.group().path + "-neighbour"};
  CHECK(create(ground.layout(), neighbour, {.cpu_rt_runtime_us = 30'000, .cpu_rt_period_us = 500'000}));
  CHECK(remove(ground.layout(), neighbour));
}

TEST_CASE("a group that was there before ours stays when ours goes") {
  const auto layout = host_layout();
  const std::string top = fmt::format("cmptest-parent-{}", ::getpid());
  const Hierarchy& any = layout.hierarchies.front();
  const std::string path = any.mount_point + (any.base == "/" ? "" : any.base) + "/" + top;
  REQUIRE(::mkdir(path.c_str(), 0755) == 0);
  REQUIRE(create(layout, {top + "/made/web-1"}, {}));
  CHECK(remove(layout, {top + "/made/web-1"}));
  CHECK(sys::exists(path));
  CHECK_FALSE(sys::exists(path + "/made"));
  ::rmdir(path.c_str());
}

}  // namespace
