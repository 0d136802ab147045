#include "engine/network_checks.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "container/blame.hpp"
#include "engine/endpoint_options.hpp"
#include "engine/network_plan.hpp"
#include "net/address6.hpp"

namespace cmp::engine {

namespace {

bool is_six(const std::string& text) {
  return text.find(':') != std::string::npos;
}

bool in_subnet6(const std::string& subnet, const std::string& address) {
  const auto parsed = net::parse_ipv6(address);
  return parsed && net::contains6(subnet, *parsed);
}

/// An address that something can have: neither the network's own nor its broadcast address.
bool in_subnet4(const net::Subnet& subnet, const std::string& address) {
  const auto parsed = net::parse_ipv4(address);
  const bool two = subnet.prefix >= 31;  // RFC 3021
  return parsed && net::contains(subnet, *parsed) &&
         (two || (*parsed != net::first_address(subnet) && *parsed != net::last_address(subnet)));
}

class NetworkCheck {
 public:
  NetworkCheck(const model::Network& network, std::vector<Error>& errors) : network_(network), errors_(errors) {}

  void run() {
    if (!network_.enable_ipv4 && !network_.enable_ipv6) {
      refuse("enable_ipv4 is false: set enable_ipv6 to true, it has no addresses otherwise", network_.where);
    }
    for (const model::IpamPool& pool : network_.ipam) {
      check_pool(pool);
    }
    for (const auto& [option, value] : network_.driver_opts) {
      check_option(option, value);
    }
  }

 private:
  void refuse(const std::string& what, const SourcePos& where) {
    errors_.push_back(make_error(Code::kInvalid, fmt::format("network '{}': {}", network_.key, what)).at(where));
  }

  void check_pool(const model::IpamPool& pool) {
    if (pool.subnet.empty()) {
      if (!pool.gateway.empty() || !pool.ip_range.empty() || !pool.aux_addresses.empty()) {
        refuse("a gateway, ip_range or aux_addresses needs the subnet it is in", pool.where);
      }
      return;
    }
    is_six(pool.subnet) ? check_pool6(pool) : check_pool4(pool);
  }

  void check_pool4(const model::IpamPool& pool) {
    const auto subnet = net::parse_subnet(pool.subnet);
    if (!subnet) {
      return refuse(subnet.error().message, pool.where);
    }
    if (!pool.ip_range.empty()) {
      const auto range = net::parse_subnet(pool.ip_range);
      if (!range) {
        refuse("ip_range: " + range.error().message, pool.where);
      } else if (range->prefix < subnet->prefix || !net::contains(*subnet, range->address)) {
        refuse(fmt::format("ip_range {} is no part of {}", pool.ip_range, pool.subnet), pool.where);
      }
    }
    check_addresses(pool, [&](const std::string& address) { return in_subnet4(*subnet, address); });
  }

  void check_pool6(const model::IpamPool& pool) {
    const auto subnet = net::parse_subnet6(pool.subnet);
    if (!subnet) {
      return refuse(subnet.error().message, pool.where);
    }
    if (!pool.ip_range.empty()) {
      const auto range = net::parse_subnet6(pool.ip_range);
      if (!range) {
        refuse("ip_range: " + range.error().message, pool.where);
      } else if (net::prefix_of6(*range) < net::prefix_of6(*subnet) ||
                 !net::contains6(*subnet, range->substr(0, range->find('/')))) {
        refuse(fmt::format("ip_range {} is no part of {}", pool.ip_range, pool.subnet), pool.where);
      }
    }
    check_addresses(pool, [&](const std::string& address) { return in_subnet6(*subnet, address); });
  }

  template <typename IsIn>
  void check_addresses(const model::IpamPool& pool, IsIn is_in) {
    if (!pool.gateway.empty() && !is_in(pool.gateway)) {
      refuse(fmt::format("gateway '{}' is not an address of {}", pool.gateway, pool.subnet), pool.where);
    }
    for (const auto& [name, address] : pool.aux_addresses) {
      if (!is_in(address)) {
        refuse(fmt::format("aux_addresses: {}: '{}' is not an address of {}", name, address, pool.subnet), pool.where);
      }
    }
  }

  void check_option(const std::string& option, const std::string& value) {
    const std::string wanted = wanted_value(option, value);
    if (!wanted.empty()) {
      refuse(fmt::format("driver_opts: {} is {}, not '{}'", option, wanted, value), network_.where);
    }
  }

  /// What the option wants to be; "" if the value is that.
  static std::string wanted_value(const std::string& option, const std::string& value) {
    constexpr std::string_view kModes = " nat nat-unprotected routed ";
    constexpr int kSmallestMtu = 68;  // RFC 791; IPv6 needs 1280
    constexpr int kLargestMtu = 65535;
    if (option.ends_with(".enable_icc") || option.ends_with(".enable_ip_masquerade")) {
      return option_flag(value) ? "" : "true or false";
    }
    if (option.ends_with(".driver.mtu")) {
      int mtu = 0;
      const char* const end = value.data() + value.size();
      const bool number = std::from_chars(value.data(), end, mtu).ptr == end;
      return number && mtu >= kSmallestMtu && mtu <= kLargestMtu ? ""
                                                                 : fmt::format("{} to {}", kSmallestMtu, kLargestMtu);
    }
    if (option.ends_with(".host_binding_ipv4")) {
      return net::parse_ipv4(value) ? "" : "an IPv4 address of this host";
    }
    if (option.ends_with(".gateway_mode_ipv4") || option.ends_with(".gateway_mode_ipv6")) {
      return kModes.find(fmt::format(" {} ", value)) != std::string_view::npos ? "" : "nat, nat-unprotected or routed";
    }
    if (option.ends_with(".bridge.name")) {
      return net::is_device_name(value) ? ""
                                        : "the name of a device, at most 15 characters without blanks, '/' and ':'";
    }
    return "";
  }

