#pragma once
// /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, as text. Pure.

#include <string>

#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// The container's own hostname, once it is known; else the service's, or the first 12 digits of the container's id.
[[nodiscard]] std::string hostname_of(const state::ContainerRecord& record);

/// The address by which the container reaches the host (`host-gateway`); "" on internal networks only.
[[nodiscard]] std::string host_gateway(const state::ContainerRecord& record);

/// localhost, the container's own names, extra_hosts ("name=address").
/// \param host  the host's own file, which a container in the host's network begins with
[[nodiscard]] std::string hosts_file(const state::ContainerRecord& record, const std::string& host);

/// \param host  the host's own resolv.conf
[[nodiscard]] std::string resolv_file(const model::Service& service, const std::string& host);

}  // namespace cmp::engine
