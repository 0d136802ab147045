#pragma once
// A further process in a running container.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/lifecycle.hpp"

namespace cmp::runtime {

struct ExecRequest {
  std::string id;
  oci::Process process;
  Streams streams;
  bool ignore_paused = false;
  std::vector<std::string> groups;  ///< "[CONTROLLER[,…]:]PATH" below the container's cgroup, where it goes instead
};

/// Starts it in all namespaces and the cgroup of the container; returns when it has been executed.
[[nodiscard]] Result<Created> exec(const Store& store, const ExecRequest& request);

}  // namespace cmp::runtime
