#pragma once
// Names of the host's users, by /etc/passwd alone: getpwuid would load modules of the host's into a static program.

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

namespace cmp::sys {

/// By their numbers, of a text like that of /etc/passwd. Of several names for a number the first.
[[nodiscard]] std::map<uid_t, std::string> user_names(std::string_view passwd);

/// Of the host; none if the file can't be read.
[[nodiscard]] std::map<uid_t, std::string> user_names();

}  // namespace cmp::sys
