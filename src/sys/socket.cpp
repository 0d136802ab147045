#include "sys/socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

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

Result<UniqueFd> connect_at(int type, const std::string& path) {
  CMP_TRY(const Address address, address_of(path));
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
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
  return connect_at(SOCK_STREAM, path);
}

Result<UniqueFd> connect_datagrams(const std::string& path) {
  return connect_at(SOCK_DGRAM, path);
}

}  // namespace cmp::sys
