#pragma once
// The operations of runtime.md on one container.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cgroup/resources.hpp"
#include "cgroup/statistics.hpp"
#include "runtime/store.hpp"
#include "sys/process.hpp"

namespace cmp::runtime {

enum class ContainerStatus { kCreating, kCreated, kRunning, kPaused, kStopped };

[[nodiscard]] std::string_view to_string(ContainerStatus status);

/// What is true of it now, from the kernel.
[[nodiscard]] ContainerStatus status_of(const Store& store, const Container& container);

/// How the descriptors of a process come about, and who is told of it.
struct Streams {
  std::string console_socket;         ///< where the controller of its terminal is sent; "" is nowhere
  std::vector<int> preserved;         ///< what its descriptors from 3 on are; -1 is none
  std::vector<std::string> more_env;  ///< what tells it of them
  bool keep_terminal = false;         ///< the controller is given back to the caller
  bool plain_line_ends = false;       ///< with keep_terminal: no carriage returns, for it is not shown on a terminal
  std::string pid_file;               ///< "" is none
  std::string pidfd_socket;           ///< where a descriptor of the process is sent; "" is nowhere
  bool own_keyring = true;
};

struct CreateRequest {
  std::string id, bundle;
  std::string config_file;  ///< "" is the bundle's config.json
  Streams streams;
  bool no_pivot = false;        ///< the root is on a file system that cannot be pivoted (an initramfs)
  bool systemd_cgroup = false;  ///< cgroupsPath is "slice:prefix:name"
};

struct Created {
  sys::Child child;
  UniqueFd controller;  ///< with keep_terminal and a terminal
  std::vector<std::string> warnings;
};

/// Everything up to the user's program. What fails leaves nothing behind.
[[nodiscard]] Result<Created> create(const Store& store, const CreateRequest& request);

/// Lets the user's program run; returns when it has been executed.
[[nodiscard]] Status start(const Store& store, const std::string& id, std::vector<std::string>& warnings);

/// kConflict: it does not run. With `all`: every process in its cgroup.
[[nodiscard]] Status kill(const Store& store, const std::string& id, int signal, bool all);

enum class Force { kNo, kYes };

/// Undoes what create() has done and runs the poststop hooks, whose failures are warnings. kConflict: not stopped, and
/// not to be killed. With kYes an unknown container is success.
[[nodiscard]] Status remove(const Store& store, const std::string& id, Force force, std::vector<std::string>& warnings);

/// What the kernel has counted of it so far.
[[nodiscard]] Result<cgroup::Statistics> statistics(const Container& container);

[[nodiscard]] Status pause(const Store& store, const std::string& id);
[[nodiscard]] Status resume(const Store& store, const std::string& id);
/// Changes the limits of one that is not stopped. \returns what has no effect on this host.
[[nodiscard]] Result<std::vector<std::string>> update(const Store& store, const std::string& id,
                                                      const cgroup::Resources& resources);

/// Pids of its processes, sorted.
[[nodiscard]] Result<std::vector<int>> processes(const Store& store, const std::string& id);

}  // namespace cmp::runtime
