// One test a row of the vulnerability ledger that a launch can be measured by. A directory of the host, the sentinel,
// stands for what an image or a volume tries to reach: nothing may appear in it, nothing of it may change.

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "kernel/init/launch.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp;
using test::Box;
using test::run;

const std::string& sentinel() {
  static const std::string path = [] {
    std::string directory = test::private_directory() + "/sentinel";
    REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
    REQUIRE(sys::write_file_atomically(directory + "/file", "mine", 0644));
    return directory;
  }();
  return path;
}

void expect_untouched(const std::string& what) {
  INFO(what);
  CHECK(sys::list_directory(sentinel()).value_or({}) == std::vector<std::string>{"file"});
  CHECK(sys::read_file(sentinel() + "/file").value_or("") == "mine");

  struct stat info {};

  REQUIRE(::stat(sentinel().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0755U);
  CHECK(info.st_uid == 0);
  CHECK(sys::read_file("/proc/self/mountinfo").value_or("sentinel").find("/sentinel") == std::string::npos);
}

/// What becomes of a launch on an image in which `place` is `kind`.
test::Outcome launch_on(const std::string& place, const std::string& kind) {
  static int number = 0;
  const std::string root = fmt::format("{}/image-{}", test::private_directory(), ++number);
  const std::string path = root + place;
  REQUIRE(sys::make_directories(path.substr(0, path.rfind('/'))));
  const char* name = path.c_str();
  if (kind == "link") {
    REQUIRE(::symlink(sentinel().c_str(), name) == 0);
  } else if (kind == "climb") {
    REQUIRE(::symlink(("../../../../../../../.." + sentinel()).c_str(), name) == 0);
  } else if (kind == "dangling") {
    REQUIRE(::symlink((sentinel() + "/new").c_str(), name) == 0);
  } else if (kind == "loop") {
    REQUIRE(::symlink(place.c_str(), name) == 0);
  } else if (kind == "fifo") {
    REQUIRE(::mkfifo(name, 0666) == 0);
  } else if (kind == "device") {
    REQUIRE(::mknod(name, S_IFCHR | 0666, makedev(1, 5)) == 0);
  } else if (kind == "file") {
    REQUIRE(sys::write_file_atomically(path, "x"));
  } else {
    REQUIRE(::mkdir(name, 0) == 0);
  }
  Box box("");
  // The image's own tree over the host's: its entries win, the host's shell is still found.
  box.facts.lower.insert(box.facts.lower.begin(), root);
  box.service.entrypoint = std::vector<std::string>{"/bin/true"};
  const std::string hosts = test::private_directory() + "/hosts";
  REQUIRE(sys::write_file_atomically(hosts, "127.0.0.1 localhost\n", 0644));
  box.facts.hosts_file = box.facts.hostname_file = box.facts.resolv_file = hosts;
  box.service.working_dir = "/work/dir";
  return run(box.spec());
}

constexpr int kKindsOfMounts = 5;

/// The volume at /shared, and something below a folder of it that its people exchange for a link meanwhile: a bind, a
/// folder of a volume, a tmpfs, a secret, a volume to be filled.
std::vector<container::ResolvedMount> mounts_in(const std::string& volume, int round) {
  container::ResolvedMount outer;
  outer.mount.type = model::MountType::kBind;
  outer.mount.source = outer.host_path = volume;
  outer.mount.target = "/shared";
  container::ResolvedMount inner = outer;
  inner.mount.target = "/shared/a/sub";
  switch (round % kKindsOfMounts) {
    case 0:
      inner.mount.source = inner.host_path = sentinel();
      break;
    case 1:
      inner.mount.type = model::MountType::kVolume;
      inner.mount.subpath = "a";
      break;
    case 2:
      inner.mount.type = model::MountType::kTmpfs;
      break;
    case 3:
      inner.host_path = test::private_directory() + "/granted/secret";
      break;
    default:
      inner.mount.type = model::MountType::kVolume;
      inner.mount.target = "/shared/a";
  }
  return {outer, inner};
}

bool is_errorless(const test::Outcome& outcome) {
  return outcome.exit_code == 0 && outcome.error.empty();
}

}  // namespace

