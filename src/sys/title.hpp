#pragma once
// How this process is called where processes are listed.

#include <string_view>

namespace cmp::sys {

/// What `ps` shows: `title`, as far as there is room where the arguments and the environment lie, which are lost by it;
/// `comm` (15 bytes) as its short name.
void set_title(std::string_view title, const char* comm);

}  // namespace cmp::sys
