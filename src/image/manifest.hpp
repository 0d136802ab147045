#pragma once
// Manifests and indexes, of OCI (image-spec manifest.md, image-index.md) and of Docker's schema 2 list. Pure. What
// comes from a registry is hostile until it is parsed here.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "image/platform.hpp"

namespace cmp::image {

// What we take at most of a document that has to be held in memory (security.md C).
inline constexpr std::size_t kMaxManifestBytes = 4U << 20U;
inline constexpr std::size_t kMaxConfigBytes = 16U << 20U;

namespace media {
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kOciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
}  // namespace media

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  ///< bytes
  std::optional<Platform> platform;
  std::map<std::string, std::string> annotations;
  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;  ///< the base first
};

struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
};

using Document = std::variant<Manifest, Index>;

/// `media_type` is what the registry called it ("" is not known): document and header must agree, and a document is
/// either a manifest or an index (CVE-2021-41190).
[[nodiscard]] Result<Document> parse_document(std::string_view text, std::string_view media_type = {});

/// The manifest for this platform. kNotFound names the platforms there are.
[[nodiscard]] Result<Descriptor> choose(const Index& index, const Platform& wanted);

/// An OCI manifest over blobs that are in the store.
[[nodiscard]] std::string render_manifest(const Descriptor& config, const std::vector<Descriptor>& layers);
/// An OCI index.
[[nodiscard]] std::string render_index(const std::vector<Descriptor>& manifests);

/// The sum of the sizes of config and layers.
[[nodiscard]] std::uint64_t size_of(const Manifest& manifest);

}  // namespace cmp::image