TEST_CASE(
    "an image full of traps starts or fails in words, and reaches nothing outside (CVE-2019-19921, "
    "CVE-2023-27561, CVE-2025-54867, CVE-2026-41579, CVE-2024-9341, CVE-2026-55686, CVE-2024-45310)") {
  int started = 0;
  for (const char* place : {"/proc", "/sys", "/dev", "/dev/null", "/dev/pts", "/dev/ptmx", "/dev/shm", "/etc/hosts",
                            "/etc/resolv.conf", "/etc/passwd", "/etc/mtab", "/work", "/work/dir"}) {
    for (const char* kind : {"link", "climb", "dangling", "loop", "fifo", "device", "file", "closed"}) {
      const std::string what = fmt::format("{} is a {}", place, kind);
      const auto outcome = launch_on(place, kind);
      INFO(what, ": ", outcome.error);
      started += is_errorless(outcome) ? 1 : 0;
      CHECK((is_errorless(outcome) || (!outcome.error.empty() && outcome.exit_code >= 125)));
      expect_untouched(what);
    }
  }
  CHECK_MESSAGE(started > 50, started);  // else nothing has been tried
}

TEST_CASE("nothing is mounted on or in /proc (CVE-2019-16884, CVE-2025-52881)") {
  for (const char* target : {"/proc", "/proc/self/attr", "/proc/sys", "/usr/../proc/1"}) {
    Box box("true");
    container::ResolvedMount mount;
    mount.mount.type = model::MountType::kBind;
    mount.mount.source = mount.host_path = sentinel();
    mount.mount.target = target;
    box.facts.mounts = {mount};
    const auto spec = container::compile(box.service, box.facts);
    REQUIRE(!spec);
    CHECK(spec.error().message.find("nothing may be mounted on or in /proc") != std::string::npos);
  }
}

TEST_CASE("a volume whose folders are swapped for links meanwhile mounts nothing elsewhere (CVE-2021-30465)") {
  const std::string volume = test::private_directory() + "/shared";
  REQUIRE(sys::make_directories(volume + "/a"));
  REQUIRE(::symlink(sentinel().c_str(), (volume + "/b").c_str()) == 0);
  const pid_t swapper = ::fork();
  REQUIRE(swapper >= 0);
  if (swapper == 0) {
    for (;;) {
      ::syscall(SYS_renameat2, AT_FDCWD, (volume + "/a").c_str(), AT_FDCWD, (volume + "/b").c_str(), RENAME_EXCHANGE);
    }
  }
  constexpr int kRounds = 500;
  for (int i = 0; i < kRounds; ++i) {
    Box box("exit 0");
    box.facts.mounts = mounts_in(volume, i);
    if (i % kKindsOfMounts == 3) {
      box.facts.granted_dir = test::private_directory() + "/granted";
      REQUIRE(sys::make_directories(box.facts.granted_dir));
      box.facts.granted = {{.name = "secret", .content = "secret"}};
    }
    box.service.working_dir = i % 2 == 0 ? "" : "/shared/a/work";
    static_cast<void>(run(box.spec()));
    REQUIRE(sys::list_directory(sentinel()).value_or({}) == std::vector<std::string>{"file"});
  }
  ::kill(swapper, SIGKILL);
  ::waitpid(swapper, nullptr, 0);
  CHECK(sys::read_file("/proc/self/mountinfo").value_or("/shared/").find("/shared/a") == std::string::npos);
  expect_untouched("500 rounds");
}

