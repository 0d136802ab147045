#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace cmp::sys {

enum class Devices {
  kCopied,
  kLeftOut,  ///< they are /dev's matter
};

enum class Likeness {
  kContent,  ///< capabilities and `user.` attributes; a name is a file of its own
  kWhole     ///< all extended attributes and access lists; hard links stay links of each other
};

struct CopyOptions {
  Devices devices = Devices::kCopied;
  Likeness likeness = Likeness::kContent;
};

/// Copies what is in one directory into another, with owners, modes, times and holes, and those of the directory
/// itself. Where the file system can, both share the blocks until one is written to (FICLONE). Links stay links;
/// nothing is followed out of either directory; sockets are left out.
[[nodiscard]] Status copy_tree(int from, int to, CopyOptions options);

/// What a directory holds, without what is mounted below it.
struct TreeSize {
  std::uint64_t bytes = 0;  ///< on disk
  std::uint64_t files = 0;
};

[[nodiscard]] Result<TreeSize> measure_tree(int directory);

/// Whether a copy from one directory to the other shares blocks: tried with an empty file.
[[nodiscard]] bool shares_blocks(int from, int to);

}  // namespace cmp::sys
