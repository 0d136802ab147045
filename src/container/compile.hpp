#pragma once
// Service + facts → LaunchSpec. Pure: no I/O, no clock; same input, same bytes.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// A mount of the service with its host side found.
struct ResolvedMount {
  model::Mount mount;
  std::string host_path;  ///< bind: the source; volume: its data directory; image: see ShowImages; tmpfs: ""
};

/// A device of the service with its host side found: a node to be made, and what may be done with it ("rwm").
struct ResolvedDevice {
  step::MakeDevice node;
  std::string access;
};

/// Everything about this host and this container that the spec depends on.
struct Facts {
  std::string name;  ///< container name: project-service-1
  std::string id;    ///< 64 hex digits; the first 12 are the default hostname
  std::string
      default_hostname;  ///< "" is the id's; with a shared network that of its owner, with the host's the host's

  std::vector<std::string> lower;              ///< overlay lower directories, topmost first
  std::string upper, work, root;               ///< overlay upper, work and mount point on the host
  std::vector<model::HiddenDirectory> hidden;  ///< x-rootfs: host: what is hidden of it, parents first
  /// In the service's order; compile() sorts parents first. Secrets and configs come as read-only binds of files.
  std::vector<ResolvedMount> mounts;
  std::string shown_images;                            ///< where the images of `mounts` are shown
  std::vector<std::vector<std::string>> image_layers;  ///< of each of them, topmost first
  std::string granted_dir;                             ///< where the tmpfs with the next is mounted
  std::vector<step::GrantedFile> granted;              ///< secrets and configs, of which `mounts` has the targets
  std::string hosts_file, hostname_file, resolv_file;  ///< host paths bound over /etc/*; "" is none
  bool fill_volumes = false;         ///< an empty volume gets what the root has at its target: the root is an image
  bool has_time_namespaces = false;  ///< Linux 5.6: the container's clocks are in one of its own
  bool has_kcore = false;            ///< /proc/kcore exists: /dev/core points to it
  std::vector<std::string> extra_masked;       ///< /sys/devices/system/cpu/cpuN/thermal_throttle, those that exist
  std::vector<ResolvedDevice> devices;         ///< what the service names
  std::vector<step::MakeDevice> host_devices;  ///< what `privileged: true` gets besides the default ones

  std::vector<std::string> cgroup_join_files;  ///< v1: to join; empty on v2
  bool cgroup_v2 = false;                      ///< how /sys/fs/cgroup looks inside
  /// Host mount points of v1 controllers: each one that has a file in cgroup_join_files is shown, read-only.
  std::vector<std::string> cgroup_v1_controllers;
  /// By kind ("net", "pid", "ipc", "uts", "cgroup"): the container that has the namespace which the service joins.
  std::map<std::string, Owner> owners;
  /// x-lxcfs: files on this host that stand in for those of the same name in /proc.
  std::vector<std::string> lxcfs_files;

  std::uint64_t available_capabilities = 0;  ///< the bounding set of the process that will clone
  SeccompFilter seccomp;                     ///< compiled for the service's profile and capabilities
  bool has_apparmor = false, has_selinux = false;
  std::string apparmor_default;  ///< the profile of services that name none; "" where there is none
  int own_oom_score_adj = 0;     ///< of that process; a service gets 0 unless it says otherwise
};

/// What a process is to be that enters a running container: `exec`, a health probe, a hook.
struct EnterRequest {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  ///< on top of the container's own
  std::string user;                        ///< "" is the service's
  std::string working_dir;                 ///< "" is the service's
  bool terminal = false;
  bool privileged = false;
};

/// The running container it enters.
struct RunningContainer {
  std::string name;
  std::vector<std::string> namespace_files;  ///< /proc/PID/ns/{ipc,uts,net,cgroup,mnt}; the caller enters pid itself
  std::vector<std::string> cgroup_join_files;
};

/// \returns the spec, or what the service asks for that cannot be expressed, with the place in the file.
[[nodiscard]] Result<LaunchSpec> compile(const model::Service& service, const Facts& facts);

/// The same box as the container's first process has: identity, capabilities, no_new_privs, environment, limits. The
/// caller calls setns(2) on the pid namespace before it clones, and on v2 clones into the cgroup.
[[nodiscard]] Result<LaunchSpec> compile_exec(const model::Service& service, const Facts& facts,
                                              const RunningContainer& container, const EnterRequest& request);

}  // namespace cmp::container
