#pragma once
// One image into the store, from wherever its reference points to; or only the question which one it would be.

#include "base/result.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"
#include "image/transfer.hpp"
#include "transfer/report.hpp"

namespace cmp::transfer {

struct PullRequest {
  image::Reference reference;
  image::Platform platform;
  std::string name;   ///< what it is to be called in the store
  std::string label;  ///< what to call it in errors
  bool tls_verify = true;
};

/// \returns the image as it is named in the store now. What is there already is not fetched again.
[[nodiscard]] Result<image::StoredImage> pull(const image::Store& store, const PullRequest& request,
                                              const Report& report);

/// Which digest the name has there now: of the index where there is one for several platforms. An archive is unpacked
/// into the store's parts for this, nothing else is written.
[[nodiscard]] Result<image::Digest> resolve(const image::Store& store, const PullRequest& request,
                                            const Report& report);

}  // namespace cmp::transfer
