#pragma once
// What every effect needs: where things are, and the open doors to the kernel. Made once by the supervisor.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"
#include "cgroup/devices.hpp"
#include "engine/grants.hpp"
#include "engine/host.hpp"
#include "net/net.hpp"
#include "seccomp/library.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

struct Context {
  state::Paths paths;
  cgroup::Layout cgroups;
  net::Links links;
  Host host;
  seccomp::Library filters;
  cgroup::DeviceControl devices;
  GivenFiles given;  ///< secrets and configs of the project

  [[nodiscard]] static Result<Context> open(state::Paths paths);
};

}  // namespace cmp::engine
