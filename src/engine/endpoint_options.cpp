#include "engine/endpoint_options.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "engine/network_plan.hpp"
#include "net/address6.hpp"
#include "net/net.hpp"

namespace cmp::engine {

namespace {

/// Docker's name for the interface in the keys of its parameters.
constexpr std::string_view kNameInKeys = "IFNAME";

Status add_link_local(const model::Attachment& attachment, state::EndpointRecord& endpoint) {
  constexpr net::Subnet kLinkLocal{0xa9fe0000, 16};
  for (const std::string& text : attachment.link_local_ips) {
    const auto v4 = net::parse_ipv4(text);
    const auto v6 = net::parse_ipv6(text);
    if (!(v4 && net::contains(kLinkLocal, *v4)) && !(v6 && net::contains6("fe80::/10", *v6))) {
      return make_error(Code::kInvalid, fmt::format("link_local_ips: '{}' is no link-local address (169.254.0.0/16, "
                                                    "fe80::/10)",
                                                    text));
    }
    endpoint.link_local.push_back(v4 ? text : *v6);
  }
  return {};
}

/// "net.ipv4.conf.IFNAME.log_martians=1,…": parameters of this interface and of nothing else.
Status add_sysctls(const std::string& list, state::EndpointRecord& endpoint) {
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view setting = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(setting.size() + 1, rest.size()));
    const std::size_t equals = std::min(setting.find('='), setting.size());
    std::string key(setting.substr(0, equals));
    const std::size_t name = key.find("." + std::string(kNameInKeys) + ".");
    if (!key.starts_with("net.") || name == std::string::npos || equals == setting.size() ||
        key.find('/') != std::string::npos) {
      return make_error(Code::kInvalid, fmt::format("com.docker.network.endpoint.sysctls: '{}' is not "
                                                    "net.FAMILY.KIND.IFNAME.KEY=VALUE",
                                                    setting));
    }
    key.replace(name + 1, kNameInKeys.size(), endpoint.container_device);
    endpoint.sysctls[key] = setting.substr(equals + 1);
  }
  return {};
}

/// macvlan and ipvlan: "" is the kernel's first mode.
Status add_mode(const state::NetworkRecord& network, state::EndpointRecord& endpoint) {
  const bool macvlan = network.driver == "macvlan";
  endpoint.driver = network.driver;
  endpoint.parent = network.parent;
  endpoint.mode = network_option(network.options, macvlan ? "macvlan_mode" : "ipvlan_mode");
  const std::string_view known = macvlan ? " bridge private vepa passthru " : " l2 l3 l3s ";
  if (!endpoint.mode.empty() && known.find(" " + endpoint.mode + " ") == std::string_view::npos) {
    return make_error(Code::kInvalid, fmt::format("{} has no mode '{}', its modes are{}", network.driver, endpoint.mode,
                                                  known.substr(0, known.size() - 1)));
  }
  return {};
}

}  // namespace

std::string given_interface_name(const model::Attachment& attachment) {
  return attachment.interface_name.empty()
             ? network_option(attachment.driver_opts, "com.docker.network.endpoint.ifname")
             : attachment.interface_name;
}

Status add_options(const model::Attachment& attachment, const state::NetworkRecord& network, const std::string& name,
                   state::EndpointRecord& endpoint) {
  const std::string given = given_interface_name(attachment);
  endpoint.container_device = given.empty() ? name : given;
  const std::string mtu = network_option(network.options, "com.docker.network.driver.mtu");
  std::from_chars(mtu.data(), mtu.data() + mtu.size(), endpoint.mtu);
  endpoint.isolated =
      !option_flag(network_option(network.options, "com.docker.network.bridge.enable_icc")).value_or(true);
  if (!network.driver.empty()) {
    CMP_CHECK(add_mode(network, endpoint));
  }
  CMP_CHECK(add_link_local(attachment, endpoint));
  return add_sysctls(network_option(attachment.driver_opts, "com.docker.network.endpoint.sysctls"), endpoint);
}

}  // namespace cmp::engine
