#include "bench/floor_links.hpp"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace cmp::bench {

void fail(const std::string& what) {
  std::fprintf(stderr, "floor: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

/// A request under construction. Attributes are padded to four bytes; a nested one is closed with its start.
class LinkSocket::Message {
 public:
  template <typename Header>
  Message(std::uint16_t type, std::uint16_t flags, const Header& header) {
    put(nlmsghdr{.nlmsg_len = 0,
                 .nlmsg_type = type,
                 .nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK)});
    put(header);
  }

  template <typename Value>
  void put(const Value& value) {
    put_bytes(&value, sizeof value);
  }

  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    put(rtattr{.rta_len = static_cast<std::uint16_t>(sizeof(rtattr) + size), .rta_type = type});
    put_bytes(data, size);
  }

  void number(std::uint16_t type, std::uint32_t value) { attribute(type, &value, sizeof value); }

  void text(std::uint16_t type, const std::string& value) { attribute(type, value.c_str(), value.size() + 1); }

  [[nodiscard]] std::size_t open(std::uint16_t type) {
    const std::size_t start = size_;
    put(rtattr{.rta_len = 0, .rta_type = type});
    return start;
  }

  void close(std::size_t start) {
    const auto length = static_cast<std::uint16_t>(size_ - start);
    std::memcpy(&bytes_[start], &length, sizeof length);
  }

  void finish(std::uint32_t sequence) {
    const auto length = static_cast<std::uint32_t>(size_);
    std::memcpy(&bytes_[offsetof(nlmsghdr, nlmsg_len)], &length, sizeof length);
    std::memcpy(&bytes_[offsetof(nlmsghdr, nlmsg_seq)], &sequence, sizeof sequence);
  }

  [[nodiscard]] const char* data() const { return bytes_.data(); }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void put_bytes(const void* data, std::size_t size) {
    std::memcpy(&bytes_[size_], data, size);
    size_ += (size + 3) / 4 * 4;
  }

  std::array<char, 512> bytes_{};
  std::size_t size_ = 0;
};

LinkSocket::LinkSocket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  if (fd_ < 0) {
    fail("netlink socket");
  }
}

LinkSocket::~LinkSocket() {
  ::close(fd_);
}

void LinkSocket::talk(Message& message, const char* what) {
  message.finish(++sequence_);
  std::array<char, 4096> answer{};
  if (::send(fd_, message.data(), message.size(), 0) < 0 || ::recv(fd_, answer.data(), answer.size(), 0) < 0) {
    fail(what);
  }
  int error = 0;
  std::memcpy(&error, &answer[sizeof(nlmsghdr)], sizeof error);
  errno = -error;
  if (error != 0 && errno != ENODEV) {
    fail(what);
  }
}

void LinkSocket::add_bridge(const std::string& name, std::uint32_t group) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{.ifi_flags = IFF_UP, .ifi_change = IFF_UP});
  message.text(IFLA_IFNAME, name);
  message.number(IFLA_GROUP, group);
  const auto info = message.open(IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "bridge");
  message.close(info);
  talk(message, "add bridge");
}

void LinkSocket::add_veth(const std::string& name, unsigned bridge, pid_t pid, std::uint32_t group) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{.ifi_flags = IFF_UP, .ifi_change = IFF_UP});
  message.text(IFLA_IFNAME, name);
  message.number(IFLA_MASTER, bridge);
  message.number(IFLA_GROUP, group);
  const auto info = message.open(IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "veth");
  const auto data = message.open(IFLA_INFO_DATA);
  const auto peer = message.open(VETH_INFO_PEER);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, "eth0");
  message.number(IFLA_NET_NS_PID, static_cast<std::uint32_t>(pid));
  message.close(peer);
  message.close(data);
  message.close(info);
  talk(message, "add veth");
}

void LinkSocket::set_up(const std::string& name) {
  Message message(RTM_NEWLINK, 0, ifinfomsg{.ifi_flags = IFF_UP, .ifi_change = IFF_UP});
  message.text(IFLA_IFNAME, name);
  talk(message, "set link up");
}

void LinkSocket::add_address(const std::string& name, std::uint32_t address, std::uint8_t prefix) {
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
                  ifaddrmsg{.ifa_family = AF_INET,
                            .ifa_prefixlen = prefix,
                            .ifa_flags = 0,
                            .ifa_scope = 0,
                            .ifa_index = ::if_nametoindex(name.c_str())});
  message.number(IFA_LOCAL, htonl(address));
  message.number(IFA_ADDRESS, htonl(address));
  talk(message, "add address");
}

void LinkSocket::remove_group(std::uint32_t group) {
  Message message(RTM_DELLINK, 0, ifinfomsg{});
  message.number(IFLA_GROUP, group);
  talk(message, "remove links");
}

}  // namespace cmp::bench
