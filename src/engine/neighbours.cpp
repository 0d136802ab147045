#include "engine/neighbours.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::engine {

namespace {

std::vector<state::Paths> neighbours(const state::Paths& paths) {
  std::vector<state::Paths> others;
  const auto names = state::list_projects(paths.roots());
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    if (name != paths.project()) {
      others.emplace_back(paths.roots(), name);
    }
  }
  return others;
}

template <typename Record>
void take(std::vector<Record>& all, Result<std::vector<Record>> found) {
  if (found) {
    std::ranges::move(*found, std::back_inserter(all));
  }
}

bool is_wildcard(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::";
}

/// Beside the records of networks; it goes with them.
std::string shared_mark(const state::Paths& paths, const std::string& network_name) {
  return fmt::format("{}/{}.shared", paths.networks_dir(), network_name);
}

}  // namespace

std::vector<state::NetworkRecord> neighbour_networks(const state::Paths& paths) {
  std::vector<state::NetworkRecord> all;
  for (const state::Paths& other : neighbours(paths)) {
    take(all, state::read_networks(other));
  }
  return all;
}

std::vector<state::ContainerRecord> neighbour_containers(const state::Paths& paths) {
  std::vector<state::ContainerRecord> all;
  for (const state::Paths& other : neighbours(paths)) {
    take(all, state::read_containers(other, state::Check::kAsWritten));
  }
  return all;
}

std::string neighbour_with_container(const state::Paths& paths, const std::string& name) {
  for (const state::Paths& other : neighbours(paths)) {
    if (sys::exists(other.container_record(name))) {
      return other.project();
    }
  }
  return "";
}

bool network_in_use(const state::Paths& paths, const std::string& name) {
  return std::ranges::any_of(neighbour_networks(paths),
                             [&](const state::NetworkRecord& network) { return network.name == name; });
}

std::vector<state::ContainerRecord> neighbours_on(const state::Paths& paths,
                                                  const std::vector<std::string>& network_names) {
  auto containers = neighbour_containers(paths);
  std::erase_if(containers, [&](const state::ContainerRecord& record) {
    return std::ranges::none_of(record.endpoints, [&](const state::EndpointRecord& endpoint) {
      return std::ranges::find(network_names, endpoint.network_name) != network_names.end();
    });
  });
  return containers;
}

Status note_shared(const state::Paths& user, const state::NetworkRecord& network) {
  return sys::write_file_atomically(shared_mark({user.roots(), network.project}, network.name), "");
}

bool is_shared(const state::Paths& paths, const std::string& network_name) {
  return sys::exists(shared_mark(paths, network_name));
}

bool ports_collide(const state::PublishedPort& a, const state::PublishedPort& b) {
  return a.host_port == b.host_port && a.protocol == b.protocol &&
         (a.host_ip == b.host_ip || is_wildcard(a.host_ip) || is_wildcard(b.host_ip));
}

std::string port_publisher(const std::vector<state::ContainerRecord>& containers, const state::PublishedPort& port) {
  for (const state::ContainerRecord& container : containers) {
    const auto same = [&](const state::PublishedPort& published) { return ports_collide(published, port); };
    if (std::ranges::any_of(container.ports, same)) {
      return fmt::format("project '{}', service '{}'", container.project, container.service);
    }
  }
  return "";
}

}  // namespace cmp::engine
