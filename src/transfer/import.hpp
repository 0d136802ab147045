#pragma once
// Images that are on disk already (oci:, oci-archive:, docker-archive:) into the store's blobs.

#include <vector>

#include "base/result.hpp"
#include "image/manifest.hpp"
#include "image/platform.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"
#include "transfer/files.hpp"

namespace cmp::transfer {

/// An image whose manifest, configuration and layers are blobs of the store, its layers not unpacked yet.
struct Fetched {
  image::Descriptor descriptor;  ///< of the manifest
  image::Manifest manifest;
  std::string origin;  ///< StoredImage::origin
};

/// Copies what is missing of the image that the reference's tag names. kNotFound: no image of this tag or platform;
/// kInvalid: a file is not what its digest says.
[[nodiscard]] Result<Fetched> import(const image::Store& store, const Files& files, const image::Reference& reference,
                                     const image::Platform& platform);

/// Which digest the image that the reference's tag names has in its layout. kNotFound: no image of this tag.
[[nodiscard]] Result<image::Digest> digest_in(const Files& files, const image::Reference& reference);

/// The names of the images in an archive, sorted; `source` is set to what kind of archive it is.
[[nodiscard]] Result<std::vector<std::string>> names_in(const Files& files, image::Source& source);

/// A blob from an open file into the store, verified.
[[nodiscard]] Status copy_blob(const image::Store& store, int file, const image::Descriptor& descriptor);

/// Reads a document of an image in the store and checks its type.
[[nodiscard]] Result<image::Manifest> read_manifest(const image::Store& store, const image::Descriptor& descriptor);

}  // namespace cmp::transfer
