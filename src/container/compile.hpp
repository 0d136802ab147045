#pragma once
// Service + facts → LaunchSpec. Pure: no I/O, no clock; same input, same bytes.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// A mount of the service with its host side found.
struct ResolvedMount {
  model::Mount mount;
  std::string host_path;  ///< bind: the source; volume: its data directory; tmpfs: ""
};

/// Everything about this host and this container that the spec depends on.
struct Facts {
  std::string name;                                    ///< container name: project-service-1
  std::string id;                                      ///< 64 hex digits; the first 12 are the default hostname
  std::vector<std::string> lower;                      ///< overlay lower directories, topmost first
  std::string upper, work, root;                       ///< overlay upper, work and mount point on the host
  std::vector<ResolvedMount> mounts;                   ///< in the service's order; compile() sorts parents first
  std::string hosts_file, hostname_file, resolv_file;  ///< host paths bound over /etc/*; "" is none
  std::vector<std::string> cgroup_procs_files;         ///< v1: to join; empty on v2
  bool cgroup_v2 = false;                              ///< how /sys/fs/cgroup looks inside
  std::vector<std::string> cgroup_v1_controllers;      ///< host mount points by controller, for the read-only view
  std::vector<std::string> join_namespaces;            ///< network_mode: service:x → that process's net file
  bool own_network = true;                             ///< false: host's, or the joined one
};

/// \returns the spec, or what the service asks for that cannot be expressed, with the place in the file.
[[nodiscard]] Result<LaunchSpec> compile(const model::Service& service, const Facts& facts);

}  // namespace cmp::container
