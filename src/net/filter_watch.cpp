#include "net/filter_watch.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <netlink/attr.h>
#include <netlink/msg.h>

namespace cmp::net {

namespace {

constexpr std::uint16_t message_type(int kind) {
  return static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | kind);
}

constexpr std::array<std::uint16_t, 5> kChanges = {message_type(NFT_MSG_DELTABLE), message_type(NFT_MSG_NEWCHAIN),
                                                   message_type(NFT_MSG_DELCHAIN), message_type(NFT_MSG_NEWRULE),
                                                   message_type(NFT_MSG_DELRULE)};

/// Tables, chains and rules have their table's name as the same attribute.
std::string table_of(nlmsghdr* header) {
  static_assert(int{NFTA_TABLE_NAME} == int{NFTA_CHAIN_TABLE} && int{NFTA_TABLE_NAME} == int{NFTA_RULE_TABLE});
  const nlattr* name = nlmsg_find_attr(header, sizeof(nfgenmsg), NFTA_TABLE_NAME);
  return name == nullptr ? "" : nla_get_string(name);
}

void take(nlmsghdr* header, const std::string& table, unsigned own_port, FilterNews& news) {
  if (header->nlmsg_pid == own_port || std::ranges::find(kChanges, header->nlmsg_type) == kChanges.end()) {
    return;
  }
  const std::string changed = table_of(header);
  news.removed = news.removed || (header->nlmsg_type == kChanges.front() && changed == table);
  news.others = news.others || !changed.starts_with("cmp-");
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

FilterNews FilterWatch::take_news(const std::string& table, unsigned own_port) {
  FilterNews news;
  std::vector<unsigned char> buffer(64U << 10U);
  for (;;) {
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == ENOBUFS || errno == EINTR)) {
      if (errno == ENOBUFS) {
        news = {.removed = true, .others = true};  // news were lost
      }
      continue;
    }
    if (size <= 0) {
      return news;
    }
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      take(header, table, own_port, news);
    }
  }
}

}  // namespace cmp::net
