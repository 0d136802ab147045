#pragma once
// What `image:` says: a name in a registry, or a layout or an archive on disk. Pure.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/digest.hpp"

namespace cmp::image {

enum class Source {
  kRegistry,       ///< [REGISTRY[:PORT]/]NAME[:TAG][@DIGEST]
  kOciLayout,      ///< oci:DIRECTORY[:TAG][@DIGEST]
  kOciArchive,     ///< oci-archive:FILE[:TAG][@DIGEST]
  kDockerArchive,  ///< docker-archive:FILE[:NAME], what `docker save` writes
};

struct Reference {
  Source source = Source::kRegistry;
  std::string registry;    ///< "docker.io", "localhost:5000"
  std::string repository;  ///< "library/redis"
  std::string tag;         ///< "" with a digest alone; of a local source "" is its only image
  Digest digest;
  std::string path;  ///< of a local source, absolute

  [[nodiscard]] bool local() const { return source != Source::kRegistry; }

  /// The whole of it, which is also its key in the store: "docker.io/library/redis:7", "oci:/srv/images/web:latest".
  [[nodiscard]] std::string str() const;
  /// As people write it: "redis:7".
  [[nodiscard]] std::string familiar() const;
  /// REPOSITORY as tables show it: "redis", "quay.io/prometheus/node-exporter", "oci:/srv/images/web".
  [[nodiscard]] std::string familiar_name() const;
  friend bool operator==(const Reference&, const Reference&) = default;
};

/// Docker's grammar and defaults: docker.io, library/ and latest (distribution's reference package). A path of a local
/// source is relative to `directory`. kInvalid says what is wrong with it.
[[nodiscard]] Result<Reference> parse_reference(std::string_view text, std::string_view directory);

}  // namespace cmp::image
