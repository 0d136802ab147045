#include <fmt/core.h>

#include "runtime/groups.hpp"
#include "runtime/lifecycle.hpp"

namespace cmp::runtime {

std::string_view to_string(ContainerStatus status) {
  switch (status) {
    case ContainerStatus::kCreating:
      return "creating";
    case ContainerStatus::kCreated:
      return "created";
    case ContainerStatus::kRunning:
      return "running";
    case ContainerStatus::kPaused:
      return "paused";
    case ContainerStatus::kStopped:
      return "stopped";
  }
  return "unknown";
}

ContainerStatus status_of(const Store& store, const Container& container) {
  const oci::Record& record = container.record;
  const auto process = sys::open_same_process({record.pid, record.start_ticks});
  if (record.pid > 0 && (!process || sys::has_exited(process->get()))) {
    return ContainerStatus::kStopped;
  }
  if (!store.is_ready(record.id)) {
    return ContainerStatus::kCreating;
  }
  if (is_frozen(record)) {
    return ContainerStatus::kPaused;
  }
  return store.waits_for_start(record.id) ? ContainerStatus::kCreated : ContainerStatus::kRunning;
}

}  // namespace cmp::runtime
