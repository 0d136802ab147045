#pragma once
// The parent's half of a launch (init/init.hpp has the ladder), and what is removed when a container goes.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/compile.hpp"
#include "engine/context.hpp"
#include "init/init.hpp"
#include "model/project.hpp"
#include "state/record.hpp"
#include "sys/process.hpp"

namespace cmp::engine {

/// What a service sees beside its own definition, from the project.
struct LaunchInputs {
  const model::Service& service;
  const state::ContainerRecord& record;
  std::vector<container::ResolvedMount> mounts;
  std::vector<container::step::GrantedFile> granted;
  std::vector<int> streams;  ///< standard input, output and error, if they are somebody else's
};

struct Launched {
  sys::Child child;
  UniqueFd sync;        ///< init's reports; "go" is written to it
  UniqueFd out, err;    ///< reading ends of the FIFOs, non-blocking, if the streams are its own; with tty: true the
                        ///< controller replaces `out`
  std::string seccomp;  ///< key of its filter, for the record
};

/// Directories, files, FIFOs and cgroup of the container, then its process up to the point where it waits for its
/// start. The process is a child of the caller's parent (the guardian).
[[nodiscard]] Result<Launched> launch(Context& context, const LaunchInputs& inputs);

/// The container's own end of each network, as soon as its namespaces exist.
[[nodiscard]] Status attach_network(Context& context, const state::ContainerRecord& record, pid_t pid);

/// Lets it exec.
[[nodiscard]] Status go(int sync);

/// Opens the output of a container that runs already (a new supervisor).
[[nodiscard]] Result<Launched> reopen_output(Context& context, const state::ContainerRecord& record);

/// Names of the host ends of its networks.
[[nodiscard]] std::vector<std::string> devices_of(const state::ContainerRecord& record);

}  // namespace cmp::engine
