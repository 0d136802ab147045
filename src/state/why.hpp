#pragma once
// Why a container is as it is, from what was written down when it happened. Pure; no guess: what nobody saw is unknown.

#include <string>

#include "state/record.hpp"

namespace cmp::state {

/// The cause of the end of the last run, without the container's name: "out of memory: peak 64M of 64M", "exited with
/// code 3 of its own", "could not start: …". "" while it has never ended.
[[nodiscard]] std::string end_cause(const ContainerRecord& record);

/// One sentence for any state: since when it runs and what ended the run before, what it waits for, or how it ended.
/// \param duration  words for a time that has passed ("3 minutes")
[[nodiscard]] std::string why(const ContainerRecord& record, WallTime now, std::string (*duration)(Nanoseconds));

/// What its last probe said, on one line: "its probe exited 1 (no disk)"; "" if there was none.
[[nodiscard]] std::string last_probe(const ContainerRecord& record);

}  // namespace cmp::state
