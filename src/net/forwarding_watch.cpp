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

/// conf.all stands for net.ipv4.ip_forward; what a new device starts with is told too, and is no news.
bool is_about_all(nlmsghdr* header) {
  std::array<nlattr*, NETCONFA_MAX + 1> attributes{};
  if (header->nlmsg_type != RTM_NEWNETCONF ||
      nlmsg_parse(header, sizeof(netconfmsg), attributes.data(), NETCONFA_MAX, nullptr) < 0) {
    return false;
  }
  return attributes[NETCONFA_FORWARDING] != nullptr && attributes[NETCONFA_IFINDEX] != nullptr &&
         static_cast<int>(nla_get_u32(attributes[NETCONFA_IFINDEX])) == NETCONFA_IFINDEX_ALL;
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
  bool written = false;
  alignas(nlmsghdr) std::array<unsigned char, 8192> buffer{};
  for (;;) {
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == ENOBUFS) {
      written = true;  // news were lost
      continue;
    }
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return written;
    }
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      written = written || is_about_all(header);
    }
  }
}

}  // namespace cmp::net
