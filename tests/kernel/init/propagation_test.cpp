// Hosts with systemd share every mount: what a container does must not come back.

#include <sys/mount.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "base/scope_exit.hpp"
#include "kernel/init/launch.hpp"
#include "rootfs/directories.hpp"
#include "sys/file.hpp"

using namespace cmp;

TEST_CASE("on a host with shared mounts nothing propagates back, and a slave volume sees later mounts") {
  const std::string data = test::private_directory() + "/slave-data";
  REQUIRE(rootfs::make_volume(data + "/sub"));
  REQUIRE(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) == 0);
  const ScopeExit cleanup([&] {
    ::umount2((data + "/sub").c_str(), MNT_DETACH);
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  });
  const auto before = sys::read_file("/proc/self/mountinfo");
  CHECK(test::run_script("echo plain").output == "plain\n");
  CHECK(*sys::read_file("/proc/self/mountinfo") == *before);

  test::Box box(
      "echo ready; while ! grep -q ' /data/sub ' /proc/self/mountinfo; do sleep 0.05; done; "
      "grep -c shared: /proc/self/mountinfo");
  container::ResolvedMount volume;
  volume.mount.type = model::MountType::kBind;
  volume.mount.target = "/data";
  volume.mount.propagation = "rslave";
  volume.host_path = data;
  box.facts.mounts = {volume};
  test::Launch launch(box.spec());
  launch.await_prepared();
  CHECK(*sys::read_file("/proc/self/mountinfo") == *before);
  launch.say_go();
  CHECK(!launch.next());
  REQUIRE(launch.first_output() == "ready\n");
  REQUIRE(::mount("later", (data + "/sub").c_str(), "tmpfs", 0, nullptr) == 0);
  launch.wait();
  CHECK(launch.output() == "ready\n0\n");
}
