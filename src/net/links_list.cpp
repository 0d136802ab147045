// The questions Links answers by dumps of the kernel's tables.

#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "net/links_impl.hpp"
#include "net/net.hpp"
#include "net/route_messages.hpp"

namespace cmp::net {

namespace {

/// A default route, or the halves or quarters some VPNs lay over it, says nothing about which networks are in use.
constexpr int kShortestPrefix = 8;

std::uint32_t read_ipv4(const nlattr* attribute) {
  return ntohl(nla_get_u32(attribute));
}

struct DeviceAddress {
  int index = 0;
  std::uint32_t local = 0;
  Subnet network;  ///< of the peer, on a point-to-point device
};

std::optional<DeviceAddress> read_address(nlmsghdr* header) {
  std::array<nlattr*, IFA_MAX + 1> attributes{};
  const auto* fixed = static_cast<const ifaddrmsg*>(nlmsg_data(header));
  if (header->nlmsg_type != RTM_NEWADDR || fixed->ifa_family != AF_INET ||
      nlmsg_parse(header, sizeof(ifaddrmsg), attributes.data(), IFA_MAX, nullptr) < 0 ||
      attributes[IFA_ADDRESS] == nullptr) {
    return std::nullopt;
  }
  const nlattr* local = attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
  return DeviceAddress{static_cast<int>(fixed->ifa_index), read_ipv4(local),
                       Subnet{read_ipv4(attributes[IFA_ADDRESS]), fixed->ifa_prefixlen}};
}

/// A device of the host as the filter has to know it.
struct HostLink {
  int index = 0;
  std::string name;
  std::uint32_t group = 0;
  bool forwarding = false;
};

bool read_forwarding(nlattr* families) {
  const nlattr* inet = nla_find(static_cast<nlattr*>(nla_data(families)), nla_len(families), AF_INET);
  const nlattr* values =
      inet == nullptr ? nullptr : nla_find(static_cast<nlattr*>(nla_data(inet)), nla_len(inet), IFLA_INET_CONF);
  std::array<std::uint32_t, IPV4_DEVCONF_FORWARDING> settings{};
  if (values == nullptr || nla_len(values) < static_cast<int>(sizeof settings)) {
    return false;
  }
  std::memcpy(settings.data(), nla_data(values), sizeof settings);
  return settings[IPV4_DEVCONF_FORWARDING - 1] != 0;  // settings are numbered from 1
}

std::optional<HostLink> read_host_link(nlmsghdr* header) {
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  const auto* fixed = static_cast<const ifinfomsg*>(nlmsg_data(header));
  if (header->nlmsg_type != RTM_NEWLINK || (fixed->ifi_flags & IFF_LOOPBACK) != 0 ||
      nlmsg_parse(header, sizeof(ifinfomsg), attributes.data(), IFLA_MAX, nullptr) < 0 ||
      attributes[IFLA_IFNAME] == nullptr) {
    return std::nullopt;
  }
  HostLink link{.index = fixed->ifi_index, .name = nla_get_string(attributes[IFLA_IFNAME])};
  link.group = attributes[IFLA_GROUP] == nullptr ? 0 : nla_get_u32(attributes[IFLA_GROUP]);
  link.forwarding = attributes[IFLA_AF_SPEC] != nullptr && read_forwarding(attributes[IFLA_AF_SPEC]);
  return link;
}

std::optional<Subnet> read_route(nlmsghdr* header) {
  std::array<nlattr*, RTA_MAX + 1> attributes{};
  const auto* fixed = static_cast<const rtmsg*>(nlmsg_data(header));
  if (header->nlmsg_type != RTM_NEWROUTE || fixed->rtm_family != AF_INET || fixed->rtm_dst_len < kShortestPrefix ||
      fixed->rtm_type == RTN_BROADCAST || fixed->rtm_type == RTN_MULTICAST ||
      nlmsg_parse(header, sizeof(rtmsg), attributes.data(), RTA_MAX, nullptr) < 0 || attributes[RTA_DST] == nullptr) {
    return std::nullopt;
  }
  return Subnet{read_ipv4(attributes[RTA_DST]), fixed->rtm_dst_len};
}

}  // namespace

Result<std::vector<Subnet>> Links::host_subnets() {
  std::set<Subnet> found;
  const auto keep = [&found](const Subnet& subnet) { found.insert({first_address(subnet), subnet.prefix}); };
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETROUTE),
                      [&](nlmsghdr* header) {
                        if (const auto route = read_route(header)) {
                          keep(*route);
                        }
                      })
                .context("routes of the host"));
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETADDR),
                      [&](nlmsghdr* header) {
                        if (const auto address = read_address(header)) {
                          keep(address->network);
                        }
                      })
                .context("addresses of the host"));
  return std::vector<Subnet>(found.begin(), found.end());
}

Result<std::vector<Uplink>> Links::uplinks() {
  std::set<int> addressed;
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETADDR),
                      [&](nlmsghdr* header) {
                        if (const auto address = read_address(header)) {
                          addressed.insert(address->index);
                        }
                      })
                .context("addresses of the host"));
  std::vector<Uplink> uplinks;
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETLINK),
                      [&](nlmsghdr* header) {
                        const auto link = read_host_link(header);
                        if (link && link->group != kBridgeGroup && addressed.contains(link->index)) {
                          uplinks.push_back({link->name, link->forwarding});
                        }
                      })
                .context("devices of the host"));
  std::ranges::sort(uplinks, {}, &Uplink::name);
  return uplinks;
}

Result<bool> Links::any_bridge() {
  bool any = false;
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETLINK),
                      [&](nlmsghdr* header) {
                        const auto link = read_host_link(header);
                        any = any || (link && link->group == kBridgeGroup);
                      })
                .context("devices of the host"));
  return any;
}

Result<std::vector<std::string>> Links::devices(std::string_view prefix) {
  std::vector<std::string> names;
  CMP_CHECK(impl_->socket
                .dump(dump_request(RTM_GETLINK),
                      [&](nlmsghdr* header) {
                        Device device = read_device(header);
                        if (header->nlmsg_type == RTM_NEWLINK && device.name.starts_with(prefix)) {
                          names.push_back(std::move(device.name));
                        }
                      })
                .context("devices of the host"));
  std::ranges::sort(names);
  return names;
}

Status Links::Impl::drop_other_addresses(const Device& device, const Bridge& wanted, std::vector<Request>& requests) {
  return socket
      .dump(dump_request(RTM_GETADDR),
            [&](nlmsghdr* header) {
              const auto address = read_address(header);
              // One of a service that another project has on this network stays.
              const bool service =
                  address && address->network.prefix == 32 && contains({wanted.gateway, wanted.prefix}, address->local);
              if (address && address->index == device.index && !service &&
                  (address->local != wanted.gateway || address->network.prefix != wanted.prefix)) {
                requests.push_back(delete_address(device.index, device.name, address->local, address->network.prefix));
              }
            })
      .context("addresses of the host");
}

}  // namespace cmp::net
