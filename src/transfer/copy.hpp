#pragma once
// Files between two trees, or a tree and an archive: `cp` and `export`. Each side is a root directory and a path in it;
// links lead nowhere outside that root.

#include "base/result.hpp"
#include "image/transfer.hpp"

namespace cmp::transfer {

/// By the rules of `docker cp` for what is there and for slashes at the end. Errors are about paths as they were given.
[[nodiscard]] Status copy_files(const image::TransferRequest& request);

}  // namespace cmp::transfer
