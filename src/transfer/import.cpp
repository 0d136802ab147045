#include "transfer/import.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sys/file.hpp"
#include "transfer/hash.hpp"

namespace cmp::transfer {

namespace {

using Json = nlohmann::json;

constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kContainerdName = "io.containerd.image.name";

std::string blob_name(const image::Digest& digest) {
  return "blobs/sha256/" + digest.hex;
}

std::string annotation(const image::Descriptor& descriptor, const char* key) {
  const auto it = descriptor.annotations.find(key);
  return it == descriptor.annotations.end() ? "" : it->second;
}

/// Copies `file` into `part`, hashing. \returns the digest and size of what was copied.
Result<std::pair<image::Digest, std::uint64_t>> copy_hashed(int file, int part, std::uint64_t limit) {
  std::vector<char> buffer(1U << 20U);
  Hasher hasher;
  for (;;) {
    const ssize_t got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) {
      return sys_error("read");
    }
    if (got == 0) {
      const std::uint64_t size = hasher.size();
      return std::pair(hasher.finish(), size);
    }
    if (got > 0) {
      hasher.update(buffer.data(), static_cast<std::size_t>(got));
      if (hasher.size() > limit) {
        return make_error(Code::kInvalid, fmt::format("it is larger than the {} bytes it should have", limit));
      }
      CMP_CHECK(sys::write_all(part, {buffer.data(), static_cast<std::size_t>(got)}));
    }
  }
}

/// Gives a finished unnamed file its name among the blobs. Somebody else may have been faster.
Status link_blob(const image::Store& store, int part, const image::Digest& digest) {
  const std::string from = fmt::format("/proc/self/fd/{}", part);
  const std::string to = store.paths().blob(digest.hex);
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("put blob in place at '{}'", to));
  }
  return {};
}

Result<image::Descriptor> named(const image::Index& index, const image::Reference& reference) {
  if (reference.digest.known()) {
    image::Descriptor descriptor;
    descriptor.digest = reference.digest;
    return descriptor;
  }
  std::string names;
  for (const image::Descriptor& descriptor : index.manifests) {
    const std::string name = annotation(descriptor, kRefName);
    const bool wanted = reference.tag.empty()
                            ? index.manifests.size() == 1
                            : name == reference.tag || annotation(descriptor, kContainerdName) == reference.tag;
    if (wanted) {
      return descriptor;
    }
    names += (names.empty() ? "" : ", ") + (name.empty() ? descriptor.digest.brief() : name);
  }
  if (reference.tag.empty()) {
    // As skopeo and podman: several images, none named: the one that everybody means.
    const auto found = std::ranges::find_if(
        index.manifests, [](const auto& descriptor) { return annotation(descriptor, kRefName) == "latest"; });
    if (found != index.manifests.end()) {
      return *found;
    }
    return make_error(Code::kNotFound, fmt::format("there is more than one image, name one: {}", names));
  }
  return make_error(Code::kNotFound, fmt::format("there is no image '{}', only: {}", reference.tag, names));
}

Result<image::Document> document_in(const Files& files, const image::Descriptor& descriptor, std::string& text) {
  CMP_TRY(text, files.read(blob_name(descriptor.digest), image::kMaxManifestBytes));
  if (image::digest_of(text) != descriptor.digest) {
    return make_error(Code::kInvalid, fmt::format("{} is not what its digest says", descriptor.digest.str()));
  }
  return image::parse_document(text, descriptor.media_type);
}

Result<image::Document> index_of(const Files& files) {
  CMP_TRY(const std::string text, files.read("index.json", image::kMaxManifestBytes));
  return image::parse_document(text);
}

Status copy_if_missing(const image::Store& store, const Files& files, const image::Descriptor& descriptor) {
  if (store.has_blob(descriptor.digest)) {
    return {};
  }
  CMP_TRY(const UniqueFd file, files.open(blob_name(descriptor.digest)));
  return copy_blob(store, file.get(), descriptor);
}

Result<Fetched> import_layout(const image::Store& store, const Files& files, const image::Reference& reference,
                              const image::Platform& platform) {
  CMP_TRY(image::Document document, index_of(files));
  Fetched fetched;
  std::string text;
  bool first = true;
  // index.json, and then perhaps one index of platforms.
  for (int depth = 0; std::holds_alternative<image::Index>(document); ++depth) {
    const auto& index = std::get<image::Index>(document);
    if (depth > 2) {
      return make_error(Code::kInvalid, "indexes of indexes of indexes");
    }
    CMP_TRY(fetched.descriptor, first ? named(index, reference) : image::choose(index, platform));
    first = false;
    CMP_TRY(document, document_in(files, fetched.descriptor, text));
  }
  fetched.manifest = std::get<image::Manifest>(document);
  fetched.descriptor.media_type = fetched.manifest.media_type;
  CMP_TRY(const image::Digest written, store.write_blob(text));
  static_cast<void>(written);
  CMP_CHECK(copy_if_missing(store, files, fetched.manifest.config));
  for (const image::Descriptor& layer : fetched.manifest.layers) {
    CMP_CHECK(copy_if_missing(store, files, layer));
  }
  return fetched;
}

/// A member of unknown digest into the store.
Result<image::Descriptor> adopt(const image::Store& store, const Files& files, const std::string& name,
                                std::string_view media_type) {
  CMP_TRY(const UniqueFd file, files.open(name));
  CMP_TRY(const UniqueFd part, sys::open_file(store.paths().parts(), O_TMPFILE | O_RDWR, 0600));
  CMP_TRY(const auto copied, copy_hashed(file.get(), part.get(), ~std::uint64_t{0}).context(fmt::format("'{}'", name)));
  CMP_CHECK(link_blob(store, part.get(), copied.first));
  image::Descriptor descriptor;
  descriptor.media_type = media_type;
  descriptor.digest = copied.first;
  descriptor.size = copied.second;
  return descriptor;
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const auto it = object.find(key);
  for (const Json& item : it != object.end() && it->is_array() ? *it : Json::array()) {
    if (item.is_string()) {
      texts.push_back(item.get<std::string>());
    }
  }
  return texts;
}

