// tty: true, with a terminal that the caller has made.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "kernel/init/launch.hpp"
#include "sys/packet.hpp"

using namespace cmp;

namespace {

struct Terminal {
  UniqueFd master, slave;

  Terminal() {
    master.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(master);
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    slave.reset(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(slave);
  }
};

/// What a container writes to its terminal, until it is gone.
std::string run_on_terminal(const container::LaunchSpec& spec) {
  Terminal terminal;
  auto pair = sys::packet_pair();
  REQUIRE(pair);
  auto child = sys::clone_process({.flags = test::Launch::kContainer});
  REQUIRE(child);
  if (child->pid == 0) {
    const int slave = terminal.slave.get();
    init::run(spec, {.sync = pair->second.get(), .in = slave, .out = slave, .err = slave}, false);
  }
  terminal.slave.reset();
  std::string text;
  char buffer[512];
  for (ssize_t got = 1; got > 0;) {  // EIO: no slave is open any more
    got = ::read(terminal.master.get(), buffer, sizeof buffer);
    text.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  ::waitpid(child->pid, nullptr, 0);
  return text;
}

}  // namespace

TEST_CASE("with a terminal the service controls it, whether it is PID 1 or below the reaper") {
  for (const bool reaper : {false, true}) {
    test::Box box("test -t 0 && echo yes; echo again > /dev/tty; echo $TERM");
    box.service.tty = true;
    box.service.init = reaper;
    CHECK(run_on_terminal(box.spec()) == "yes\r\nagain\r\nxterm\r\n");
  }
}
