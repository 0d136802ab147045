#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "cgroup/cgroup.hpp"
#include "kernel/cgroup/playground.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using namespace cmp::cgroup::test;

int sleep_for_ever() {
  for (;;) {
    ::pause();
  }
}

bool exists_somewhere(const Layout& layout, const std::string& path) {
  return std::ranges::any_of(layout.hierarchies, [&](const Hierarchy& one) {
    return sys::exists(fmt::format("{}{}/{}", one.mount_point, one.base == "/" ? "" : one.base, path));
  });
}

/// Fifty processes that fork again whenever one of them dies.
void check_bomb_dies(const Playground& ground, const model::Limits& limits) {
  REQUIRE(ground.create(limits));
  SharedCounter started;
  const auto child = ground.start([&]() -> int { fork_bomb(started); });
  REQUIRE(child);
  CHECK(started.reaches(50));
  CHECK(kill_all(ground.layout(), ground.group()));
  CHECK(wait_for(*child).signal == SIGKILL);
  CHECK(remove(ground.layout(), ground.group()));
  CHECK(processes(ground.layout(), ground.group())->empty());
  CHECK_FALSE(exists_somewhere(ground.layout(), ground.group().path));
}

TEST_CASE("kill_all ends a fork bomb") {
  const Playground ground(host_layout());
  if (!ground.layout().has("pids")) {
    skip("kill_all ends a fork bomb", "no pids controller to keep the bomb small");
    return;
  }
  check_bomb_dies(ground, {.pids = 50});
}

TEST_CASE("kill_all ends a fork bomb with the freezer of v1") {
  const Playground ground(layout_with([](const Hierarchy& one) { return one.version == Version::kV1; }));
  if (!ground.layout().has("freezer")) {
    skip("kill_all with the freezer", "no v1 freezer here");
    return;
  }
  check_bomb_dies(ground, {.pids = 50});
}

TEST_CASE("kill_all ends a fork bomb without anything but the list of processes") {
  const Playground ground(
      layout_with([](const Hierarchy& one) { return one.version == Version::kV1 && !one.has("freezer"); }));
  if (!ground.layout().has("pids")) {
    skip("kill_all without any help", "no v1 hierarchies here");
    return;
  }
  check_bomb_dies(ground, {.pids = 50});
}

TEST_CASE("processes of the group and of groups below it are listed") {
  const Playground ground(host_layout());
  REQUIRE(ground.create({}));
  const auto child = ground.start(sleep_for_ever);
  REQUIRE(child);
  // v1 is joined by the child itself; until then it is listed in the v2 tree only, or nowhere.
  std::vector<int> seen;
  while (seen.empty()) {
    seen = processes(ground.layout(), ground.group()).value_or({});
  }
  CHECK(seen == std::vector<int>{child->pid});
  CHECK(processes(ground.layout(), {"cmptest-nobody/x"})->empty());
  CHECK(processes(ground.layout(), {ground.group().path.substr(0, ground.group().path.find('/'))}).value() == seen);
  CHECK(usage(ground.layout(), ground.group())->pids == 1);
}

TEST_CASE("a frozen group does nothing until it is thawed") {
  const Playground ground(host_layout());
  REQUIRE(ground.create({}));
  SharedCounter turns;
  const auto child = ground.start([&]() -> int {
    for (;;) {
      turns.add_one();
    }
  });
  REQUIRE(child);
  REQUIRE(turns.reaches(1));
  REQUIRE(freeze(ground.layout(), ground.group(), true));
  const int frozen_at = turns.value();
  for (int i = 0; i < 1000; ++i) {
    ::sched_yield();
  }
  CHECK(turns.value() == frozen_at);
  REQUIRE(freeze(ground.layout(), ground.group(), false));
  CHECK(turns.reaches(frozen_at + 1));
}

TEST_CASE("a frozen group can be killed") {
  const Playground ground(host_layout());
  REQUIRE(ground.create({}));
  SharedCounter turns;
  const auto child = ground.start([&]() -> int {
    turns.add_one();
    return sleep_for_ever();
  });
  REQUIRE(child);
  REQUIRE(turns.reaches(1));
  REQUIRE(freeze(ground.layout(), ground.group(), true));
  CHECK(kill_all(ground.layout(), ground.group()));
  CHECK(wait_for(*child).signal == SIGKILL);
}

TEST_CASE("remove says who is still inside") {
  const Playground ground(host_layout());
  REQUIRE(ground.create({}));
  SharedCounter turns;
  const auto child = ground.start([&]() -> int {
    turns.add_one();
    return sleep_for_ever();
  });
  REQUIRE(child);
  REQUIRE(turns.reaches(1));
  const auto status = remove(ground.layout(), ground.group(), std::chrono::milliseconds(5));
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kConflict);
  CHECK(status.error().message.find(fmt::format("in use by {} (", child->pid)) != std::string::npos);
  CHECK(kill_all(ground.layout(), ground.group()));
  CHECK(remove(ground.layout(), ground.group()));
  CHECK(wait_for(*child).signal == SIGKILL);
}

TEST_CASE("remove leaves neither the group nor its empty parents, but those of others") {
  const Playground ground(host_layout());
  REQUIRE(ground.create({.cpus = 1.0, .pids = 10}));
  const std::string project = ground.group().path.substr(0, ground.group().path.rfind('/'));
  const Group neighbour{project + "/db-1"};
  REQUIRE(create(ground.layout(), neighbour, {}));
  CHECK(remove(ground.layout(), ground.group()));
  CHECK_FALSE(exists_somewhere(ground.layout(), ground.group().path));
  CHECK(exists_somewhere(ground.layout(), neighbour.path));
  CHECK(remove(ground.layout(), neighbour));
  CHECK_FALSE(exists_somewhere(ground.layout(), project.substr(0, project.find('/'))));
  CHECK(remove(ground.layout(), neighbour));
}

TEST_CASE("killing, listing and removing what is missing is success; asking for its usage is not") {
  const Playground ground(host_layout());
  CHECK(kill_all(ground.layout(), ground.group()));
  CHECK(remove(ground.layout(), ground.group()));
  CHECK(usage(ground.layout(), ground.group()).error().code == Code::kNotFound);
  CHECK(freeze(ground.layout(), ground.group(), true).error().code == Code::kNotFound);
}

}  // namespace
