#include "sys/socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr std::size_t kMostFds = 16;
constexpr std::size_t kLongestMessage = 65536;

/// sun_path has room for 107 bytes; through /proc/self/fd of its directory every path fits.
struct Address {
  UniqueFd directory;
  sockaddr_un socket{};
};

Result<Address> address_of(const std::string& path) {
  Address address;
  address.socket.sun_family = AF_UNIX;
  const auto slash = path.rfind('/');
  CMP_TRY(address.directory,
          open_file(slash == std::string::npos ? "." : path.substr(0, slash + 1), O_PATH | O_DIRECTORY));
  const std::string name = fmt::format("/proc/self/fd/{}/{}", address.directory.get(),
                                       path.substr(slash == std::string::npos ? 0 : slash + 1));
  if (name.size() >= sizeof address.socket.sun_path) {
    return make_error(Code::kInvalid, fmt::format("socket name '{}' is too long", path));
  }
  std::memcpy(address.socket.sun_path, name.c_str(), name.size() + 1);
  return address;
}

const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address.socket);
}

void take_fds(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

}  // namespace

Result<UniqueFd> listen_at(const std::string& path, unsigned mode) {
  CMP_TRY(const Address address, address_of(path));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) {
    return sys_error("socket");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return sys_error(fmt::format("unlink '{}'", path));
  }
  if (::bind(fd.get(), generic(address), sizeof address.socket) != 0 || ::chmod(path.c_str(), mode) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return sys_error(fmt::format("listen at '{}'", path));
  }
  return fd;
}

Result<UniqueFd> connect_to(const std::string& path) {
  CMP_TRY(const Address address, address_of(path));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) {
    return sys_error("socket");
  }
  while (::connect(fd.get(), generic(address), sizeof address.socket) != 0) {
    if (errno != EINTR) {
      return sys_error(fmt::format("connect to '{}'", path));
    }
  }
  return fd;
}

Status send_message(int socket, std::string_view text, const std::vector<int>& fds) {
  iovec data{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostFds)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    const std::size_t bytes = sizeof(int) * fds.size();
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(header), fds.data(), bytes);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      return sys_error("sendmsg");
    }
  }
  return {};
}

Result<Message> receive_message(int socket, Wait wait) {
  Message received;
  received.text.resize(kLongestMessage);
  iovec data{.iov_base = received.text.data(), .iov_len = received.text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostFds)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait == Wait::kNo ? MSG_DONTWAIT : 0));
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return sys_error("recvmsg");
  }
  received.text.resize(static_cast<std::size_t>(got));
  take_fds(message, received.fds);
  return received;
}

}  // namespace cmp::sys