Result<Json> docker_images(const Files& files) {
  CMP_TRY(const std::string text, files.read("manifest.json", image::kMaxManifestBytes));
  Json images = Json::parse(text, nullptr, false);
  if (!images.is_array() || images.empty() ||
      !std::ranges::all_of(images, [](const Json& i) { return i.is_object(); })) {
    return make_error(Code::kInvalid, "malformed manifest.json: it names no images");
  }
  return images;
}

/// The image of this name, or the only one.
Result<Json> docker_image(const Json& images, const image::Reference& reference) {
  if (reference.tag.empty() && images.size() == 1) {
    return images.front();
  }
  std::string names;
  for (const Json& candidate : images) {
    for (const std::string& name : texts_of(candidate, "RepoTags")) {
      if (name == reference.tag) {
        return candidate;
      }
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  return make_error(Code::kNotFound, reference.tag.empty()
                                         ? fmt::format("there is more than one image, name one: {}", names)
                                         : fmt::format("there is no image '{}', only: {}", reference.tag, names));
}

Result<Fetched> import_docker(const image::Store& store, const Files& files, const image::Reference& reference) {
  CMP_TRY(const Json images, docker_images(files));
  CMP_TRY(const Json chosen, docker_image(images, reference));
  const auto config = chosen.find("Config");
  if (config == chosen.end() || !config->is_string()) {
    return make_error(Code::kInvalid, "malformed manifest.json: an image without a configuration");
  }
  Fetched fetched;
  CMP_TRY(fetched.manifest.config, adopt(store, files, config->get<std::string>(), image::media::kOciConfig));
  for (const std::string& layer : texts_of(chosen, "Layers")) {
    CMP_TRY(image::Descriptor descriptor, adopt(store, files, layer, image::media::kOciLayer));
    fetched.manifest.layers.push_back(std::move(descriptor));
  }
  fetched.manifest.media_type = image::media::kOciManifest;
  const std::string text = image::render_manifest(fetched.manifest.config, fetched.manifest.layers);
  CMP_TRY(fetched.descriptor.digest, store.write_blob(text));
  fetched.descriptor.media_type = image::media::kOciManifest;
  fetched.descriptor.size = text.size();
  return fetched;
}

}  // namespace

Status copy_blob(const image::Store& store, int file, const image::Descriptor& descriptor) {
  CMP_TRY(const UniqueFd part, sys::open_file(store.paths().parts(), O_TMPFILE | O_RDWR, 0600));
  CMP_TRY(const auto copied,
          copy_hashed(file, part.get(), descriptor.size).context(fmt::format("blob {}", descriptor.digest.brief())));
  if (copied.first != descriptor.digest || copied.second != descriptor.size) {
    return make_error(Code::kInvalid,
                      fmt::format("blob {}: its content is {} of {} bytes, not of {}", descriptor.digest.str(),
                                  copied.first.str(), copied.second, descriptor.size));
  }
  return link_blob(store, part.get(), descriptor.digest);
}

Result<image::Manifest> read_manifest(const image::Store& store, const image::Descriptor& descriptor) {
  CMP_TRY(const std::string text, store.read_blob(descriptor.digest, image::kMaxManifestBytes));
  CMP_TRY(image::Document document, image::parse_document(text, descriptor.media_type));
  if (!std::holds_alternative<image::Manifest>(document)) {
    return make_error(Code::kInvalid, fmt::format("{} is no manifest", descriptor.digest.str()));
  }
  return std::get<image::Manifest>(std::move(document));
}

Result<std::vector<std::string>> names_in(const Files& files, image::Source& source) {
  std::vector<std::string> names;
  source = files.open("index.json") ? image::Source::kOciArchive : image::Source::kDockerArchive;
  if (source == image::Source::kDockerArchive) {
    CMP_TRY(const Json images, docker_images(files));
    for (const Json& image : images) {
      const auto tags = texts_of(image, "RepoTags");
      names.insert(names.end(), tags.begin(), tags.end());
    }
  } else {
    CMP_TRY(const image::Document document, index_of(files));
    const auto* index = std::get_if<image::Index>(&document);
    for (const image::Descriptor& descriptor : index != nullptr ? index->manifests : std::vector<image::Descriptor>()) {
      const std::string name = annotation(descriptor, kContainerdName);
      names.push_back(name.empty() ? annotation(descriptor, kRefName) : name);
    }
  }
  std::ranges::sort(names);
  return names;
}

Result<image::Digest> digest_in(const Files& files, const image::Reference& reference) {
  if (reference.source == image::Source::kDockerArchive) {
    return make_error(Code::kUnsupported, "a docker-archive has no digests of its images");
  }
  CMP_TRY(const image::Document document, index_of(files));
  if (!std::holds_alternative<image::Index>(document)) {
    return make_error(Code::kInvalid, "malformed index.json: it is no index");
  }
  CMP_TRY(const image::Descriptor descriptor, named(std::get<image::Index>(document), reference));
  return descriptor.digest;
}

Result<Fetched> import(const image::Store& store, const Files& files, const image::Reference& reference,
                       const image::Platform& platform) {
  return reference.source == image::Source::kDockerArchive ? import_docker(store, files, reference)
                                                           : import_layout(store, files, reference, platform);
}

}  // namespace cmp::transfer
