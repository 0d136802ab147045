#pragma once
// The last steps of every pull and load: layers unpacked, then the name.

#include <string>

#include "base/result.hpp"
#include "image/platform.hpp"
#include "image/store.hpp"
#include "transfer/import.hpp"
#include "transfer/workers.hpp"

namespace cmp::transfer {

/// The layers of an image, each as soon as its blob is there.
class Installation {
 public:
  /// Reads the configuration, which must be in the store. kInvalid: it does not belong to the manifest, or the image is
  /// for another machine.
  [[nodiscard]] static Result<Installation> begin(const image::Store& store, const Fetched& fetched,
                                                  const image::Platform& wanted);

  /// The blob of layer `index` is in the store.
  void add_layer(Workers& workers, std::size_t index) const;

  /// All layers are unpacked: gives the image its name. \returns what the store has now.
  [[nodiscard]] Result<image::StoredImage> finish(const std::string& name) const;

 private:
  explicit Installation(const image::Store& store) : store_(store) {}

  const image::Store& store_;
  Fetched fetched_;
  image::ImageConfig config_;
};

/// All of it, for an image whose blobs are in the store already.
[[nodiscard]] Result<image::StoredImage> install(const image::Store& store, const Fetched& fetched,
                                                 const image::Platform& platform, const std::string& name);

}  // namespace cmp::transfer
