#pragma once
// Whether a container is in the condition that a dependant waits for, or can't get there any more. Pure.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/project.hpp"
#include "state/record.hpp"
#include "supervisor/machine.hpp"

namespace cmp::supervisor {

struct AwaitVerdict {
  bool done = false;
  Status status;                           ///< when done
  std::optional<Nanoseconds> ask_again{};  ///< when not done: time alone may change the answer
};

/// Without a health check, `--wait` takes a service for running once it has run for so long.
inline constexpr Nanoseconds kSteady = std::chrono::milliseconds(300);

/// Messages as in compose-cli.md 5.4.
/// \param steady  one in a crash loop has failed, although it may still get there
[[nodiscard]] AwaitVerdict judge(const state::ContainerRecord& record, const Machine& machine,
                                 model::Condition condition, bool steady, MonotonicTime now);

[[nodiscard]] Error missing_dependency(const std::string& service);

}  // namespace cmp::supervisor
