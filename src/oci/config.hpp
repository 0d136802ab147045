#pragma once
// A bundle's config.json as plain values (OCI Runtime Specification 1.2, config.md and config-linux.md). Names are the
// specification's.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cgroup/resources.hpp"
#include "container/bundle_steps.hpp"

namespace cmp::oci {

struct Rlimit {
  std::string type;  ///< "RLIMIT_NOFILE"
  int resource = 0;
  std::uint64_t soft = 0, hard = 0;
};

struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
};

/// sched_setattr(2).
struct Scheduler {
  std::uint32_t policy = 0, priority = 0;
  std::int32_t nice = 0;
  std::uint64_t flags = 0, runtime = 0, deadline = 0, period = 0;
};

/// Of a further process: the processors it may use before it joins the container's cgroup, and from then on.
struct Affinity {
  std::set<int> initial, final;
};

struct Process {
  bool terminal = false;
  std::optional<unsigned> rows, columns;  ///< consoleSize
  std::uint32_t uid = 0, gid = 0;
  std::optional<unsigned> umask;
  std::vector<std::uint32_t> additional_gids;
  std::vector<std::string> args, env;
  std::string cwd;
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::optional<int> oom_score_adj;
  std::string apparmor_profile, selinux_label;
  std::optional<Scheduler> scheduler;
  std::optional<std::uint32_t> io_priority;  ///< as ioprio_set(2) takes it
  Affinity exec_affinity;                    ///< execCPUAffinity
};

/// linux.uidMappings and linux.gidMappings, and those of an id-mapped mount.
using container::IdMapping;

struct Mount {
  std::string destination, type, source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings, gid_mappings;
};

struct Namespace {
  std::string type;  ///< "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"
  std::string path;  ///< "" is a new one
};

struct TimeOffset {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

struct Device {
  char type = 'c';  ///< c, b or p; "u" is c
  std::string path;
  unsigned major = 0, minor = 0;
  std::optional<unsigned> file_mode;
  std::uint32_t uid = 0, gid = 0;
};

struct Hooks {
  std::vector<container::Hook> prestart, create_runtime, create_container, start_container, poststart, poststop;
};

struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings, gid_mappings;
  std::map<std::string, TimeOffset> time_offsets;  ///< "monotonic", "boottime"
  std::vector<Device> devices;
  std::string cgroups_path;
  cgroup::Resources resources;
  std::map<std::string, std::string> sysctl;
  std::string seccomp;  ///< the profile's JSON; "" is none
  std::string rootfs_propagation;
  std::vector<std::string> masked_paths, readonly_paths;
  std::string mount_label;
  std::optional<unsigned long> personality;  ///< as personality(2) takes it
};

struct Config {
  std::string oci_version;
  std::string root_path;  ///< as written
  bool root_readonly = false;
  std::vector<Mount> mounts;
  std::optional<Process> process;
  std::string hostname, domainname;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  Linux linux_part;

  [[nodiscard]] const Namespace* find_namespace(std::string_view type) const;
};

/// Reads and checks a config.json. kInvalid names the property: "process.args[1]: …". Properties that the specification
/// does not know are ignored, as it demands; those it knows and that cannot be honoured are errors.
[[nodiscard]] Result<Config> parse_config(std::string_view text);

/// Reads a process object alone, as `exec --process` takes it.
[[nodiscard]] Result<Process> parse_process(std::string_view text);

/// Reads linux.resources alone, as `update --resources` takes it.
[[nodiscard]] Result<cgroup::Resources> parse_resources(std::string_view text);

}  // namespace cmp::oci
