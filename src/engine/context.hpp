#pragma once
// What every effect needs: where things are, and the open doors to the kernel. Made once by the supervisor.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cgroup/cgroup.hpp"
#include "net/net.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

struct Context {
  state::Paths paths;
  cgroup::Layout cgroups;
  net::Links links;
  UniqueFd own_netns;

  [[nodiscard]] static Result<Context> open(state::Paths paths);
};

}  // namespace cmp::engine
