#include <unistd.h>

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "net/links_impl.hpp"
#include "net/namespace.hpp"
#include "net/net.hpp"
#include "net/route_messages.hpp"
#include "net/route_socket.hpp"
#include "sys/file.hpp"

namespace cmp::net {

namespace {

using Requests = std::vector<Request>;

void add(Requests& requests, Request request) {
  requests.push_back(std::move(request));
}

/// Networks of addresses that are never routed (RFC 3927, RFC 4291).
constexpr int kLinkLocal4 = 16;
constexpr int kLinkLocal6 = 64;

void add_addresses(Requests& requests, const Endpoint& endpoint, int index) {
  const std::string& name = endpoint.container_device;
  if (endpoint.address != 0) {
    add(requests, new_address(index, name, endpoint.address, endpoint.prefix));
  }
  if (!endpoint.address6.empty()) {
    add(requests, new_address6(index, name, endpoint.address6, endpoint.prefix6));
  }
  for (const std::string& text : endpoint.link_local) {
    const auto v4 = parse_ipv4(text);
    add(requests, v4 ? new_address(index, name, *v4, kLinkLocal4) : new_address6(index, name, text, kLinkLocal6));
  }
}

Status write_sysctls(const Endpoint& endpoint) {
  for (const auto& [key, value] : endpoint.sysctls) {
    std::string path = key;
    std::ranges::replace(path, '.', '/');
    CMP_CHECK(sys::write_kernel_file("/proc/sys/" + path, value).context(fmt::format("sysctl '{}'", key)));
  }
  return {};
}

/// Brings up lo and configures each endpoint, all in one batch. Index 0: not known yet, the name tells.
Status configure_inside(int netns_fd, const std::vector<Endpoint>& endpoints, std::vector<int> indexes) {
  CMP_TRY(const NamespaceVisit visit, NamespaceVisit::enter(netns_fd));
  CMP_TRY(RouteSocket inside, RouteSocket::open());
  Requests requests;
  add(requests, set_up("lo"));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const Endpoint& endpoint = endpoints[i];
    if (indexes[i] == 0) {
      Requests find;
      add(find, get_device(endpoint.container_device));
      CMP_TRY(const auto found, inside.transact(find));
      indexes[i] = found.front().device.index;
    }
    add(requests, without_link_local(endpoint.container_device));
    add_addresses(requests, endpoint, indexes[i]);
    add(requests, set_up(endpoint.container_device));
    if (endpoint.gateway != 0) {
      add(requests, new_default_route(indexes[i], endpoint.gateway));
    }
    if (!endpoint.gateway6.empty()) {
      add(requests, new_default_route6(indexes[i], endpoint.gateway6));
    }
  }
  CMP_TRY(const auto answers, inside.transact(requests));
  for (const Endpoint& endpoint : endpoints) {
    CMP_CHECK(write_sysctls(endpoint));
  }
  return {};
}

Status check_device_name(const std::string& name) {
  return is_device_name(name)
             ? Status()
             : make_error(Code::kInvalid, fmt::format("'{}' cannot be the name of a network device", name));
}

bool is_our_bridge(const Device& device) {
  return device.kind == "bridge" && device.group == kBridgeGroup;
}

Status check_endpoint(const Endpoint& endpoint) {
  if (endpoint.kind == EndpointKind::kVeth) {
    CMP_CHECK(check_device_name(endpoint.host_device));
  }
  CMP_CHECK(check_device_name(endpoint.container_device));
  if (!endpoint.mac.empty() && !is_mac(endpoint.mac)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not a hardware address", endpoint.mac));
  }
  return {};
}

}  // namespace

bool is_device_name(std::string_view text) {
  constexpr std::size_t kLongest = 15;  // IFNAMSIZ - 1
  const auto is_bad = [](char c) { return c == '/' || c == ':' || c <= ' '; };
  return !text.empty() && text.size() <= kLongest && text != "." && text != ".." && std::ranges::none_of(text, is_bad);
}

