#pragma once
// The answer to a shell that completes a command line of ours: `cmp __complete WORD... CURRENT`.

#include <string>
#include <vector>

namespace cmp::cli {

/// The first argument by which the completion scripts (src/cli/completion/) call.
inline constexpr const char* kCompletionWord = "__complete";

/// `words` are those after the program's name up to the one at the cursor, which is the last and may be "". Prints a
/// candidate a line, with a tab and its meaning where there is one; ":file" or ":directory" if the shell is to offer
/// those. Looks only: it starts no supervisor and says nothing of what is wrong. \returns the exit code, 0.
[[nodiscard]] int run_completion(const std::vector<std::string>& words);

}  // namespace cmp::cli
