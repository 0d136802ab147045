#pragma once
// What content is called: the hash of its bytes (OCI image specification, descriptor.md). A digest that was parsed here
// is safe in a path and in a URL.

#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::image {

struct Digest {
  std::string hex;  ///< 64 lower-case hex digits of SHA-256; "" is none

  [[nodiscard]] bool known() const { return !hex.empty(); }

  /// "sha256:…", or "" if there is none.
  [[nodiscard]] std::string str() const { return known() ? "sha256:" + hex : ""; }

  /// The first twelve digits, as people are shown it.
  [[nodiscard]] std::string brief() const { return hex.substr(0, 12); }

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// "sha256:" and 64 lower-case hex digits. kInvalid: it is no digest; kUnsupported: another algorithm.
[[nodiscard]] Result<Digest> parse_digest(std::string_view text);

/// The digest of these bytes.
[[nodiscard]] Digest digest_of(std::string_view data);

}  // namespace cmp::image
