#pragma once
// What the packet filter has to let through for a project, from its records. Pure.

#include <string>
#include <vector>

#include "net/filter_rules.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// The containers of a service that a new connection may go to: those that run and are not unhealthy; while there are
/// none, those that run; while there are none of those, those that are about to start. Never one that is being stopped.
[[nodiscard]] std::vector<const state::ContainerRecord*> ready_containers(
    const std::vector<const state::ContainerRecord*>& containers, const std::string& service);

/// The endpoint that a published port leads to: the one with the default route, as Docker has it, or the first.
[[nodiscard]] const state::EndpointRecord* published_endpoint(const state::ContainerRecord& container);

/// One filter a family; that of a family which no network and no port has is missing.
[[nodiscard]] std::vector<net::filter::Filter> filters_of(const std::string& table,
                                                          const std::vector<state::NetworkRecord>& networks,
                                                          const std::vector<const state::ContainerRecord*>& containers);

}  // namespace cmp::engine
