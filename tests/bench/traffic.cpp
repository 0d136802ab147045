// bench_traffic: both ends of what networks.py measures. One thread, blocking sockets, IPv4.
//   sink PORT              answers each connection with the host's name, then reads it to its end
//   push HOST PORT SECONDS writes as fast as it goes; prints bytes a second
//   connect HOST PORT N    opens N connections one after the other; prints connections a second, then how many each
//                          host took
//   ask NAME N             asks 127.0.0.11 for NAME's addresses N times; prints answers a second
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kChunk = 256U << 10U;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in address_of(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    fail(host);
  }
  return address;
}

int connect_to(const sockaddr_in& address, int type) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  return fd;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void sink(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = address_of("0.0.0.0", port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 4096) != 0) {
    fail("listen");
  }
  std::array<char, 64> name{};
  ::gethostname(name.data(), name.size() - 1);
  const int epoll = ::epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::vector<char> buffer(kChunk);
  while (::epoll_wait(epoll, &event, 1, -1) >= 0) {
    if (event.data.fd != listener) {
      if (::read(event.data.fd, buffer.data(), buffer.size()) <= 0) {
        ::close(event.data.fd);
      }
      continue;
    }
    const int fd = ::accept(listener, nullptr, nullptr);
    if (fd >= 0) {
      ::send(fd, name.data(), name.size(), MSG_NOSIGNAL);
      event = {.events = EPOLLIN, .data = {.fd = fd}};
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
  }
  fail("epoll_wait");
}

void push(const sockaddr_in& to, double seconds) {
  const int fd = connect_to(to, SOCK_STREAM);
  const std::vector<char> buffer(kChunk);
  double bytes = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    const ssize_t put = ::send(fd, buffer.data(), buffer.size(), MSG_NOSIGNAL);
    if (put <= 0) {
      fail("send");
    }
    bytes += static_cast<double>(put);
  }
  std::printf("%.0f\n", bytes / seconds_since(start));
}

void connect_often(const sockaddr_in& to, int count) {
  std::map<std::string, int> taken;
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) {
    const int fd = connect_to(to, SOCK_STREAM);
    std::array<char, 64> name{};
    if (::recv(fd, name.data(), name.size(), MSG_WAITALL) <= 0) {
      fail("recv");
    }
    ++taken[name.data()];
    ::close(fd);
  }
  std::printf("%.0f\n", count / seconds_since(start));
  for (const auto& [name, number] : taken) {
    std::printf("%d\n", number);
  }
}

/// RFC 1035 4.1: a question for the A records of the name.
std::string question(const std::string& name) {
  std::string message("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  message += static_cast<char>(name.size());
  return message + name + std::string("\0\0\x01\0\x01", 5);
}

void ask(const std::string& name, int count) {
  const int fd = connect_to(address_of("127.0.0.11", 53), SOCK_DGRAM);
  const std::string message = question(name);
  std::array<char, 512> answer{};
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) {
    if (::send(fd, message.data(), message.size(), 0) < 0 || ::recv(fd, answer.data(), answer.size(), 0) < 12 ||
        answer[7] == 0) {
      fail("no answer");
    }
  }
  std::printf("%.0f\n", count / seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::signal(SIGPIPE, SIG_IGN);
  if (words.size() == 2 && words[0] == "sink") {
    sink(std::atoi(argv[2]));
  } else if (words.size() == 4 && words[0] == "push") {
    push(address_of(argv[2], std::atoi(argv[3])), std::atof(argv[4]));
  } else if (words.size() == 4 && words[0] == "connect") {
    connect_often(address_of(argv[2], std::atoi(argv[3])), std::atoi(argv[4]));
  } else if (words.size() == 3 && words[0] == "ask") {
    ask(words[1], std::atoi(argv[3]));
  } else {
    std::fputs("usage: bench_traffic sink PORT | push HOST PORT SECONDS | connect HOST PORT N | ask NAME N\n", stderr);
    return 2;
  }
  return 0;
}
