#include "rootfs/directories.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

using namespace cmp;

TEST_CASE("a container's directories are made with their modes and removed with everything in them") {
  const test::TempDir temp;
  const rootfs::ContainerDirectories dirs{temp / "c/upper", temp / "c/work", temp / "c/root"};
  ::umask(0077);
  REQUIRE(rootfs::make_container_directories(dirs));
  REQUIRE(rootfs::make_container_directories(dirs));

  struct stat info {};

  REQUIRE(::stat(dirs.upper.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0755);
  REQUIRE(::stat((temp / "c").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0700);
  REQUIRE(::mkdir((dirs.work + "/work").c_str(), 0) == 0);
  REQUIRE(sys::make_directories(dirs.upper + "/a/b"));
  REQUIRE(::chmod((dirs.upper + "/a").c_str(), 0) == 0);
  REQUIRE(rootfs::remove_container_directories(dirs));
  REQUIRE(rootfs::remove_container_directories(dirs));
  CHECK(!sys::exists(dirs.upper));
  CHECK(!sys::exists(dirs.work));
}

TEST_CASE("an immutable file does not keep a container from being removed") {
  const test::TempDir temp;
  const std::string dir = temp / "upper";
  REQUIRE(sys::make_directories(dir + "/sub"));
  REQUIRE(sys::write_file_atomically(dir + "/sub/stone", "x"));
  const auto file = sys::open_file(dir + "/sub/stone", O_RDONLY);
  REQUIRE(file);
  int flags = FS_IMMUTABLE_FL;
  if (::ioctl(file->get(), FS_IOC_SETFLAGS, &flags) != 0) {
    MESSAGE("skipped: this file system or this user has no immutable files");
    return;
  }
  CHECK(!sys::remove_tree(dir));
  CHECK(rootfs::remove_forcibly(dir));
  CHECK(!sys::exists(dir));
}

TEST_CASE("a volume that exists keeps its data") {
  const test::TempDir temp;
  const std::string data = temp / "volumes/db/_data";
  REQUIRE(rootfs::make_volume(data));
  REQUIRE(sys::write_file_atomically(data + "/row", "1"));
  REQUIRE(rootfs::make_volume(data));
  CHECK(*sys::read_file(data + "/row") == "1");
}
