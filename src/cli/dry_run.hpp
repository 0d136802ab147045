#pragma once
// --dry-run and `plan`: the plan of a request, made here from the records, by a process that cannot change anything.

#include <string>

#include "cli/context.hpp"
#include "plan/actions.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::cli {

/// If the command is a dry run, nothing can be changed from here on (seccomp/look_only.hpp). To be called first.
[[nodiscard]] Status begin_dry_run(const Context& context);

/// Where the fields of services are written, relative to the project's directory. `loaded` must outlive the result.
[[nodiscard]] plan::PlaceOf places_in(const compose::Loaded& loaded);

/// Prints what the request would do. \returns whether it would do anything. Errors are those that it would find before
/// it does anything.
[[nodiscard]] Result<bool> show_plan(const state::Paths& paths, const supervisor::Request& request,
                                     const plan::PlaceOf& place_of = {});

}  // namespace cmp::cli
