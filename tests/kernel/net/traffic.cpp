#include "kernel/net/traffic.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace cmp::net::testing {

namespace {

constexpr std::size_t kChunk = 50000;  // no divisor or multiple of a pipe or a page

char pattern_at(std::size_t position) {
  return static_cast<char>(position * 31 + position / 4093);
}

void make_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

template <typename Expected>
ssize_t receive_bytes(int fd, Expected expected_at) {
  make_blocking(fd);
  std::vector<char> chunk(kChunk);
  for (std::size_t received = 0;;) {
    const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
    if (got <= 0) {
      return got < 0 ? -1 : static_cast<ssize_t>(received);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i, ++received) {
      if (chunk[i] != expected_at(received)) {
        return -1;
      }
    }
  }
}

}  // namespace

Peer::Peer(const std::function<int()>& body) : pid_(::fork()) {
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_IGN);
    ::_exit(body());
  }
}

Peer::~Peer() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

int Peer::result() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

UniqueFd accept_one(int listener) {
  pollfd wait{.fd = listener, .events = POLLIN};
  ::poll(&wait, 1, 5000);
  UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    std::abort();
  }
  return fd;
}

UniqueFd connect_local(std::uint16_t port, std::uint32_t ip) {
  auto fd = open_socket(SOCK_STREAM);
  make_blocking(fd->get());
  if (!connect_socket(fd->get(), {ip, port})) {
    std::abort();
  }
  return std::move(*fd);
}

bool send_pattern(int fd, std::size_t count) {
  make_blocking(fd);
  std::vector<char> chunk(kChunk);
  for (std::size_t sent = 0; sent < count;) {
    const std::size_t size = std::min(kChunk, count - sent);
    for (std::size_t i = 0; i < size; ++i) {
      chunk[i] = pattern_at(sent + i);
    }
    const ssize_t put = ::send(fd, chunk.data(), size, MSG_NOSIGNAL);
    if (put < 0) {
      return false;
    }
    sent += static_cast<std::size_t>(put);
  }
  return true;
}

ssize_t receive_pattern(int fd) {
  return receive_bytes(fd, pattern_at);
}

ssize_t receive_zeros(int fd) {
  return receive_bytes(fd, [](std::size_t) { return '\0'; });
}

bool step(Forward& forward, std::chrono::milliseconds timeout) {
  std::vector<pollfd> waits;
  for (const Interest& interest : forward.wanted()) {
    if (interest.events != 0) {
      waits.push_back({.fd = interest.fd, .events = static_cast<short>(interest.events)});
    }
  }
  if (::poll(waits.data(), waits.size(), static_cast<int>(timeout.count())) <= 0) {
    return false;
  }
  for (const pollfd& wait : waits) {
    if (wait.revents != 0) {
      forward.on_ready(wait.fd, static_cast<std::uint32_t>(wait.revents));
    }
  }
  return true;
}

bool run(Forward& forward) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!forward.done() && std::chrono::steady_clock::now() < deadline) {
    step(forward, std::chrono::seconds(1));
  }
  return forward.done();
}

}  // namespace cmp::net::testing
