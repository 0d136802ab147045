#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <chrono>

#include <doctest/doctest.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/counters.hpp"
#include "kernel/cgroup/playground.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using namespace cmp::cgroup::test;

constexpr std::int64_t kMebi = 1 << 20;

/// True, and said, if this host has no such controller.
bool lacks(const Layout& layout, std::string_view controller) {
  if (!layout.has(controller)) {
    skip(fmt::format("limits of {}", controller), "no such controller here: " + layout.why);
  }
  return !layout.has(controller);
}

std::string file_of(const Playground& ground, std::string_view controller, std::string_view file) {
  for (const auto& one : ground.layout().hierarchies) {
    if (one.has(controller)) {
      const std::string base = one.base == "/" ? "" : one.base;
      return fmt::format("{}{}/{}/{}", one.mount_point, base, ground.group().path, file);
    }
  }
  return "";
}

/// How many children could be started out of ten.
int children_possible() {
  int count = 0;
  for (int i = 0; i < 10; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::pause();
    }
    count += pid > 0 ? 1 : 0;
  }
  return count;
}

int touch_megabytes(std::size_t count) {
  const std::size_t size = count << 20U;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  auto* bytes = static_cast<volatile char*>(memory);
  for (std::size_t i = 0; i < size; i += 4096) {
    bytes[i] = 1;
  }
  return 0;
}

int spin(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
  return 0;
}

TEST_CASE("a pids limit refuses a fork") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "pids")) {
    return;
  }
  REQUIRE(ground.create({.pids = 4}));
  const auto child = ground.start(children_possible);
  REQUIRE(child);
  CHECK(wait_for(*child).code == 3);
}

TEST_CASE("a memory limit kills, and the kill is counted") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "memory")) {
    return;
  }
  REQUIRE(ground.create({.memory = Bytes{16 * kMebi}, .memswap = Bytes{16 * kMebi}}));
  const auto child = ground.start([] { return touch_megabytes(64); });
  REQUIRE(child);
  CHECK(wait_for(*child).signal == SIGKILL);
  const auto counters = usage(ground.layout(), ground.group());
  REQUIRE(counters);
  CHECK(counters->oom_kills == 1);
  CHECK(counters->memory_peak_bytes > 8 * kMebi);
  CHECK(counters->memory_peak_bytes <= 16 * kMebi);
}

TEST_CASE("below the memory limit nothing is killed") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "memory")) {
    return;
  }
  REQUIRE(ground.create({.memory = Bytes{64 * kMebi}}));
  const auto child = ground.start([] { return touch_megabytes(16); });
  REQUIRE(child);
  CHECK(wait_for(*child).code == 0);
  CHECK(usage(ground.layout(), ground.group())->oom_kills == 0);
}

TEST_CASE("a quota of processor time throttles") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "cpu")) {
    return;
  }
  REQUIRE(ground.create({.cpus = 0.1}));
  const auto child = ground.start([] { return spin(std::chrono::milliseconds(500)); });
  REQUIRE(child);
  CHECK(wait_for(*child).code == 0);
  const auto stat = sys::read_file(file_of(ground, "cpu", "cpu.stat"));
  REQUIRE(stat);
  CHECK(value_in(*stat, "nr_throttled").value_or(0) >= 2);
  const auto counters = usage(ground.layout(), ground.group());
  REQUIRE(counters);
  CHECK(counters->cpu_usec > 10'000);
  CHECK(counters->cpu_usec < 250'000);
}

TEST_CASE("a cpuset binds to its processors") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "cpuset")) {
    return;
  }
  REQUIRE(ground.create({.cpuset = "0"}));
  const auto child = ground.start([] {
    cpu_set_t set;
    ::sched_getaffinity(0, sizeof set, &set);
    return CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set) ? 0 : 1;
  });
  REQUIRE(child);
  CHECK(wait_for(*child).code == 0);
}

TEST_CASE("limits are changed in place, also to ones that need a hierarchy not joined before") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "pids") || lacks(ground.layout(), "memory")) {
    return;
  }
  REQUIRE(ground.create({.memory = Bytes{64 * kMebi}}));
  std::array<int, 2> go{};
  REQUIRE(::pipe2(go.data(), O_CLOEXEC) == 0);
  const auto child = ground.start([&] {
    char byte = 0;
    return ::read(go[0], &byte, 1) == 1 ? children_possible() : 99;
  });
  REQUIRE(child);
  const model::Limits before{.memory = Bytes{64 * kMebi}}, wider{.memory = Bytes{128 * kMebi}, .pids = 3};
  const model::Limits tighter{.memory = Bytes{32 * kMebi}, .memswap = Bytes{40 * kMebi}, .pids = 3};
  CHECK(change(ground.layout(), ground.group(), before, wider));
  CHECK(change(ground.layout(), ground.group(), wider, tighter));
  REQUIRE(::write(go[1], "x", 1) == 1);
  CHECK(wait_for(*child).code == 2);
  ::close(go[0]);
  ::close(go[1]);
}

TEST_CASE("an empty group of the same name is made anew: no limit of the last run stays") {
  const Playground ground(host_layout());
  if (lacks(ground.layout(), "pids")) {
    return;
  }
  REQUIRE(ground.create({.pids = 2}));
  REQUIRE(ground.create({}));
  const auto child = ground.start(children_possible);
  REQUIRE(child);
  CHECK(wait_for(*child).code == 10);
}

TEST_CASE("limits of a group that is missing are an error") {
  const Playground ground(host_layout());
  const auto status = change(ground.layout(), ground.group(), {}, {.pids = 2});
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kNotFound);
}

}  // namespace
