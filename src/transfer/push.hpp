#pragma once
// An image of the store to its registry.

#include "base/result.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"
#include "transfer/report.hpp"

namespace cmp::transfer {

/// Blobs that the registry has are not sent again; the manifest comes last, under the reference's tag.
[[nodiscard]] Status push(const image::Store& store, const image::StoredImage& stored,
                          const image::Reference& reference, bool tls_verify, const Report& report);

}  // namespace cmp::transfer
