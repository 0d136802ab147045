#include "state/paths.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>

namespace {

using cmp::state::Paths;
using cmp::state::Roots;

TEST_CASE("everything of a project lies under its own directories") {
  const Paths paths({"/r", "/s"}, "shop");
  for (const std::string& path :
       {paths.control_socket(), paths.guardian_record(), paths.supervisor_record(),
        paths.container_record("shop-web-1"), paths.container_run_dir("shop-web-1"), paths.network_record("front")}) {
    CAPTURE(path);
    CHECK(path.starts_with("/r/shop/"));
  }
  for (const std::string& path :
       {paths.desired(), paths.container_state_dir("shop-web-1"), paths.log_file("shop-web-1", "out")}) {
    CAPTURE(path);
    CHECK(path.starts_with("/s/projects/shop/"));
  }
  // Volumes outlive the project, and the lock its run directory.
  CHECK(paths.volume_data("shop_data") == "/s/volumes/shop_data/_data");
  CHECK_FALSE(paths.lock().starts_with("/r/shop/"));
}

TEST_CASE("relative directories of the environment are meant from the current directory") {
  ::setenv("CMP_RUN_DIR", "some/./run/", 1);
  ::setenv("CMP_STATE_DIR", "/state//deep/..", 1);
  const Roots roots = cmp::state::roots_from_environment();
  ::unsetenv("CMP_RUN_DIR");
  ::unsetenv("CMP_STATE_DIR");
  CHECK(roots.run == std::filesystem::current_path().string() + "/some/run");
  CHECK(roots.state == "/state");
}

TEST_CASE("device names fit into the kernel's 15 bytes and differ with all they stand for") {
  const Roots one{"/run/cmp", "/var/lib/cmp"};
  const Roots other{"/tmp/run", "/var/lib/cmp"};
  const std::set<std::string> names = {
      cmp::state::bridge_device(one, "shop_front"),
      cmp::state::bridge_device(one, "shop_back"),
      cmp::state::bridge_device(other, "shop_front"),
      cmp::state::veth_device(one, "shop-web-1", "shop_front"),
      cmp::state::veth_device(one, "shop-web-1", "shop_back"),
      cmp::state::veth_device(one, "shop-web-2", "shop_front"),
      cmp::state::veth_device(other, "shop-web-1", "shop_front"),
  };
  CHECK(names.size() == 7);
  for (const std::string& name : names) {
    CHECK(name.size() <= 15);
  }
  CHECK(cmp::state::bridge_device(one, "shop_front") == cmp::state::bridge_device(one, "shop_front"));
}

TEST_CASE("control groups are named plainly for the system's directory and apart for others") {
  CHECK(cmp::state::cgroup_path({"/run/cmp", "/x"}, "shop", "shop-web-1") == "cmp/shop/shop-web-1");
  const std::string other = cmp::state::cgroup_path({"/tmp/run", "/x"}, "shop", "shop-web-1");
  CHECK(other.starts_with("cmp-"));
  CHECK(other.ends_with("/shop/shop-web-1"));
}

TEST_CASE("the environment moves the directories, an empty variable does not") {
  ::setenv("CMP_RUN_DIR", "/elsewhere/run", 1);
  ::setenv("CMP_STATE_DIR", "", 1);
  const Roots roots = cmp::state::roots_from_environment();
  ::unsetenv("CMP_RUN_DIR");
  ::unsetenv("CMP_STATE_DIR");
  CHECK(roots.run == "/elsewhere/run");
  CHECK(roots.state == "/var/lib/cmp");
  CHECK(cmp::state::roots_from_environment().run == "/run/cmp");
}

}  // namespace