  const model::Network& network_;
  std::vector<Error>& errors_;
};

bool overlap(const std::string& a, const std::string& b) {
  if (is_six(a) != is_six(b)) {
    return false;
  }
  if (!is_six(a)) {
    const auto first = net::parse_subnet(a);
    const auto second = net::parse_subnet(b);
    return first && second && net::overlaps(*first, *second);
  }
  const auto first = net::parse_subnet6(a);
  const auto second = net::parse_subnet6(b);
  const auto start = [](const std::string& subnet) { return subnet.substr(0, subnet.find('/')); };
  return first && second && (net::contains6(*first, start(*second)) || net::contains6(*second, start(*first)));
}

/// Two networks that exclude each other.
void check_pair(const model::Network& network, const model::Network& other, std::vector<Error>& errors) {
  const auto bridge_of = [](const model::Network& of) {
    return network_option(of.driver_opts, "com.docker.network.bridge.name");
  };
  if (!bridge_of(network).empty() && bridge_of(network) == bridge_of(other)) {
    errors.push_back(
        make_error(Code::kConflict, fmt::format("network '{}': bridge '{}' is that of network '{}' already",
                                                network.key, bridge_of(network), other.key))
            .at(network.where));
  }
  for (const model::IpamPool& pool : network.ipam) {
    for (const model::IpamPool& taken : other.ipam) {
      if (overlap(pool.subnet, taken.subnet)) {
        errors.push_back(make_error(Code::kConflict, fmt::format("network '{}': subnet {} overlaps {} of network '{}'",
                                                                 network.key, pool.subnet, taken.subnet, other.key))
                             .at(pool.where));
      }
    }
  }
}

class AttachmentCheck {
 public:
  AttachmentCheck(const model::Project& project, const model::Service& service, std::vector<Error>& errors)
      : project_(project), service_(service), errors_(errors) {}

  void run() {
    if (service_.scale > 1 && !service_.mac_address.empty()) {
      for_one_only("mac_address", service_.mac_address, container::position(service_, "mac_address"));
    }
    for (const auto& [key, attachment] : service_.networks) {
      check(key, attachment);
    }
  }

 private:
  void refuse(const std::string& what, const SourcePos& where) {
    errors_.push_back(make_error(Code::kInvalid, fmt::format("service '{}': {}", service_.name, what)).at(where));
  }

  void for_one_only(const char* key, const std::string& value, const SourcePos& where) {
    refuse(fmt::format("{} {} is for one container, and {} are asked for", key, value, service_.scale), where);
  }

  void check(const std::string& key, const model::Attachment& attachment) {
    const auto network = project_.networks.find(key);
    const bool ours = network != project_.networks.end() && !network->second.external;
    if (service_.scale > 1) {
      for (const auto& [name, value] :
           {std::pair("ipv4_address", attachment.ipv4_address), std::pair("ipv6_address", attachment.ipv6_address),
            std::pair("mac_address", attachment.mac_address)}) {
        if (!value.empty()) {
          for_one_only(name, value, attachment.where);
        }
      }
    }
    if (ours && !attachment.ipv4_address.empty() && !network->second.enable_ipv4) {
      refuse(fmt::format("ipv4_address {}: network '{}' has no IPv4 (enable_ipv4)", attachment.ipv4_address, key),
             attachment.where);
    }
    if (ours && !attachment.ipv6_address.empty() && !network->second.enable_ipv6) {
      refuse(fmt::format("ipv6_address {}: network '{}' has no IPv6 (enable_ipv6: true)", attachment.ipv6_address, key),
             attachment.where);
    }
    check_interface(given_interface_name(attachment), attachment.where);
  }

  void check_interface(const std::string& name, const SourcePos& where) {
    if (name.empty()) {
      return;
    }
    if (name == "lo" || !net::is_device_name(name)) {
      refuse(fmt::format("interface_name '{}': a network device cannot be called so", name), where);
    } else if (!names_.insert(name).second) {
      refuse(fmt::format("interface_name '{}' is given to two of its interfaces", name), where);
    }
  }

  const model::Project& project_;
  const model::Service& service_;
  std::vector<Error>& errors_;
  std::set<std::string> names_;
};

/// An address of hardware that two interfaces on one network have makes both lose what is sent to them.
void check_macs(const model::Project& project, std::vector<Error>& errors) {
  std::map<std::pair<std::string, std::string>, std::string> owners;
  for (const auto& [name, service] : project.services) {
    for (const auto& [key, attachment] : service.networks) {
      if (attachment.mac_address.empty()) {
        continue;
      }
      const auto [owner, fresh] = owners.emplace(std::pair(key, attachment.mac_address), name);
      if (!fresh) {
        errors.push_back(make_error(Code::kConflict,
                                    fmt::format("service '{}': mac_address {} is that of service '{}' on network '{}'",
                                                name, attachment.mac_address, owner->second, key))
                             .at(attachment.where));
      }
    }
  }
}

}  // namespace

std::vector<Error> network_errors(const model::Project& project) {
  std::vector<Error> errors;
  std::vector<const model::Network*> seen;
  for (const auto& [key, network] : project.networks) {
    if (network.external) {
      continue;
    }
    NetworkCheck(network, errors).run();
    for (const model::Network* other : seen) {
      check_pair(network, *other, errors);
    }
    seen.push_back(&network);
  }
  for (const auto& [name, service] : project.services) {
    AttachmentCheck(project, service, errors).run();
  }
  check_macs(project, errors);
  return errors;
}

}  // namespace cmp::engine
