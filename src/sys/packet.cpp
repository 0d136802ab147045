#include "sys/packet.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <span>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "sys/ancillary.hpp"

namespace cmp::sys {

namespace {

constexpr std::size_t kLimitBytes = 16U << 10U;

Result<Packet> receive(int fd, std::size_t limit_bytes, int flags) {
  Packet packet{std::string(limit_bytes, '\0'), {}};
  std::vector<UniqueFd> attached;
  CMP_TRY(const std::size_t size, receive_with(fd, packet.text, attached, MSG_TRUNC | flags));
  if (size > limit_bytes) {
    return make_error(Code::kInternal, fmt::format("a message of {} bytes, longer than {}", size, limit_bytes));
  }
  packet.text.resize(size);
  if (!attached.empty()) {
    packet.attached = std::move(attached.front());
  }
  return packet;
}

Result<std::string> text_of(Result<Packet> packet) {
  if (!packet) {
    return std::move(packet).error();
  }
  return std::move(packet->text);
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> packet_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return sys_error("socketpair");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Status send_packet(int fd, std::string_view packet, int attached) {
  const std::span<const int> descriptors(&attached, attached < 0 ? 0 : 1);
  CMP_TRY(const std::size_t sent, send_with(fd, packet, descriptors));
  static_cast<void>(sent);  // a packet goes whole or not at all
  return {};
}

Result<std::string> receive_packet(int fd, std::size_t limit_bytes) {
  return text_of(receive(fd, limit_bytes, 0));
}

Result<std::string> try_receive_packet(int fd, std::size_t limit_bytes) {
  return text_of(receive(fd, limit_bytes, MSG_DONTWAIT));
}

Result<Packet> receive_packet_and_fd(int fd) {
  return receive(fd, kLimitBytes, 0);
}

Result<Packet> try_receive_packet_and_fd(int fd) {
  return receive(fd, kLimitBytes, MSG_DONTWAIT);
}

bool has_packet(int fd) {
  pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, 0) == 1 && (item.revents & (POLLIN | POLLHUP)) != 0;
}

}  // namespace cmp::sys
