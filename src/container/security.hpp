#pragma once
// security_opt, read: how much of the default box a service takes away, or what it puts in its place.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// What is not understood is an error: a box weaker than asked for is worse than none.
struct SecurityOptions {
  bool no_new_privs = false;
  bool unconfined_paths = false;    ///< systempaths=unconfined: no masked and no read-only paths
  bool writable_cgroups = false;    ///< /sys/fs/cgroup may be written
  std::string seccomp;              ///< "" is the default profile, "unconfined" none, else the file of one
  std::string apparmor;             ///< "" is the default profile, "unconfined" none, else its name
  std::vector<std::string> labels;  ///< SELinux: "type:container_t", "disable"
};

/// Both NAME=VALUE and NAME:VALUE, as Docker takes them. Errors have the place in the file.
[[nodiscard]] Result<SecurityOptions> security_options(const model::Service& service);

/// The profile's name or file that is in force: "unconfined" for a privileged service that names none.
[[nodiscard]] std::string seccomp_profile(const model::Service& service, const SecurityOptions& options);

}  // namespace cmp::container
