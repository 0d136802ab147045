// The questions Links answers by dumps of the kernel's tables.

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
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
              if (address && address->index == device.index &&
                  (address->local != wanted.gateway || address->network.prefix != wanted.prefix)) {
                requests.push_back(delete_address(device.index, device.name, address->local, address->network.prefix));
              }
            })
      .context("addresses of the host");
}

}  // namespace cmp::net