TEST_CASE("no working directory leads out through a descriptor (CVE-2024-21626)") {
  for (int number = 0; number <= 12; ++number) {
    for (const char* rest : {"", "/../../.."}) {
      Box box("pwd -P");
      box.service.working_dir = fmt::format("/proc/self/fd/{}{}", number, rest);
      const auto outcome = run(box.spec());
      INFO(box.service.working_dir, ": ", outcome.output, outcome.error);
      CHECK((outcome.exit_code != 0 || outcome.output.find('/') == 0));
      CHECK(outcome.output.find("(unreachable)") == std::string::npos);
      CHECK(outcome.output.find("sentinel") == std::string::npos);
    }
  }
}

TEST_CASE(
    "while it waits for its go, init cannot be looked into: not dumpable, nothing of the host open "
    "(CVE-2016-9962, CVE-2024-21626)") {
  const Box box("true");
  test::Launch launch(box.spec());
  launch.await_prepared();
  const std::string proc = fmt::format("/proc/{}", launch.pid());

  struct stat info {};

  REQUIRE(::stat((proc + "/fd").c_str(), &info) == 0);
  CHECK(info.st_uid == 0);
  // The kernel gives the files of a process that is not dumpable to root, and shows none of its memory map to others.
  const std::string status = sys::read_file(proc + "/status").value_or("");
  CHECK(status.find("CoreDumping:\t0") != std::string::npos);
  std::set<std::string> open;
  for (const std::string& number : sys::list_directory(proc + "/fd").value_or({})) {
    char target[256];
    const ssize_t length = ::readlink((proc + "/fd/" + number).c_str(), target, sizeof target);
    open.insert(std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0).substr(0, 6));
  }
  for (const std::string& target : open) {
    CHECK_MESSAGE((target == "socket" || target == "pipe:["), target);
  }
  launch.say_go();
  CHECK(launch.wait() == 0);
}

TEST_CASE("the null device that covers masked files must be the null device (CVE-2025-31133)") {
  Box box("true");
  auto spec = box.spec();
  for (auto& step : spec.steps) {
    if (auto* device = std::get_if<container::step::MakeDevice>(&step);
        device != nullptr && device->path == "/dev/null") {
      device->minor = 5;
    }
  }
  const auto outcome = run(spec);
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.error.find("the container's /dev/null is not the null device") != std::string::npos);
}

TEST_CASE("digits are never looked up as a name, and no number becomes root (CVE-2016-3697, CVE-2026-46680)") {
  for (const char* user : {"4294967296", "2147483648", "-1", "0x0", " 0", "root\n", "1:-1"}) {
    Box box("id -u");
    box.service.user = user;
    const auto outcome = run(box.spec());
    INFO(user, ": ", outcome.output);
    CHECK(outcome.exit_code == 125);
    CHECK(outcome.output.empty());
  }
}

TEST_CASE("cgroups, kernel helpers and raw memory are out of reach of root inside (CVE-2022-0492)") {
  const auto outcome = test::run_script(
      "try() { (eval \"$1\") >/dev/null 2>&1 && echo \"allowed: $1\"; };"
      "mkdir -p /tmp/m; try 'mount -t cgroup -o memory c /tmp/m'; try 'mount -t debugfs d /tmp/m';"
      "try 'mount -t proc p /tmp/m'; try 'mount --bind / /tmp/m'; try 'mount -o remount,rw /sys';"
      // Opening is enough, and harmless where it succeeds.
      "try ': >>/sys/fs/cgroup/release_agent'; try 'mkdir /sys/fs/cgroup/x';"
      "try ': >>/proc/sys/kernel/core_pattern'; try ': >>/proc/sys/kernel/modprobe';"
      "try ': >>/sys/kernel/uevent_helper'; try ': >>/proc/sysrq-trigger'; try ': >>/proc/sys/vm/drop_caches';"
      "try 'unshare -Ur true'; try 'umount /proc/kcore'; try 'umount -l /sys/firmware'; echo end");
  CHECK(outcome.output == "end\n");
}
