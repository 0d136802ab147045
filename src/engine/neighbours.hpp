#pragma once
// The other projects of the same run directory, as their records tell: what names, volumes, ports and networks they
// have, and which of their containers are on a network of ours, or ours on theirs.

#include <string>
#include <vector>

#include "model/project.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Networks and containers of every other project, sorted by project. What cannot be read is passed over: it belongs to
/// a project that is just going.
[[nodiscard]] std::vector<state::NetworkRecord> neighbour_networks(const state::Paths& paths);
[[nodiscard]] std::vector<state::ContainerRecord> neighbour_containers(const state::Paths& paths);

/// The other project that has a container of this name; "" if none has.
[[nodiscard]] std::string neighbour_with_container(const state::Paths& paths, const std::string& name);

/// Whether another project has a network of this name, on the same bridge then.
[[nodiscard]] bool network_in_use(const state::Paths& paths, const std::string& name);

/// Containers of other projects that have an endpoint on one of these networks (names on the host).
[[nodiscard]] std::vector<state::ContainerRecord> neighbours_on(const state::Paths& paths,
                                                                const std::vector<std::string>& network_names);

/// Notes at a network's owner that another project uses it by `external`, without a record of its own, so that its
/// names are looked for with that one too.
[[nodiscard]] Status note_shared(const state::Paths& user, const state::NetworkRecord& network);
/// Whether this project's network of that name (on the host) was noted so.
[[nodiscard]] bool is_shared(const state::Paths& paths, const std::string& network_name);

/// "project 'shop', service 'web'": who of the others publishes that port; "" if none does.
[[nodiscard]] std::string port_publisher(const std::vector<state::ContainerRecord>& containers,
                                         const state::PublishedPort& port);

/// Whether the two cannot both be bound: the same port and protocol on the same address, or on one and all.
[[nodiscard]] bool ports_collide(const state::PublishedPort& a, const state::PublishedPort& b);

}  // namespace cmp::engine
