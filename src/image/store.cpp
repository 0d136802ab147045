#include "image/store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/core.h>

#include "state/lock.hpp"
#include "sys/file.hpp"

namespace cmp::image {

namespace {

constexpr const char* kName = "org.opencontainers.image.ref.name";
constexpr const char* kConfig = "cmp.config";
constexpr const char* kPulled = "cmp.pulled";
constexpr const char* kOrigin = "cmp.origin";

std::string annotation(const Descriptor& descriptor, const char* key) {
  const auto it = descriptor.annotations.find(key);
  return it == descriptor.annotations.end() ? "" : it->second;
}

std::optional<StoredImage> image_of(const Descriptor& descriptor) {
  StoredImage image;
  image.name = annotation(descriptor, kName);
  const auto id = parse_digest(annotation(descriptor, kConfig));
  if (image.name.empty() || !id) {
    return std::nullopt;
  }
  image.id = *id;
  image.platform = descriptor.platform.value_or(Platform());
  image.origin = annotation(descriptor, kOrigin);
  std::int64_t nanoseconds = 0;
  const std::string pulled = annotation(descriptor, kPulled);
  std::from_chars(pulled.data(), pulled.data() + pulled.size(), nanoseconds);
  image.pulled_at = WallTime(Nanoseconds(nanoseconds));
  image.manifest = descriptor;
  image.manifest.annotations.clear();
  image.manifest.platform.reset();
  return image;
}

Descriptor descriptor_of(const StoredImage& image) {
  Descriptor descriptor = image.manifest;
  descriptor.platform = image.platform;
  descriptor.annotations[kName] = image.name;
  descriptor.annotations[kConfig] = image.id.str();
  descriptor.annotations[kPulled] = std::to_string(image.pulled_at.time_since_epoch().count());
  if (!image.origin.empty()) {
    descriptor.annotations[kOrigin] = image.origin;
  }
  return descriptor;
}

bool same_key(const StoredImage& a, const StoredImage& b) {
  return a.name == b.name && a.platform == b.platform;
}

}  // namespace

Result<Store> Store::open(const state::Roots& roots) {
  Store store(roots);
  const state::ImagePaths& paths = store.paths_;
  CMP_CHECK(sys::make_directories(roots.state));
  for (const std::string& directory : {paths.top(), paths.blobs(), paths.layers(), paths.parts()}) {
    CMP_CHECK(sys::make_directories(directory, 0700).context("image store"));
  }
  if (!sys::exists(paths.layout())) {
    CMP_CHECK(
        sys::write_file_atomically(paths.layout(), "{\"imageLayoutVersion\":\"1.0.0\"}\n").context("image store"));
  }
  return store;
}

bool Store::has_blob(const Digest& digest) const {
  return digest.known() && sys::exists(paths_.blob(digest.hex));
}

Result<std::string> Store::read_blob(const Digest& digest, std::size_t limit_bytes) const {
  CMP_TRY(std::string data, sys::read_file(paths_.blob(digest.hex), limit_bytes).context("image store"));
  if (digest_of(data) != digest) {
    return make_error(Code::kInvalid, fmt::format("image store: '{}' is damaged; 'cmp pull' fetches it again",
                                                  paths_.blob(digest.hex)));
  }
  return data;
}

Result<Digest> Store::write_blob(std::string_view data) const {
  Digest digest = digest_of(data);
  if (!has_blob(digest)) {
    CMP_CHECK(sys::write_file_atomically(paths_.blob(digest.hex), data).context("image store"));
  }
  return digest;
}

bool Store::has_layer(const Digest& diff_id) const {
  return diff_id.known() && sys::exists(paths_.layer(diff_id.hex));
}

Result<std::vector<StoredImage>> Store::list() const {
  std::vector<StoredImage> images;
  auto text = sys::read_file(paths_.index());
  if (!text) {
    return text.error().os_errno == ENOENT ? Result<std::vector<StoredImage>>(images) : std::move(text).error();
  }
  CMP_TRY(const Document document, parse_document(*text).context(fmt::format("'{}'", paths_.index())));
  const auto* index = std::get_if<Index>(&document);
  for (const Descriptor& descriptor : index != nullptr ? index->manifests : std::vector<Descriptor>()) {
    if (auto image = image_of(descriptor)) {
      images.push_back(*std::move(image));
    }
  }
  std::ranges::sort(images, [](const StoredImage& a, const StoredImage& b) {
    return std::pair(a.name, a.platform.str()) < std::pair(b.name, b.platform.str());
  });
  return images;
}

bool Store::complete(const StoredImage& image) const {
  if (!has_blob(image.manifest.digest)) {
    return false;
  }
  return use(image.id).has_value();
}

Result<std::optional<StoredImage>> Store::find(const std::string& name, const Platform& platform) const {
  CMP_TRY(const std::vector<StoredImage> images, list());
  const StoredImage* best = nullptr;
  for (const StoredImage& image : images) {
    if (image.name == name && distance(image.platform, platform) >= 0 &&
        (best == nullptr || distance(image.platform, platform) < distance(best->platform, platform)) &&
        complete(image)) {
      best = &image;
    }
  }
  return best == nullptr ? std::optional<StoredImage>() : std::optional<StoredImage>(*best);
}

Status Store::write_index(const std::vector<StoredImage>& images) const {
  std::vector<Descriptor> descriptors;
  for (const StoredImage& image : images) {
    descriptors.push_back(descriptor_of(image));
  }
  return sys::write_file_atomically(paths_.index(), render_index(descriptors)).context("image store");
}

Status Store::put(const StoredImage& image) const {
  CMP_TRY(const UniqueFd lock, state::lock(paths_.index_lock()));
  CMP_TRY(std::vector<StoredImage> images, list());
  std::erase_if(images, [&](const StoredImage& other) { return same_key(image, other); });
  images.push_back(image);
  return write_index(images);
}

Status Store::remove(const StoredImage& image) const {
  CMP_TRY(const UniqueFd lock, state::lock(paths_.index_lock()));
  CMP_TRY(std::vector<StoredImage> images, list());
  if (std::erase_if(images, [&](const StoredImage& other) { return same_key(image, other); }) == 0) {
    return make_error(Code::kNotFound, fmt::format("no such image: {}", image.name));
  }
  return write_index(images);
}

Result<UsableImage> Store::use(const Digest& id) const {
  CMP_TRY(const std::string text, read_blob(id, kMaxConfigBytes));
  UsableImage image;
  CMP_TRY(image.config, parse_config(text));
  std::set<Digest> seen;
  const std::vector<Digest>& layers = image.config.diff_ids;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    // overlayfs refuses a directory twice; a layer below its own copy shows nothing that the copy does not.
    if (!seen.insert(*layer).second) {
      continue;
    }
    if (!has_layer(*layer)) {
      return make_error(Code::kNotFound, fmt::format("layer {} of image {} is not there", layer->brief(), id.brief()));
    }
    image.lower.push_back(paths_.layer(layer->hex));
  }
  if (image.lower.empty()) {
    return make_error(Code::kUnsupported, fmt::format("image {} has no layers", id.brief()));
  }
  return image;
}

Result<UniqueFd> Store::hold() const {
  return state::lock_shared(paths_.use_lock());
}

}  // namespace cmp::image
