#include "image/garbage.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "state/lock.hpp"
#include "sys/file.hpp"

namespace cmp::image {

namespace {

struct Needed {
  std::set<std::string> blobs, layers;  ///< hex digits
};

/// An image's configuration and layers. One that is damaged needs nothing: it cannot be used anyway.
void add_image(const Store& store, const Digest& id, Needed& needed) {
  needed.blobs.insert(id.hex);
  const auto text = store.read_blob(id, kMaxConfigBytes);
  const auto config = text ? parse_config(*text) : Result<ImageConfig>(make_error(Code::kNotFound, ""));
  for (const Digest& layer : config ? config->diff_ids : std::vector<Digest>()) {
    needed.layers.insert(layer.hex);
  }
}

void add_manifest(const Store& store, const Descriptor& descriptor, Needed& needed) {
  needed.blobs.insert(descriptor.digest.hex);
  const auto text = store.read_blob(descriptor.digest, kMaxManifestBytes);
  const auto document = text ? parse_document(*text) : Result<Document>(make_error(Code::kNotFound, ""));
  const auto* manifest = document ? std::get_if<Manifest>(&*document) : nullptr;
  for (const Descriptor& layer : manifest != nullptr ? manifest->layers : std::vector<Descriptor>()) {
    needed.blobs.insert(layer.digest.hex);
  }
}

std::uint64_t bytes_below(const std::string& path) {
  struct stat info {};

  if (::lstat(path.c_str(), &info) != 0) {
    return 0;
  }
  constexpr std::uint64_t kBlock = 512;
  // A file with several names is counted once for each of them, in parts.
  const auto names = S_ISDIR(info.st_mode) ? 1U : static_cast<std::uint64_t>(info.st_nlink);
  std::uint64_t bytes = static_cast<std::uint64_t>(info.st_blocks) * kBlock / (names == 0 ? 1 : names);
  if (S_ISDIR(info.st_mode)) {
    const auto entries = sys::list_directory(path);
    for (const std::string& name : entries ? *entries : std::vector<std::string>()) {
      bytes += bytes_below(path + '/' + name);
    }
  }
  return bytes;
}

/// What lies in `directory` under a name that nobody needs.
Result<std::vector<std::string>> unneeded(const std::string& directory, const std::set<std::string>& needed) {
  std::vector<std::string> paths;
  if (!sys::exists(directory)) {
    return paths;
  }
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(directory));
  for (const std::string& name : names) {
    if (!needed.contains(name)) {
      paths.push_back(directory + '/' + name);
    }
  }
  return paths;
}

}  // namespace

Result<Garbage> find_garbage(const Store& store, const std::set<Digest>& in_use) {
  Needed needed;
  CMP_TRY(const std::vector<StoredImage> images, store.list());
  for (const StoredImage& image : images) {
    add_manifest(store, image.manifest, needed);
    add_image(store, image.id, needed);
  }
  for (const Digest& id : in_use) {
    add_image(store, id, needed);
  }
  Garbage garbage;
  CMP_TRY(garbage.blobs, unneeded(store.paths().blobs(), needed.blobs));
  CMP_TRY(garbage.layers, unneeded(store.paths().layers(), needed.layers));
  CMP_TRY(garbage.parts, unneeded(store.paths().parts(), {}));
  for (const auto* paths : {&garbage.blobs, &garbage.layers, &garbage.parts}) {
    for (const std::string& path : *paths) {
      garbage.bytes += bytes_below(path);
    }
  }
  return garbage;
}

Result<Garbage> collect_garbage(const Store& store, const std::set<Digest>& in_use) {
  CMP_TRY(const UniqueFd alone, state::try_lock(store.paths().use_lock()));
  if (!alone) {
    return make_error(Code::kConflict, "images are being fetched or started by another cmp just now, try again later");
  }
  CMP_TRY(Garbage garbage, find_garbage(store, in_use));
  for (const std::string& layer : garbage.layers) {
    // Out of its name at once: a layer half removed must not look like one.
    const std::string part = store.paths().part("gone", layer.substr(layer.rfind('/') + 1));
    CMP_CHECK(sys::remove_tree(part));
    if (::rename(layer.c_str(), part.c_str()) != 0) {
      return sys_error(fmt::format("remove '{}'", layer));
    }
    CMP_CHECK(sys::remove_tree(part));
  }
  for (const auto* paths : {&garbage.blobs, &garbage.parts}) {
    for (const std::string& path : *paths) {
      CMP_CHECK(sys::remove_tree(path));
    }
  }
  return garbage;
}

}  // namespace cmp::image
