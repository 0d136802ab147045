#include "sys/packet.hpp"

#include <sys/socket.h>

#include <fmt/core.h>

namespace cmp::sys {

namespace {

Result<std::string> receive(int fd, std::size_t limit_bytes, int flags) {
  std::string packet(limit_bytes, '\0');
  ssize_t got = ::recv(fd, packet.data(), packet.size(), MSG_TRUNC | flags);
  while (got < 0 && errno == EINTR) {
    got = ::recv(fd, packet.data(), packet.size(), MSG_TRUNC | flags);
  }
  if (got < 0) {
    return sys_error("receive");
  }
  if (static_cast<std::size_t>(got) > limit_bytes) {
    return make_error(Code::kInternal, fmt::format("a message of {} bytes, longer than {}", got, limit_bytes));
  }
  packet.resize(static_cast<std::size_t>(got));
  return packet;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> packet_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return sys_error("socketpair");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Status send_packet(int fd, std::string_view packet) {
  while (::send(fd, packet.data(), packet.size(), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      return sys_error("send");
    }
  }
  return {};
}

Result<std::string> receive_packet(int fd, std::size_t limit_bytes) {
  return receive(fd, limit_bytes, 0);
}

Result<std::string> try_receive_packet(int fd, std::size_t limit_bytes) {
  return receive(fd, limit_bytes, MSG_DONTWAIT);
}

}  // namespace cmp::sys
