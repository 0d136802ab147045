#pragma once
// What the trash holds, for people, and its emptying at the end of commands.

#include <map>
#include <string>

#include "base/result.hpp"
#include "state/paths.hpp"

namespace cmp::cli {

/// Bytes that may lie in the trash: CMP_TRASH_SIZE ("500m", "0"), else the default. kInvalid: it is no size.
[[nodiscard]] Result<std::uint64_t> trash_limit(const std::map<std::string, std::string>& environment);

/// Removes what is old or too much; says on standard error what has gone because it did not fit. Its failure is a
/// warning.
void purge_trash(const state::Roots& roots, const std::map<std::string, std::string>& environment);

}  // namespace cmp::cli
