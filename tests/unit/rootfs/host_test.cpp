#include "rootfs/host.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cmp::rootfs;

namespace {

bool has(const std::vector<std::string>& list, const std::string& value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

TEST_CASE("people's places are hidden whatever the host says") {
  const auto paths = hidden_paths({});
  for (const char* path : {"/home", "/lost+found", "/media", "/mnt", "/root", "/run", "/srv", "/tmp", "/var/tmp"}) {
    CHECK_MESSAGE(has(paths.hidden, path), path);
  }
  CHECK(paths.unreachable.empty());
}

TEST_CASE("what lies in the root beside the system is hidden") {
  const auto paths = hidden_paths({.top = {"bin", "data", "etc", "lib64", "usr", "var", "work"}});
  for (const char* path : {"/data", "/work"}) {
    CHECK_MESSAGE(has(paths.hidden, path), path);
  }
  for (const char* path : {"/bin", "/etc", "/lib64", "/usr", "/var"}) {
    CHECK_MESSAGE(!has(paths.hidden, path), path);
  }
}

TEST_CASE("secrets of the host are hidden, what users are looked up in is not") {
  const auto files = secret_files({"ssh_config", "ssh_host_rsa_key", "ssh_host_rsa_key.pub"});
  for (const char* path : {"/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/ssh_host_rsa_key"}) {
    CHECK_MESSAGE(has(files, path), path);
  }
  for (const char* path : {"/etc/passwd", "/etc/group", "/etc/ssh/ssh_config", "/etc/ssh/ssh_host_rsa_key.pub"}) {
    CHECK_MESSAGE(!has(files, path), path);
  }
  CHECK(has(hidden_paths({}).hidden, "/etc/ssl/private"));
}

TEST_CASE("homes of people are hidden, those of system users and system directories are not") {
  const auto paths = hidden_paths({.passwd = "daemon:x:1:1::/usr/sbin:/x\n"
                                             "pg:x:70:70::/var/lib/pg:/x\n"
                                             "ann:x:1000:1000::/work/ann:/bin/sh\n"
                                             "bob:x:1001:1001::/home/bob:/bin/sh\n"
                                             "root2:x:1002:1002::/:/bin/sh\n"
                                             "lib:x:1003:1003::/usr/lib:/bin/sh\n"
                                             "nobody:x:65534:65534::/nonexistent:/x\n"
                                             "short:x:1004\n"});
  CHECK(has(paths.hidden, "/work/ann"));
  for (const char* path : {"/home/bob", "/", "/usr/lib", "/usr/sbin", "/var/lib/pg", "/nonexistent"}) {
    CHECK_MESSAGE(!has(paths.hidden, path), path);
  }
}

TEST_CASE("mount points are hidden, those with programs are reported instead") {
  const auto paths = hidden_paths({.mountinfo = "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
                                                "21 20 0:5 / /proc rw - proc proc rw\n"
                                                "22 20 0:6 / /dev/shm rw - tmpfs t rw\n"
                                                "23 20 8:2 / /data/with\\040blank rw shared:1 - ext4 /dev/sdb rw\n"
                                                "24 20 8:3 / /usr rw - ext4 /dev/sdc rw\n"
                                                "25 20 8:4 / /mnt/disk rw - ext4 /dev/sdd rw\n",
                                   .own_directories = {"/var/lib/cmp", "/run/cmp"}});
  CHECK(has(paths.hidden, "/data/with blank"));
  CHECK(has(paths.hidden, "/var/lib/cmp"));
  for (const char* path : {"/proc", "/dev/shm", "/usr", "/mnt/disk", "/run/cmp", "/"}) {
    CHECK_MESSAGE(!has(paths.hidden, path), path);
  }
  CHECK(paths.unreachable == std::vector<std::string>{"/usr"});
}
