#include "sys/mount_table.hpp"

#include <doctest/doctest.h>

using cmp::sys::MountEntry;
using cmp::sys::parse_mount_table;

TEST_CASE("mount table: what the kernel lists is taken apart") {
  const auto table = parse_mount_table(
      "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
      "23 27 0:22 /part /srv/a\\040b\\134c ro shared:5 master:3 - ext4 /dev/vda rw,quota\n"
      "24 27 0:22 / /slave rw master:3 propagate_from:2 - tmpfs none rw\n");
  REQUIRE(table.size() == 3);
  CHECK(table[0] == MountEntry{"/", "/proc", "", "proc", "rw"});
  CHECK(table[1] == MountEntry{"/part", "/srv/a b\\c", "shared", "ext4", "rw,quota"});
  CHECK(table[2] == MountEntry{"/", "/slave", "slave", "tmpfs", "rw"});
}

TEST_CASE("mount table: what is no line of it is left out") {
  CHECK(parse_mount_table("").empty());
  CHECK(parse_mount_table("\n\nno line of it\n22 27 0:21 / /proc rw\n22 27 0:21 / /proc rw - proc\n").empty());
  CHECK(parse_mount_table("22 27 0:21 / /a\\04 rw - proc proc rw").front().point == "/a\\04");
}
