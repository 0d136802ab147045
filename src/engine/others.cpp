#include "engine/others.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "engine/neighbours.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

/// Beside the records of networks; it goes with them.
std::string shared_mark(const state::Paths& paths, const std::string& network_name) {
  return fmt::format("{}/{}.shared", paths.networks_dir(), network_name);
}

}  // namespace

std::vector<state::ContainerRecord> others_on(const state::Paths& paths,
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

}  // namespace cmp::engine
