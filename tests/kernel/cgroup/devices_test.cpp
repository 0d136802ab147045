// Device rules as a process in the group meets them, by a program and by v1's lists.

#include "cgroup/devices.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include <doctest/doctest.h>

#include "kernel/cgroup/playground.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using model::DeviceRule;

/// errno of an open, 0 if it works.
int open_errno(const char* path, int flags) {
  const int fd = ::open(path, flags | O_CLOEXEC);
  const int err = fd < 0 ? errno : 0;
  ::close(fd);
  return err;
}

const std::vector<DeviceRule> kNullAndMknod = {{'c', {}, {}, "m"}, {'c', 1, 3, "rw"}, {'c', 1, 5, "r"}};

/// What a process in the group sees: 0 if all is as the rules above say, else which check failed.
int probe() {
  const std::string node = fmt::format("/dev/shm/cmptest-{}", ::getpid());
  const bool made = ::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 7)) == 0;
  const int full = open_errno(node.c_str(), O_RDONLY);
  ::unlink(node.c_str());
  const int block_errno = ::mknod(node.c_str(), S_IFBLK | 0600, makedev(7, 0)) == 0 ? 0 : errno;
  ::unlink(node.c_str());
  return !made                                           ? 1
         : full != EPERM                                 ? 2
         : block_errno != EPERM                          ? 3
         : open_errno("/dev/null", O_RDWR) != 0          ? 4
         : open_errno("/dev/zero", O_RDONLY) != 0        ? 5
         : open_errno("/dev/zero", O_RDWR) != EPERM      ? 6
         : open_errno("/dev/urandom", O_RDONLY) != EPERM ? 7
                                                         : 0;
}

void expect_rules_hold(const Layout& layout, const char* name) {
  DeviceControl control;
  if (auto ready = control.prepare(layout, kNullAndMknod); !ready) {
    return test::skip(name, ready.error().message);
  }
  const test::Playground playground(layout);
  REQUIRE(playground.create({}));
  for (int i = 0; i < 2; ++i) {
    const auto applied = control.apply(playground.layout(), playground.group(), kNullAndMknod);
    INFO((applied ? "" : applied.error().str()));
    // Some kernels refuse to have a program twice on one group; that is no way in.
    REQUIRE((applied || i == 1));
  }
  const auto child = playground.start(probe);
  REQUIRE(child);
  CHECK(test::wait_for(*child).code == 0);
}

}  // namespace

TEST_CASE("a program on the v2 group allows what the rules allow and nothing else") {
  const auto layout = test::layout_with([](const Hierarchy& one) { return one.version == Version::kV2; });
  if (layout.hierarchies.empty()) {
    return test::skip("device program", "no v2 tree");
  }
  expect_rules_hold(layout, "device program");
}

TEST_CASE("the lists of the v1 group allow what the rules allow and nothing else") {
  const auto layout = test::layout_with([](const Hierarchy& one) { return one.version == Version::kV1; });
  if (!layout.has("devices")) {
    return test::skip("device lists", "no v1 controller 'devices'");
  }
  expect_rules_hold(layout, "device lists");
}

TEST_CASE("without rules nothing is allowed, and without a back end that is said") {
  const auto layout = test::host_layout();
  DeviceControl control;
  if (!control.prepare(layout, {})) {
    return test::skip("no rules", "this host has no device rules");
  }
  const test::Playground playground(layout);
  REQUIRE(playground.create({}));
  REQUIRE(control.apply(playground.layout(), playground.group(), {}));
  const auto child = playground.start([] { return open_errno("/dev/null", O_RDONLY) == EPERM ? 0 : 1; });
  REQUIRE(child);
  CHECK(test::wait_for(*child).code == 0);
  const auto nothing = DeviceControl().prepare(Layout(), {});
  REQUIRE(!nothing);
  CHECK(nothing.error().message ==
        "this host has no device rules: no cgroup v2 tree; no cgroup v1 controller 'devices'");
}
