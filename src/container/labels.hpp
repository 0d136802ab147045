#pragma once
// Which AppArmor profile and which SELinux labels a service gets. Pure.

#include <string>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/security.hpp"
#include "model/project.hpp"

namespace cmp::container {

struct Labels {
  std::string apparmor;       ///< the profile for its programs; "" is none
  std::string selinux;        ///< the label of its processes; "" is none
  std::string selinux_mount;  ///< the label of its files; "" is none
};

/// What is asked for and cannot be had on this host is an error (CVE-2025-64750). AppArmor's default profile is used
/// where the host has it; SELinux labels only where the service asks for one, as Docker does unless told otherwise.
[[nodiscard]] Result<Labels> labels_for(const model::Service& service, const SecurityOptions& options,
                                        const Facts& facts);

/// Gives every file system that is made for the container the label of its files.
void label_mounts(std::vector<Step>& steps, const std::string& label);

}  // namespace cmp::container
