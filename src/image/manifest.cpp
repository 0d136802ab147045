#include "image/manifest.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "image/json_text.hpp"

namespace cmp::image {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxLayers = 500;  // overlayfs takes as many (fs/overlayfs, OVL_MAX_STACK)
constexpr std::size_t kMaxManifests = 1000;

Error malformed(std::string_view why) {
  return make_error(Code::kInvalid, fmt::format("malformed manifest: {}", why));
}

std::optional<Platform> platform_of(const Json& object) {
  const auto it = object.find("platform");
  if (it == object.end() || !it->is_object()) {
    return std::nullopt;
  }
  return Platform{text_at(*it, "os"), text_at(*it, "architecture"), text_at(*it, "variant")};
}

std::map<std::string, std::string> annotations_of(const Json& object) {
  std::map<std::string, std::string> annotations;
  const auto it = object.find("annotations");
  if (it != object.end() && it->is_object()) {
    for (auto entry = it->begin(); entry != it->end(); ++entry) {
      if (entry.value().is_string()) {
        annotations.emplace(entry.key(), entry.value().get<std::string>());
      }
    }
  }
  return annotations;
}

Result<Descriptor> descriptor_of(const Json& object) {
  if (!object.is_object()) {
    return malformed("a descriptor is no object");
  }
  Descriptor descriptor;
  descriptor.media_type = text_at(object, "mediaType");
  CMP_TRY(descriptor.digest, parse_digest(text_at(object, "digest")).context("malformed manifest"));
  const auto size = object.find("size");
  if (size == object.end() || !size->is_number_unsigned() ||
      size->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return malformed(fmt::format("{} has no size", descriptor.digest.str()));
  }
  descriptor.size = size->get<std::uint64_t>();
  descriptor.platform = platform_of(object);
  descriptor.annotations = annotations_of(object);
  return descriptor;
}

Result<std::vector<Descriptor>> descriptors_of(const Json& list, std::size_t limit) {
  if (!list.is_array() || list.size() > limit) {
    return malformed(fmt::format("not a list of at most {} entries", limit));
  }
  std::vector<Descriptor> descriptors;
  for (const Json& item : list) {
    CMP_TRY(Descriptor descriptor, descriptor_of(item));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

bool is_index_type(std::string_view type) {
  return type == media::kOciIndex || type == media::kDockerList;
}

Result<Document> manifest_of(const Json& json, std::string type) {
  Manifest manifest;
  manifest.media_type = type.empty() ? std::string(media::kOciManifest) : std::move(type);
  const auto config = json.find("config");
  if (config == json.end()) {
    return malformed("it has no config");
  }
  CMP_TRY(manifest.config, descriptor_of(*config));
  CMP_TRY(manifest.layers, descriptors_of(json.at("layers"), kMaxLayers));
  for (const Descriptor& layer : manifest.layers) {
    if (layer.media_type.find("foreign") != std::string::npos ||
        layer.media_type.find("nondistributable") != std::string::npos) {
      return make_error(Code::kUnsupported, fmt::format("layer {} has to be fetched from elsewhere ({})",
                                                        layer.digest.brief(), layer.media_type));
    }
  }
  return Document(std::move(manifest));
}

Json json_of(const Descriptor& descriptor) {
  Json json{{"mediaType", descriptor.media_type}, {"digest", descriptor.digest.str()}, {"size", descriptor.size}};
  if (descriptor.platform) {
    json["platform"] = {{"os", descriptor.platform->os}, {"architecture", descriptor.platform->architecture}};
    if (!descriptor.platform->variant.empty()) {
      json["platform"]["variant"] = descriptor.platform->variant;
    }
  }
  if (!descriptor.annotations.empty()) {
    json["annotations"] = descriptor.annotations;
  }
  return json;
}

Json json_of(const std::vector<Descriptor>& descriptors) {
  Json list = Json::array();
  for (const Descriptor& descriptor : descriptors) {
    list.push_back(json_of(descriptor));
  }
  return list;
}

}  // namespace

Result<Document> parse_document(std::string_view text, std::string_view media_type) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return malformed("it is no JSON object");
  }
  if (json.value("schemaVersion", Json(0)) == Json(1)) {
    return make_error(Code::kUnsupported,
                      "the image has Docker's old format (schema 1); push it again with a new tool");
  }
  const bool has_layers = json.contains("layers");
  const bool has_manifests = json.contains("manifests");
  if (has_layers == has_manifests) {
    return malformed(has_layers ? "it is manifest and index at once" : "it is neither a manifest nor an index");
  }
  std::string type = text_at(json, "mediaType");
  const bool known =
      is_index_type(media_type) || media_type == media::kOciManifest || media_type == media::kDockerManifest;
  if (known && !type.empty() && type != media_type) {
    return malformed(fmt::format("it calls itself {}, the registry calls it {}", type, media_type));
  }
  if (type.empty() && known) {
    type = media_type;
  }
  if (!type.empty() && is_index_type(type) != has_manifests) {
    return malformed(fmt::format("its content is not what {} has", type));
  }
  if (has_layers) {
    return manifest_of(json, std::move(type));
  }
  Index index;
  index.media_type = type.empty() ? std::string(media::kOciIndex) : std::move(type);
  CMP_TRY(index.manifests, descriptors_of(json.at("manifests"), kMaxManifests));
  return Document(std::move(index));
}

Result<Descriptor> choose(const Index& index, const Platform& wanted) {
  const Descriptor* best = nullptr;
  int best_distance = 0;
  std::vector<std::string> offered;
  for (const Descriptor& descriptor : index.manifests) {
    if (!descriptor.platform) {
      continue;
    }
    if (descriptor.platform->os != "unknown") {
      offered.push_back(descriptor.platform->str());
    }
    const int far = distance(*descriptor.platform, wanted);
    if (far >= 0 && (best == nullptr || far < best_distance)) {
      best = &descriptor;
      best_distance = far;
    }
  }
  // An index of one manifest may leave the platform out.
  if (best == nullptr && offered.empty() && index.manifests.size() == 1) {
    best = &index.manifests.front();
  }
  if (best != nullptr) {
    return *best;
  }
  std::ranges::sort(offered);
  std::string names;
  for (const std::string& name : offered) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return make_error(Code::kNotFound, fmt::format("there is no image for {}, only for {}", wanted.str(),
                                                 names.empty() ? "no platform at all" : names));
}

std::string render_manifest(const Descriptor& config, const std::vector<Descriptor>& layers) {
  const Json json{{"schemaVersion", 2},
                  {"mediaType", media::kOciManifest},
                  {"config", json_of(config)},
                  {"layers", json_of(layers)}};
  return json.dump();
}

std::string render_index(const std::vector<Descriptor>& manifests) {
  const Json json{{"schemaVersion", 2}, {"mediaType", media::kOciIndex}, {"manifests", json_of(manifests)}};
  return json.dump(1) + "\n";
}

std::uint64_t size_of(const Manifest& manifest) {
  std::uint64_t size = manifest.config.size;
  for (const Descriptor& layer : manifest.layers) {
    size += layer.size;
  }
  return size;
}

}  // namespace cmp::image
