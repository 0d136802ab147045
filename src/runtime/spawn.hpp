#pragma once
// Making the first process of a container, or a further one, in namespaces that are new, given by path, or both.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/compile.hpp"
#include "sys/process.hpp"

namespace cmp::runtime {

/// As clone_process(): both sides return. The child is the caller's own. Namespaces given by path are entered by a
/// process between the two, so that the caller stays where it is.
[[nodiscard]] Result<sys::Child> spawn(const oci::Launch& launch,
                                       const std::map<std::string, oci::TimeOffset>& offsets);

/// Of a child in a new user namespace, which waits meanwhile. None are left as they are.
[[nodiscard]] Status write_id_mappings(pid_t pid, const std::vector<oci::IdMapping>& uids,
                                       const std::vector<oci::IdMapping>& gids);

}  // namespace cmp::runtime
