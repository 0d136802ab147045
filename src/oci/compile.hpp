#pragma once
// A bundle's config → what is to be done to launch it, as data. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "container/mounts.hpp"
#include "oci/config.hpp"
#include "oci/state.hpp"

namespace cmp::oci {

using container::clean_path;

/// What the compiler has to know of this host.
struct Facts {
  std::string bundle;  ///< absolute
  std::string rootfs;  ///< absolute, no symbolic links
  bool cgroup_v2 = false;
  std::vector<std::string> cgroup_own;       ///< v1: the container's directory in each hierarchy; v2: the one
  std::vector<std::string> cgroup_mounts;    ///< the mount point of each of them, in the same order
  std::uint64_t available_capabilities = 0;  ///< what the container can be given
  bool has_kcore = false;
  bool no_pivot = false;  ///< --no-pivot
};

/// A namespace to be entered before the process is made.
struct Join {
  std::uint64_t flag = 0;  ///< CLONE_NEW*
  std::string path;
};

/// How the process is made, and what it then does.
struct Launch {
  container::LaunchSpec spec;
  std::uint64_t clone_flags = 0;  ///< namespaces it is born with; a cgroup namespace comes later, by Unshare
  bool new_time = false;          ///< a time namespace, whose offsets are written before anybody is in it
  std::vector<Join> joins;        ///< the user namespace last: until then the caller's own privileges count
  bool waits_for_hooks = false;   ///< a second rendezvous: prestart and createRuntime hooks
  /// Sources of binds are opened by us, who may reach and map what root of the user namespace may not.
  bool prepares_binds = false;
  std::vector<std::string> warnings;
};

/// What creating the container does. kUnsupported and kInvalid name the property of config.json.
[[nodiscard]] Result<Launch> compile_create(const Config& config, const Facts& facts, const Record& record);

/// What running a further process in it does, whose namespaces are those of `joins`.
[[nodiscard]] Result<Launch> compile_exec(const Config& config, const Process& process, const Facts& facts,
                                          std::vector<Join> joins);

/// CLONE_NEW* of a namespace's type in config.json ("network"), and its name under /proc/PID/ns ("net").
[[nodiscard]] std::uint64_t namespace_flag(std::string_view type);
[[nodiscard]] std::string namespace_file(std::string_view type);

/// Types of namespaces in the order in which they are joined.
[[nodiscard]] std::vector<std::string> namespace_types();

/// The steps for its mounts, in order.
[[nodiscard]] Result<std::vector<container::Step>> mount_steps(const Config& config, const Facts& facts);

/// The steps for its device nodes and the links in /dev; none if /dev is a directory of the host.
[[nodiscard]] std::vector<container::Step> device_steps(const Config& config, const Facts& facts);

/// What it runs as; capabilities that are unknown or cannot be granted are left out and warned of.
[[nodiscard]] container::Credentials credentials_of(const Process& process, std::uint64_t available,
                                                    std::vector<std::string>& warnings);

/// kInvalid: a sysctl that no namespace of the container's own keeps, so that it would be the host's.
[[nodiscard]] Status check_sysctls(const Config& config);

}  // namespace cmp::oci
