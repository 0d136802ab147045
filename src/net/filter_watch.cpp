#include "net/filter_watch.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include <netlink/attr.h>
#include <netlink/msg.h>

namespace cmp::net {

namespace {

bool removes(nlmsghdr* header, const std::string& table, unsigned own_port) {
  std::array<nlattr*, NFTA_TABLE_MAX + 1> attributes{};
  constexpr int kDelete = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_DELTABLE;
  return header->nlmsg_type == kDelete && header->nlmsg_pid != own_port &&
         nlmsg_parse(header, sizeof(nfgenmsg), attributes.data(), NFTA_TABLE_MAX, nullptr) >= 0 &&
         attributes[NFTA_TABLE_NAME] != nullptr && table == nla_get_string(attributes[NFTA_TABLE_NAME]);
}

}  // namespace

Result<FilterWatch> FilterWatch::open() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1U << (NFNLGRP_NFTABLES - 1U);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return sys_error("watch the packet filter");
  }
  return FilterWatch(std::move(socket));
}

bool FilterWatch::take_news(const std::string& table, unsigned own_port) {
  bool removed = false;
  std::vector<unsigned char> buffer(64U << 10U);
  for (;;) {
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == ENOBUFS || errno == EINTR)) {
      removed = removed || errno == ENOBUFS;  // news were lost
      continue;
    }
    if (size <= 0) {
      return removed;
    }
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      removed = removed || removes(header, table, own_port);
    }
  }
}

}  // namespace cmp::net
