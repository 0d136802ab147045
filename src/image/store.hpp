#pragma once
// The image store: an OCI layout that anything may read, with the layers unpacked beside it. Complete things have their
// final name, made by rename; what is under way lies in part/. So a process killed at any moment leaves nothing that
// looks complete and is not. Several processes may work in it.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "image/config.hpp"
#include "image/digest.hpp"
#include "image/manifest.hpp"
#include "image/platform.hpp"
#include "state/paths.hpp"

namespace cmp::image {

/// A name in the store and what it leads to.
struct StoredImage {
  std::string name;  ///< Reference::str(), without a digest if it has a tag
  Platform platform;
  Descriptor manifest;
  Digest id;           ///< of its configuration: Docker's image id
  WallTime pulled_at;  ///< when it was last found to be current
  std::string origin;  ///< of a local archive: what its file was like (size and time), to notice another one
  friend bool operator==(const StoredImage&, const StoredImage&) = default;
};

/// What a container needs of an image.
struct UsableImage {
  ImageConfig config;
  std::vector<std::string> lower;  ///< overlay lower directories, topmost first
};

class Store {
 public:
  /// For reading. A store that does not exist is an empty one.
  explicit Store(const state::Roots& roots) : paths_(roots) {}

  /// Makes the store's directories, readable for root only.
  [[nodiscard]] static Result<Store> open(const state::Roots& roots);

  [[nodiscard]] const state::ImagePaths& paths() const { return paths_; }

  [[nodiscard]] bool has_blob(const Digest& digest) const;
  /// A document. Its digest is checked: kInvalid if the file is damaged; kNotFound if there is none.
  [[nodiscard]] Result<std::string> read_blob(const Digest& digest, std::size_t limit_bytes) const;
  /// Writes a document that is in memory.
  [[nodiscard]] Result<Digest> write_blob(std::string_view data) const;

  [[nodiscard]] bool has_layer(const Digest& diff_id) const;

  /// All names, sorted by name and platform.
  [[nodiscard]] Result<std::vector<StoredImage>> list() const;
  /// The image of this name for this platform; nothing if there is none or any part of it is missing.
  [[nodiscard]] Result<std::optional<StoredImage>> find(const std::string& name, const Platform& platform) const;
  /// Gives an image its name; another one that had it loses it. Everything of it must be there.
  [[nodiscard]] Status put(const StoredImage& image) const;
  /// Takes a name away. kNotFound: nobody has it. What it led to stays until it is collected (image/garbage.hpp).
  [[nodiscard]] Status remove(const StoredImage& image) const;

  /// The image with this id. kNotFound: a part of it is missing.
  [[nodiscard]] Result<UsableImage> use(const Digest& id) const;

  /// Held by whoever pulls or starts images: nothing is collected meanwhile.
  [[nodiscard]] Result<UniqueFd> hold() const;

 private:
  [[nodiscard]] Status write_index(const std::vector<StoredImage>& images) const;
  [[nodiscard]] bool complete(const StoredImage& image) const;

  state::ImagePaths paths_;
};

}  // namespace cmp::image
