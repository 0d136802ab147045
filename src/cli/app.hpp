#pragma once

// The command line role of the program.

namespace cmp::cli {

/// Does what the arguments say. \returns the exit code.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace cmp::cli
