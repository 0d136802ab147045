#include "engine/mount_checks.hpp"

#include <doctest/doctest.h>

#include "engine/relabel.hpp"

using cmp::engine::mount_label;
using cmp::engine::propagation_at;

TEST_CASE("a path has the propagation of the nearest mount above it") {
  const std::string mountinfo =
      "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
      "23 22 0:20 / /srv rw shared:5 - tmpfs tmpfs rw\n"
      "24 22 0:21 / /srv2 rw shared:6 master:1 - tmpfs tmpfs rw\n"
      "25 22 0:22 / /mnt rw master:7 - tmpfs tmpfs rw\n"
      "26 22 0:23 / /mnt rw - tmpfs tmpfs rw\n";
  CHECK(propagation_at(mountinfo, "/etc").empty());
  CHECK(propagation_at(mountinfo, "/srv") == "shared");
  CHECK(propagation_at(mountinfo, "/srv/a") == "shared");
  CHECK(propagation_at(mountinfo, "/srvx").empty());
  CHECK(propagation_at(mountinfo, "/srv2") == "shared");
  CHECK(propagation_at(mountinfo, "/mnt").empty());  // what is mounted last is on top
}

TEST_CASE("z is for all containers, Z for those of the service's level") {
  cmp::model::Service service;
  service.security_opt = {"label=level:s0:c1,c2"};
  cmp::model::Mount mount;
  CHECK(mount_label(service, mount).empty());
  mount.selinux = "z";
  CHECK(mount_label(service, mount) == "system_u:object_r:container_file_t:s0");
  mount.selinux = "Z";
  CHECK(mount_label(service, mount) == "system_u:object_r:container_file_t:s0:c1,c2");
}
