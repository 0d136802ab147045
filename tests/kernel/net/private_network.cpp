#include "kernel/net/private_network.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "net/namespace.hpp"
#include "net/socket_address.hpp"
#include "sys/file.hpp"

namespace cmp::net::testing {

namespace {

[[noreturn]] void skip(const Error& why) {
  std::fprintf(stderr, "skipped: no private network namespace: %s\n", why.message.c_str());
  std::_Exit(77);
}

void must(const Status& status) {
  if (!status) {
    skip(status.error());
  }
}

void become_root_of_own_user_namespace() {
  const auto uid = ::getuid();
  const auto gid = ::getgid();
  if (::unshare(CLONE_NEWUSER) != 0) {
    skip(sys_error("unshare user namespace"));
  }
  must(sys::write_kernel_file("/proc/self/setgroups", "deny"));
  must(sys::write_kernel_file("/proc/self/uid_map", fmt::format("0 {} 1", uid)));
  must(sys::write_kernel_file("/proc/self/gid_map", fmt::format("0 {} 1", gid)));
}

UniqueFd own_namespace() {
  auto fd = sys::open_file("/proc/thread-self/ns/net", O_RDONLY);
  if (!fd) {
    skip(fd.error());
  }
  return std::move(*fd);
}

void new_namespace() {
  if (::unshare(CLONE_NEWNET) != 0) {
    skip(sys_error("unshare network namespace"));
  }
}

}  // namespace

void enter_private_network() {
  if (::geteuid() != 0) {
    become_root_of_own_user_namespace();
  }
  new_namespace();
  auto links = Links::open();
  if (!links) {
    skip(links.error());
  }
  must(links->attach(own_namespace().get(), {}));
}

UniqueFd make_namespace() {
  const UniqueFd own = own_namespace();
  new_namespace();
  UniqueFd made = own_namespace();
  if (::setns(own.get(), CLONE_NEWNET) != 0) {
    std::abort();
  }
  return made;
}

Bridge bridge_of(const std::string& name, unsigned third) {
  return {.name = name, .gateway = 0x0a590001U + (third << 8U), .prefix = 24};
}

Endpoint endpoint_of(const std::string& bridge, unsigned third, unsigned last) {
  return {.host_device = fmt::format("v{}-{}", third, last),
          .container_device = "eth0",
          .bridge = bridge,
          .address = 0x0a590000U + (third << 8U) + last,
          .prefix = 24,
          .gateway = 0x0a590001U + (third << 8U)};
}

int try_connect(int netns, const std::string& address, std::uint16_t port, int timeout_ms) {
  const auto visit = NamespaceVisit::enter(netns);
  const auto fd = open_socket(SOCK_STREAM);
  if (!visit || !fd) {
    return EINVAL;
  }
  if (const auto started = connect_socket(fd->get(), {*parse_ipv4(address), port}); !started) {
    return started.error().os_errno;
  }
  pollfd wait{.fd = fd->get(), .events = POLLOUT};
  if (::poll(&wait, 1, timeout_ms) == 0) {
    return ETIMEDOUT;
  }
  int result = 0;
  socklen_t size = sizeof result;
  ::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &result, &size);
  return result;
}

}  // namespace cmp::net::testing
