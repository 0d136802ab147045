#include "net/forwarding_watch.hpp"

#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

namespace cmp::net {

namespace {

bool switches_forwarding_on(nlmsghdr* header) {
  std::array<nlattr*, NETCONFA_MAX + 1> attributes{};
  if (header->nlmsg_type != RTM_NEWNETCONF ||
      nlmsg_parse(header, sizeof(netconfmsg), attributes.data(), NETCONFA_MAX, nullptr) < 0) {
    return false;
  }
  return attributes[NETCONFA_FORWARDING] != nullptr && nla_get_u32(attributes[NETCONFA_FORWARDING]) != 0;
}

}  // namespace

void ForwardingWatch::SocketDeleter::operator()(nl_sock* socket) const {
  nl_socket_free(socket);
}

ForwardingWatch::ForwardingWatch(std::unique_ptr<nl_sock, SocketDeleter> socket) : socket_(std::move(socket)) {}

Result<ForwardingWatch> ForwardingWatch::open() {
  std::unique_ptr<nl_sock, SocketDeleter> socket(nl_socket_alloc());
  if (!socket) {
    return sys_error("netlink socket", ENOMEM);
  }
  if (nl_connect(socket.get(), NETLINK_ROUTE) < 0 || nl_socket_add_membership(socket.get(), RTNLGRP_IPV4_NETCONF) < 0 ||
      nl_socket_set_nonblocking(socket.get()) < 0) {
    return sys_error("watch net.ipv4.conf");
  }
  return ForwardingWatch(std::move(socket));
}

int ForwardingWatch::fd() const {
  return nl_socket_get_fd(socket_.get());
}

bool ForwardingWatch::take_news() {
  bool switched_on = false;
  alignas(nlmsghdr) std::array<unsigned char, 8192> buffer{};
  for (;;) {
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == ENOBUFS) {
      switched_on = true;  // news were lost
      continue;
    }
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return switched_on;
    }
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      switched_on = switched_on || switches_forwarding_on(header);
    }
  }
}

}  // namespace cmp::net
