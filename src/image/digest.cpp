#include "image/digest.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/sha256.hpp"

namespace cmp::image {

namespace {

constexpr std::size_t kHexDigits = 64;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

Result<Digest> parse_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (text.starts_with("sha512:")) {
    return make_error(Code::kUnsupported, fmt::format("digest '{}': only sha256 is supported", text));
  }
  const std::string_view hex = text.substr(std::min(kAlgorithm.size(), text.size()));
  if (!text.starts_with(kAlgorithm) || hex.size() != kHexDigits || !std::ranges::all_of(hex, is_hex)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no digest: it must be 'sha256:' and 64 hex digits", text));
  }
  return Digest{std::string(hex)};
}

Digest digest_of(std::string_view data) {
  return Digest{sha256_hex(data)};
}

}  // namespace cmp::image
