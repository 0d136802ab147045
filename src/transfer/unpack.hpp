#pragma once
// A layer's archive into a directory of the store.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "image/manifest.hpp"
#include "image/store.hpp"

namespace cmp::transfer {

/// What a layer may be at most: far above what people have in images, far below what ends a machine (security.md 2.4).
/// CMP_MAX_LAYER_ENTRIES and CMP_MAX_LAYER_BYTES change them.
struct Limits {
  std::uint64_t entries = 1'000'000;
  std::uint64_t bytes = 0;  ///< of all files; 0 is a hundred times the packed size and 1 GiB

  [[nodiscard]] static Limits from_environment();
};

/// Makes sure that the layer is unpacked in the store: done at once if it is. Its blob must be there. Waits for another
/// process that is unpacking it. kInvalid: the archive is damaged or hostile, or is not what `diff_id` says.
[[nodiscard]] Status ensure_layer(const image::Store& store, const image::Digest& blob, const image::Digest& diff_id,
                                  const Limits& limits);

/// Unpacks the blob into an empty directory. \returns the digest of the unpacked archive.
[[nodiscard]] Result<image::Digest> unpack(UniqueFd blob, const std::string& directory, const Limits& limits);

}  // namespace cmp::transfer
