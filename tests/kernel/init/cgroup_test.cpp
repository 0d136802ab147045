// A container in cgroups of its own, on cgroup v1.

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "kernel/init/launch.hpp"
#include "sys/file.hpp"

using namespace cmp;

TEST_CASE("on cgroup v1 a container sees its own groups as roots, read-only") {
  const std::vector<std::string> controllers = {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"};
  const std::string name = fmt::format("/cmp-init-test-{}", ::getpid());
  const ScopeExit cleanup([&] {
    for (const std::string& controller : controllers) {
      ::rmdir((controller + name).c_str());
    }
  });
  test::Box box(
      "grep -E ':(memory|pids):' /proc/self/cgroup | sed 's/.*://' | sort -u; ls /sys/fs/cgroup | tr '\\n' ' '; "
      "wc -l < /sys/fs/cgroup/pids/cgroup.procs; mkdir /sys/fs/cgroup/pids/x 2>&1 | grep -c 'Read-only'; "
      "awk '$5~\"^/sys/fs/cgroup\"{print $4,$6}' /proc/self/mountinfo | sort -u");
  for (const std::string& controller : controllers) {
    if (!sys::exists(controller + "/cgroup.procs") || ::mkdir((controller + name).c_str(), 0755) != 0) {
      MESSAGE("skipped: no writable cgroup v1 controller at ", controller);
      return;
    }
    box.facts.cgroup_join_files.push_back(controller + name + "/cgroup.procs");
    box.facts.cgroup_v1_controllers.push_back(controller);
  }
  const auto outcome = test::run(box.spec());
  CHECK(outcome.error == "");
  CHECK(outcome.output == "/\nmemory pids 2\n1\n/ ro,nosuid,nodev,noexec,relatime\n");
}
