#include "rootfs/volume_options.hpp"

#include <sys/mount.h>

#include <doctest/doctest.h>

#include "rootfs/trash.hpp"

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace)

std::string refused(const std::map<std::string, std::string>& options) {
  const auto parsed = rootfs::parse_volume_options(options);
  return parsed ? "no error" : parsed.error().message;
}

rootfs::Trashed trashed(const char* name, int hours_ago, std::uint64_t bytes) {
  rootfs::Trashed one;
  one.id = name;
  one.removed_at = WallTime(std::chrono::hours(1000 - hours_ago));
  one.bytes = bytes;
  return one;
}

std::string expired(const std::vector<rootfs::Trashed>& trash, std::uint64_t limit) {
  std::string out;
  for (const rootfs::Trashed& one : rootfs::find_expired(trash, WallTime(std::chrono::hours(1000)), limit)) {
    out += one.id;
  }
  return out;
}

}  // namespace

TEST_CASE("driver_opts are what mount(8) would be told") {
  const auto nfs =
      rootfs::parse_volume_options({{"type", "nfs"}, {"device", ":/export"}, {"o", "addr=192.0.2.1,ro,vers=4"}});
  REQUIRE(nfs);
  CHECK(nfs->data == "addr=192.0.2.1,vers=4");
  CHECK(nfs->flags == MS_RDONLY);
  const auto bind = rootfs::parse_volume_options({{"type", "none"}, {"device", "/srv"}, {"o", "bind,nosuid"}});
  REQUIRE(bind);
  CHECK((bind->bind && bind->type.empty() && bind->flags == (MS_BIND | MS_NOSUID)));
  const auto loop = rootfs::parse_volume_options({{"type", "ext4"}, {"device", "/disk.img"}, {"o", "loop,rw"}});
  REQUIRE(loop);
  CHECK((loop->loop && loop->data.empty() && loop->flags == 0));
}

TEST_CASE("driver_opts that say too little or too much are refused in Docker's words") {
  CHECK(refused({{"devise", "x"}}) == "invalid option: \"devise\" (did you mean 'device'?)");
  CHECK(refused({{"type", "ext4"}}) == "missing required option: \"device\"");
  CHECK(refused({{"device", "/dev/sda"}}) == "missing required option: \"type\"");
  CHECK(refused({{"type", "none"}, {"device", "/x"}}) == "type \"none\" needs o: bind");
  CHECK(refused({{"size", "1g"}}).starts_with("option \"size\" is a quota"));
}

TEST_CASE("the trash keeps a day, and as much as fits, the newest first") {
  CHECK(expired({trashed("a", 25, 1), trashed("b", 23, 1)}, 100) == "a");
  CHECK(expired({trashed("a", 3, 60), trashed("b", 2, 30), trashed("c", 1, 20)}, 100) == "a");
  CHECK(expired({trashed("a", 3, 60), trashed("b", 2, 30), trashed("c", 1, 200)}, 100) == "abc");
  CHECK(expired({trashed("a", 3, 60)}, 0) == "a");
  CHECK(expired({}, 0).empty());
}
