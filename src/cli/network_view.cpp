#include "cli/network_view.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "engine/firewall.hpp"
#include "net/filter_text.hpp"

namespace cmp::cli {

namespace {

NetworkView view_of(const state::NetworkRecord& record) {
  NetworkView view;
  view.name = record.name;
  view.project = record.project;
  view.driver = record.driver.empty() ? "bridge" : record.driver;
  view.device = record.driver.empty() ? record.bridge : record.parent;
  view.internal = record.internal;
  view.options = record.options;
  view.labels = record.labels;
  for (const std::string& subnet : {record.subnet, record.subnet6}) {
    if (!subnet.empty()) {
      view.subnets.push_back(subnet);
    }
  }
  for (const std::string& gateway : {record.gateway, record.gateway6}) {
    if (!gateway.empty()) {
      view.gateways.push_back(gateway);
    }
  }
  return view;
}

MemberView member_of(const state::ContainerRecord& container, const state::EndpointRecord& endpoint) {
  MemberView member{
      .container = container.name,
      .service = container.service,
      .device = endpoint.container_device,
      .host_device = endpoint.host_device,
      .addresses = {},
      .service_address = endpoint.virtual_address.empty() ? endpoint.virtual_address6 : endpoint.virtual_address};
  if (!endpoint.address.empty()) {
    member.addresses.push_back(fmt::format("{}/{}", endpoint.address, endpoint.prefix));
  }
  if (!endpoint.address6.empty()) {
    member.addresses.push_back(fmt::format("{}/{}", endpoint.address6, endpoint.prefix6));
  }
  return member;
}

using Views = std::map<std::string, NetworkView>;

void add_members(Views& views, const std::vector<state::ContainerRecord>& containers) {
  for (const state::ContainerRecord& container : containers) {
    for (const state::EndpointRecord& endpoint : container.endpoints) {
      if (const auto view = views.find(endpoint.network_name); view != views.end()) {
        view->second.members.push_back(member_of(container, endpoint));
      }
    }
  }
}

std::vector<PortView> ports_of(const std::vector<state::ContainerRecord>& containers) {
  std::map<std::string, PortView> ports;
  for (const state::ContainerRecord& container : containers) {
    for (const state::PublishedPort& port : container.ports) {
      const bool six = port.host_ip.find(':') != std::string::npos;
      const std::string address = port.host_ip.empty() ? "0.0.0.0" : port.host_ip;
      const std::string host =
          fmt::format("{}{}{}:{}/{}", six ? "[" : "", address, six ? "]" : "", port.host_port, port.protocol);
      ports[host].host = host;
      ports[host].targets.push_back(fmt::format("{}:{}", container.name, port.target));
    }
  }
  std::vector<PortView> out;
  for (auto& [host, port] : ports) {
    out.push_back(std::move(port));
  }
  return out;
}

}  // namespace

Result<std::vector<NetworkView>> all_networks(const state::Roots& roots) {
  CMP_TRY(const auto projects, state::list_projects(roots));
  Views views;
  for (const std::string& project : projects) {
    CMP_TRY(const auto records, state::read_networks({roots, project}));
    for (const state::NetworkRecord& record : records) {
      views.emplace(record.name, view_of(record));
    }
  }
  for (const std::string& project : projects) {
    CMP_TRY(const auto containers, state::read_containers({roots, project}));
    add_members(views, containers);
  }
  std::vector<NetworkView> out;
  for (auto& [name, view] : views) {
    std::ranges::sort(view.members, {}, &MemberView::container);
    out.push_back(std::move(view));
  }
  return out;
}

WiringView wiring_of(const state::Paths& paths, const std::vector<NetworkView>& networks,
                     const std::vector<state::NetworkRecord>& own,
                     const std::vector<state::ContainerRecord>& containers) {
  WiringView wiring;
  for (const NetworkView& network : networks) {
    const auto joins = [&](const state::ContainerRecord& container) {
      return std::ranges::find(container.endpoints, network.name, &state::EndpointRecord::network_name) !=
             container.endpoints.end();
    };
    if (std::ranges::find(own, network.name, &state::NetworkRecord::name) != own.end() ||
        std::ranges::any_of(containers, joins)) {
      wiring.networks.push_back(network);
    }
  }
  wiring.ports = ports_of(containers);
  std::vector<const state::ContainerRecord*> pointers;
  for (const state::ContainerRecord& container : containers) {
    pointers.push_back(&container);
  }
  for (const auto& filter : engine::filters_of(state::filter_table(paths.roots(), paths.project()), own, pointers)) {
    wiring.rules += net::filter::text_of(net::filter::project_table(filter));
  }
  return wiring;
}

}  // namespace cmp::cli
