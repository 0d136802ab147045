#pragma once
// Why a container could not be started, and which line of the file is to blame. Pure.

#include "base/result.hpp"
#include "init/init.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::supervisor {

/// The line of the file that a report of init comes from: the key it names, or the program's for exit codes 126 and 127
/// (init/init.hpp), else the service's.
[[nodiscard]] const SourcePos& place_of_failure(const model::Service& service, const init::Report& report);

/// What to say of a container whose init has ended without a word before its program was started: it was killed, as the
/// record's exit and oom_killed tell.
[[nodiscard]] Error killed_early(const state::ContainerRecord& record);

}  // namespace cmp::supervisor
