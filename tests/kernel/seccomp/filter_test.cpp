// The kernel takes what is compiled, and behaves as it says. Each check runs in a child of its own, in throw-away
// namespaces: it makes forbidden calls for real.

#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "seccomp/library.hpp"
#include "support/temp_dir.hpp"
#include "sys/privilege.hpp"
#include "sys/process.hpp"

namespace {

using namespace cmp;

seccomp::Filter default_filter() {
  const cmp::test::TempDir dir;
  auto kept =
      seccomp::Library(dir.path()).get(seccomp::default_profile(), seccomp::Entries::kNativeOnly, {"CAP_SYS_CHROOT"});
  REQUIRE(kept);
  return std::move(kept->filter);
}

/// What `call` returns in a child under the filter: 0, or the errno.
template <typename Call>
int errno_under(const seccomp::Filter& filter, Call call) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    const bool ready =
        sys::set_no_new_privs().has_value() && sys::install_seccomp_filter(filter.program, filter.flags).has_value();
    ::_exit(!ready ? 255 : call() < 0 ? errno : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("the kernel takes the default filter, without which nothing else here means anything") {
  CHECK(errno_under(default_filter(), [] { return ::syscall(SYS_getppid); }) == 0);
  CHECK(errno_under({}, [] { return 0; }) != 0);
}

TEST_CASE("forbidden calls give EPERM, new ones ENOSYS") {
  const auto filter = default_filter();
  CHECK(errno_under(filter, [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); }) == EPERM);
  CHECK(errno_under(filter, [] { return ::unshare(CLONE_NEWUSER); }) == EPERM);
  CHECK(errno_under(filter, [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0); }) == EPERM);
  CHECK(errno_under(filter, [] { return ::syscall(SYS_clone3, nullptr, 0); }) == ENOSYS);
  CHECK(errno_under(filter, [] { return ::syscall(1000); }) == ENOSYS);
}

#if defined(__x86_64__)
TEST_CASE("a 32-bit socketcall is not there, in whatever family (CVE-2026-112917)") {
  // getppid by the 32-bit entry: what it does without a filter tells whether this kernel has the entry at all.
  const auto by_int80 = [](long number) {
    long result = number;
    asm volatile("int $0x80" : "+a"(result) : : "memory");
    if (result < 0) {
      errno = static_cast<int>(-result);
      return -1L;
    }
    return result;
  };
  constexpr long kGetppid = 64;
  constexpr long kSocketcall = 102;
  CHECK(errno_under(default_filter(), [&] { return by_int80(kGetppid); }) == ENOSYS);
  CHECK(errno_under(default_filter(), [&] { return by_int80(kSocketcall); }) == ENOSYS);
}
#endif
