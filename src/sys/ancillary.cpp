#include "sys/ancillary.hpp"

#include <sys/socket.h>

#include <cstring>

namespace cmp::sys {

namespace {

/// Room for the control message of the descriptors, aligned as cmsg(3) wants it.
union Control {
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * kMostAttached)];
};

void attach(msghdr& message, Control& control, std::span<const int> descriptors) {
  if (descriptors.empty()) {
    return;
  }
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
}

void take(msghdr& message, std::vector<UniqueFd>& attached) {
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
    return;
  }
  const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header) + (i * sizeof fd), sizeof fd);
    attached.emplace_back(fd);
  }
}

}  // namespace

Result<std::size_t> send_with(int socket, std::string_view bytes, std::span<const int> attached) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg(2) does not write to it
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  attach(message, control, attached);
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      return static_cast<std::size_t>(sent);
    }
    if (errno != EINTR) {
      return sys_error("send");
    }
  }
}

Result<std::size_t> receive_with(int socket, std::span<char> buffer, std::vector<UniqueFd>& attached, int flags) {
  iovec part{buffer.data(), buffer.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  for (;;) {
    const ssize_t got = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (got >= 0) {
      take(message, attached);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return sys_error("receive");
    }
  }
}

}  // namespace cmp::sys
