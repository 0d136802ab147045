#pragma once
// Entering a running container: `cmp exec` and health probes.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "init/init.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"
#include "sys/process.hpp"

namespace cmp::engine {

struct ExecOptions {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  ///< on top of the service's
  std::string user, working_dir;           ///< "" is the service's
  bool terminal = false;                   ///< files.in is a pty that becomes the controlling terminal
  bool privileged = false;
};

/// Starts a process in the container's namespaces and cgroup, as a child of the caller. The child has the same
/// restrictions as the container's PID 1. The caller reads `sync` for a failure report (end of file: it runs) and waits
/// for the pidfd.
struct Running {
  sys::Child child;
  UniqueFd sync;
};

[[nodiscard]] Result<Running> exec_in_container(const state::ContainerRecord& record, const ExecOptions& options,
                                                const init::Files& files);

}  // namespace cmp::engine
