#include <unistd.h>

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "net/links_impl.hpp"
#include "net/namespace.hpp"
#include "net/net.hpp"
#include "net/route_messages.hpp"
#include "net/route_socket.hpp"

namespace cmp::net {

namespace {

using Requests = std::vector<Request>;

void add(Requests& requests, Request request) {
  requests.push_back(std::move(request));
}

/// Brings up lo and configures each endpoint, all in one batch; `answers` tell the indexes of the inner ends.
Status configure_inside(int netns_fd, const std::vector<Endpoint>& endpoints, const std::vector<int>& indexes) {
  Requests requests;
  add(requests, set_up("lo"));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const Endpoint& endpoint = endpoints[i];
    add(requests, without_link_local(endpoint.container_device));
    add(requests, new_address(indexes[i], endpoint.container_device, endpoint.address, endpoint.prefix));
    if (!endpoint.address6.empty()) {
      add(requests, new_address6(indexes[i], endpoint.container_device, endpoint.address6, endpoint.prefix6));
    }
    add(requests, set_up(endpoint.container_device));
    if (endpoint.gateway != 0) {
      add(requests, new_default_route(indexes[i], endpoint.gateway));
    }
    if (!endpoint.gateway6.empty()) {
      add(requests, new_default_route6(indexes[i], endpoint.gateway6));
    }
  }
  CMP_TRY(const NamespaceVisit visit, NamespaceVisit::enter(netns_fd));
  CMP_TRY(RouteSocket inside, RouteSocket::open());
  CMP_TRY(const auto answers, inside.transact(requests));
  return {};
}

Status check_device_name(const std::string& name) {
  constexpr std::size_t kLongest = 15;  // IFNAMSIZ - 1
  const auto is_bad = [](char c) { return c == '/' || c == ':' || c <= ' '; };
  if (name.empty() || name.size() > kLongest || name == "." || name == ".." || std::ranges::any_of(name, is_bad)) {
    return make_error(Code::kInvalid, fmt::format("'{}' cannot be the name of a network device", name));
  }
  return {};
}

Status check_endpoint(const Endpoint& endpoint) {
  CMP_CHECK(check_device_name(endpoint.host_device));
  CMP_CHECK(check_device_name(endpoint.container_device));
  if (!endpoint.mac.empty() && !is_mac(endpoint.mac)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not a hardware address", endpoint.mac));
  }
  return {};
}

}  // namespace

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
  if (device.kind != "bridge") {
    return make_error(Code::kConflict, fmt::format("device '{}' exists and is no bridge", bridge.name));
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
  add(configure, new_address(device.index, bridge.name, bridge.gateway, bridge.prefix));
  if (!bridge.gateway6.empty()) {
    add(configure, new_address6(device.index, bridge.name, bridge.gateway6, bridge.prefix6));
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

Result<std::vector<int>> Links::Impl::find_bridges(const std::vector<Endpoint>& endpoints) {
  Requests requests;
  for (const Endpoint& endpoint : endpoints) {
    add(requests, get_device(endpoint.bridge));
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  std::vector<int> indexes;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (answers[i].device.kind != "bridge") {
      return make_error(Code::kNotFound, fmt::format("there is no bridge '{}'", endpoints[i].bridge));
    }
    indexes.push_back(answers[i].device.index);
  }
  return indexes;
}

Result<std::vector<int>> Links::Impl::make_pairs(int netns_fd, const std::vector<Endpoint>& endpoints,
                                                 const std::vector<int>& masters) {
  constexpr std::size_t kRequestsEach = 4;
  Requests requests;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const std::string& name = endpoints[i].host_device;
    add(requests, new_veth(endpoints[i], masters[i], netns_fd));
    add(requests, without_link_local(name));
    add(requests, set_up_port(name, endpoints[i].isolated));
    add(requests, get_device(name));
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  std::vector<int> indexes;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    indexes.push_back(answers[i * kRequestsEach + kRequestsEach - 1].device.link);
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