Links::Links(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Links::Links(Links&&) noexcept = default;
Links& Links::operator=(Links&&) noexcept = default;
Links::~Links() = default;

Result<Links> Links::open() {
  CMP_TRY(RouteSocket socket, RouteSocket::open());
  return Links(std::make_unique<Impl>(Impl{std::move(socket)}));
}

Result<Links> Links::open_in(int netns_fd) {
  CMP_TRY(const NamespaceVisit visit, NamespaceVisit::enter(netns_fd));
  return open();
}

Status Links::create_bridge(const Bridge& bridge) {
  CMP_CHECK(check_device_name(bridge.name));
  Requests make;
  add(make, new_bridge(bridge));
  add(make, get_device(bridge.name));
  CMP_TRY(const auto made, impl_->socket.transact(make));
  const Device& device = made[1].device;
  if (!is_our_bridge(device)) {
    return make_error(Code::kConflict, fmt::format("device '{}' exists and is none of ours", bridge.name));
  }
  Requests configure;
  if (made[0].failure == EEXIST) {
    CMP_CHECK(impl_->drop_other_addresses(device, bridge, configure));
  }
  if (bridge.mtu != 0 && device.mtu != static_cast<std::uint32_t>(bridge.mtu)) {
    add(configure, set_mtu(bridge.name, bridge.mtu));
  }
  add(configure, without_link_local(bridge.name));
  add(configure, change_forwarding(bridge.name, bridge.forwarding));
  if (bridge.gateway != 0) {
    add(configure, new_address(device.index, bridge.name, bridge.gateway, bridge.prefix));
  }
  if (!bridge.gateway6.empty()) {
    add(configure, new_address6(device.index, bridge.name, bridge.gateway6, bridge.prefix6));
    // Without one the kernel asks for no neighbour on behalf of what it forwards.
    add(configure, new_address6(device.index, bridge.name, "fe80::1", kLinkLocal6));
  }
  add(configure, set_up(bridge.name));
  CMP_TRY(const auto configured, impl_->socket.transact(configure));
  return {};
}

Status Links::set_forwarding(const std::vector<std::string>& devices, bool on) {
  Requests requests;
  for (const std::string& device : devices) {
    add(requests, change_forwarding(device, on));
    requests.back().tolerated = ENODEV;
  }
  CMP_TRY(const auto answers, impl_->socket.transact(requests));
  return {};
}

Status Links::remove_device(const std::string& name) {
  return remove_devices({name});
}

Status Links::remove_devices(const std::vector<std::string>& names) {
  Requests requests;
  if (names.size() == 1) {
    add(requests, delete_device(names.front()));
  } else if (!names.empty()) {
    // The kernel waits tens of milliseconds for each removal, but only once for all devices of a group. The group is
    // ours alone while we live: nobody else numbers theirs by our pid.
    const auto group = 0xc3000000U | static_cast<std::uint32_t>(::getpid());
    std::ranges::transform(names, std::back_inserter(requests),
                           [&](const auto& name) { return set_group(name, group); });
    add(requests, delete_group(group));
  }
  CMP_TRY(const auto answers, impl_->socket.transact(requests));
  return {};
}

Status Links::attach(int netns_fd, const std::vector<Endpoint>& endpoints) {
  for (const Endpoint& endpoint : endpoints) {
    CMP_CHECK(check_endpoint(endpoint));
  }
  CMP_TRY(const auto masters, impl_->find_bridges(endpoints));
  auto inner = impl_->make_pairs(netns_fd, endpoints, masters);
  if (!inner && inner.error().os_errno == EEXIST) {
    CMP_CHECK(impl_->remove_leftovers(endpoints));
    inner = impl_->make_pairs(netns_fd, endpoints, masters);
  }
  if (!inner) {
    return std::move(inner).error();
  }
  return configure_inside(netns_fd, endpoints, *inner);
}

Result<std::vector<std::string>> Links::foreign_devices(const std::vector<std::string>& names) {
  Requests requests;
  for (const std::string& name : names) {
    add(requests, get_device(name));
  }
  CMP_TRY(const auto answers, impl_->socket.transact(requests));
  std::vector<std::string> foreign;
  for (const Answer& answer : answers) {
    if (answer.device.index != 0 && !is_our_bridge(answer.device)) {
      foreign.push_back(answer.device.name);
    }
  }
  return foreign;
}

Result<std::vector<int>> Links::Impl::find_bridges(const std::vector<Endpoint>& endpoints) {
  Requests requests;
  for (const Endpoint& endpoint : endpoints) {
    add(requests, get_device(endpoint.bridge));
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  std::vector<int> indexes;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const bool veth = endpoints[i].kind == EndpointKind::kVeth;
    if (veth ? answers[i].device.kind != "bridge" : answers[i].device.index == 0) {
      return make_error(Code::kNotFound,
                        fmt::format("there is no {} '{}'", veth ? "bridge" : "device", endpoints[i].bridge));
    }
    indexes.push_back(answers[i].device.index);
  }
  return indexes;
}

Result<std::vector<int>> Links::Impl::make_pairs(int netns_fd, const std::vector<Endpoint>& endpoints,
                                                 const std::vector<int>& masters) {
  Requests requests;
  std::vector<std::size_t> asked(endpoints.size());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const std::string& name = endpoints[i].host_device;
    if (endpoints[i].kind != EndpointKind::kVeth) {
      add(requests, new_shared_device(endpoints[i], masters[i], netns_fd));
      continue;
    }
    add(requests, new_veth(endpoints[i], masters[i], netns_fd));
    add(requests, without_link_local(name));
    add(requests, set_up_port(name, endpoints[i].isolated));
    asked[i] = requests.size();
    add(requests, get_device(name));
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  std::vector<int> indexes;
  for (const std::size_t number : asked) {
    indexes.push_back(number == 0 ? 0 : answers[number].device.link);
  }
  return indexes;
}

Status Links::Impl::remove_leftovers(const std::vector<Endpoint>& endpoints) {
  Requests find;
  for (const Endpoint& endpoint : endpoints) {
    add(find, get_device(endpoint.host_device));
  }
  CMP_TRY(const auto found, socket.transact(find));
  Requests remove;
  for (const Answer& answer : found) {
    if (answer.device.kind == "veth") {
      add(remove, delete_device(answer.device.name));
    }
  }
  CMP_TRY(const auto removed, socket.transact(remove));
  return {};
}

}  // namespace cmp::net
