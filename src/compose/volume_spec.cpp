#include "compose/volume_spec.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <fmt/core.h>

namespace cmp::compose {
namespace {

constexpr std::array<std::string_view, 6> kPropagations{"rprivate", "private", "rshared", "shared", "rslave", "slave"};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// Splits at colons, except in `${...}` and after a drive's letter.
std::vector<std::string_view> sections(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
    } else if (text[i] == '}' && depth > 0) {
      --depth;
    } else if (text[i] == ':' && depth == 0 && !(i == start + 1 && is_letter(text[start]))) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

bool is_path(std::string_view source) {
  if (source.empty()) {
    return false;
  }
  const bool drive = source.size() > 1 && is_letter(source[0]) && source[1] == ':';
  return source[0] == '.' || source[0] == '/' || source[0] == '~' || source.starts_with("\\\\") || drive;
}

void apply_option(std::string_view option, VolumeSpec& spec) {
  if (option == "ro" || option == "rw") {
    spec.read_only = option == "ro";
  } else if (option == "nocopy") {
    spec.nocopy = true;
  } else if (option == "z" || option == "Z") {
    spec.selinux = option;
  } else if (std::ranges::find(kPropagations, option) != kPropagations.end()) {
    spec.propagation = option;
  }
}

void apply_options(std::string_view options, VolumeSpec& spec) {
  while (true) {
    const std::size_t comma = options.find(',');
    apply_option(options.substr(0, comma), spec);
    if (comma == std::string_view::npos) {
      return;
    }
    options.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<VolumeSpec> parse_volume_spec(std::string_view text) {
  if (text.empty()) {
    return make_error(Code::kInvalid, "invalid empty volume spec");
  }
  VolumeSpec spec;
  if (text.size() <= 2) {
    spec.target = text;
    spec.bare = true;
    return spec;
  }
  const auto parts = sections(text);
  if (std::ranges::any_of(parts, [](std::string_view part) { return part.empty(); })) {
    return make_error(Code::kInvalid, fmt::format("invalid spec: {}: empty section between colons", text));
  }
  if (parts.size() > 3) {
    return make_error(Code::kInvalid, fmt::format("invalid spec: {}: too many colons", text));
  }
  spec.target = parts.back();
  if (parts.size() > 1) {
    spec.source = parts[0];
    spec.target = parts[1];
  }
  if (parts.size() > 2) {
    apply_options(parts[2], spec);
  }
  spec.bind = is_path(spec.source);
  return spec;
}

}  // namespace cmp::compose
