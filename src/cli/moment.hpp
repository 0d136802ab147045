#pragma once
// Points in time as --since and --until take them. Pure.

#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"

namespace cmp::cli {

/// The argument of --since and --until: a time (RFC 3339, with or without zone and clock), seconds since 1970, or how
/// long before `now` ("90m", "1h30m"). A time without a zone is in UTC.
[[nodiscard]] Result<WallTime> parse_moment(std::string_view text, WallTime now);

}  // namespace cmp::cli
