#pragma once
// What the store has and nobody needs.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "image/store.hpp"

namespace cmp::image {

struct Garbage {
  std::vector<std::string> blobs, layers, parts;  ///< paths, sorted
  std::uint64_t bytes = 0;                        ///< what they take on the disk
};

/// Everything that neither a name nor one of the image ids `in_use` leads to. Reads only.
[[nodiscard]] Result<Garbage> find_garbage(const Store& store, const std::set<Digest>& in_use);

/// Finds and removes it. kConflict: images are being fetched or started by another process just now.
[[nodiscard]] Result<Garbage> collect_garbage(const Store& store, const std::set<Digest>& in_use);

}  // namespace cmp::image
