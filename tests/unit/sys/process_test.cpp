#include "sys/process.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "sys/namespaces.hpp"

namespace {

namespace sys = cmp::sys;

/// A child that runs `body` and exits with what it gives back.
template <typename Body>
sys::Child child(Body body) {
  auto made = sys::clone_process({});
  REQUIRE(made);
  if (made->pid == 0) {
    ::_exit(body());
  }
  return std::move(*made);
}

int wait_forever() {
  return ::pause();
}

sys::ExitStatus reap(const sys::Child& process) {
  int status = 0;
  REQUIRE(::waitpid(process.pid, &status, 0) == process.pid);
  return sys::decode_wait_status(status);
}

TEST_CASE("signals are known by name, short name, any case and number") {
  struct Case {
    const char* text;
    int number;
  };

  for (const Case& c : {Case{"SIGTERM", SIGTERM}, Case{"TERM", SIGTERM}, Case{"term", SIGTERM},
                        Case{"sigterm", SIGTERM}, Case{"15", 15}, Case{"SIGQUIT", SIGQUIT}, Case{"USR1", SIGUSR1},
                        Case{"SIGWINCH", SIGWINCH}, Case{"IOT", SIGABRT}, Case{"CLD", SIGCHLD}, Case{"RTMIN", 34},
                        Case{"SIGRTMIN+3", 37}, Case{"RTMAX", 64}, Case{"RTMAX-1", 63}, Case{"64", 64}, Case{"1", 1}}) {
    CAPTURE(c.text);
    CHECK(sys::parse_signal(c.text).value() == c.number);
  }
}

TEST_CASE("what is no signal is refused with the user's word") {
  for (const char* text :
       {"", "0", "65", "-1", "SIG", "SIGNAL", "TERMM", "RTMIN+31", "RTMIN-1", "RTMAX+1", "15x", "1 5"}) {
    CAPTURE(text);
    const auto parsed = sys::parse_signal(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.find(std::string("'") + text + "'") != std::string::npos);
  }
}

TEST_CASE("every signal's name is parsed back to its number") {
  for (int number = 1; number <= 64; ++number) {
    if (number == 32 || number == 33) {
      continue;  // glibc's own
    }
    CAPTURE(number);
    CHECK(sys::parse_signal(sys::signal_name(number)).value() == number);
  }
}

TEST_CASE("a pid with its start time names one process for good") {
  const auto process = child(wait_forever);
  const auto ticks = sys::start_ticks(process.pid);
  REQUIRE(ticks);
  CHECK(sys::open_same_process({process.pid, *ticks}).has_value());
  CHECK_FALSE(sys::open_same_process({process.pid, *ticks + 1}).has_value());
  REQUIRE(sys::send_signal(process.pidfd.get(), SIGKILL));
  reap(process);
  CHECK_FALSE(sys::start_ticks(process.pid).has_value());
  CHECK_FALSE(sys::open_same_process({process.pid, *ticks}).has_value());
  CHECK_FALSE(sys::open_same_process({0, 0}).has_value());
}

TEST_CASE("the start time is found behind an awkward command name") {
  // A name of blanks and parentheses must not move the fields of /proc/PID/stat that follow it.
  const auto plain = sys::start_ticks(::getpid());
  const auto process = child([&] {
    const auto before = sys::start_ticks(::getpid());
    ::prctl(PR_SET_NAME, "x) R 1 (y");
    return sys::start_ticks(::getpid()) == before ? 0 : 1;
  });
  CHECK(reap(process).code == 0);
  CHECK(plain.has_value());
}

TEST_CASE("an exit is seen before and after reaping") {
  const auto process = child([] { return 42; });
  pollfd item{.fd = process.pidfd.get(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&item, 1, 5000) == 1);
  CHECK(sys::has_exited(process.pidfd.get()));
  CHECK(reap(process).code == 42);
  CHECK(sys::has_exited(process.pidfd.get()));
  if (const auto late = sys::exit_status_of_reaped(process.pidfd.get())) {
    CHECK(late->code == 42);
  } else {
    MESSAGE("skipped: this kernel keeps no exit status for a pidfd (Linux 6.15 does)");
  }
}

TEST_CASE("a living process has not exited and has no exit status") {
  const auto process = child(wait_forever);
  CHECK_FALSE(sys::has_exited(process.pidfd.get()));
  CHECK_FALSE(sys::exit_status_of_reaped(process.pidfd.get()).has_value());
  REQUIRE(sys::send_signal(process.pidfd.get(), SIGTERM));
  const auto status = reap(process);
  CHECK(status.signal == SIGTERM);
  CHECK(status.code == 128 + SIGTERM);
}

TEST_CASE("a process that is not first in its namespace gets what it does not ignore") {
  const sys::Child one = child([] {
    std::signal(SIGUSR1, SIG_IGN);
    return ::raise(SIGSTOP);
  });
  int status = 0;
  REQUIRE(::waitpid(one.pid, &status, WUNTRACED) == one.pid);
  CHECK(sys::signal_arrives(one.pid, SIGTERM));
  CHECK_FALSE(sys::signal_arrives(one.pid, SIGUSR1));
  CHECK_FALSE(sys::handles_signal(one.pid, SIGTERM));
  REQUIRE(sys::send_signal(one.pidfd.get(), SIGKILL));
  ::waitpid(one.pid, &status, 0);
}

TEST_CASE("a namespace is opened of one process only, and not of one that took its pid") {
  const sys::ProcessId self{::getpid(), sys::start_ticks(::getpid()).value_or(0)};
  CHECK(sys::open_namespace_of(self, "net"));
  const auto other = sys::open_namespace_of({self.pid, self.start_ticks + 1}, "net");
  REQUIRE_FALSE(other);
  CHECK(other.error().code == cmp::Code::kNotFound);
  CHECK_FALSE(sys::open_namespace_of({}, "net"));
}

TEST_CASE("a signal to a process that is gone is no error") {
  const auto process = child([] { return 0; });
  reap(process);
  CHECK(sys::send_signal(process.pidfd.get(), SIGTERM));
}

TEST_CASE("a child starts with default signal handlers") {
  const auto before = std::signal(SIGUSR1, [](int) {});
  const auto process = child(wait_forever);
  std::signal(SIGUSR1, before);
  REQUIRE(sys::send_signal(process.pidfd.get(), SIGUSR1));
  CHECK(reap(process).signal == SIGUSR1);
}

}  // namespace
