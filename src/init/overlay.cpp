#include "init/overlay.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace cmp::init {

namespace {

std::string escaped(const std::string& path, std::string_view special) {
  std::string text;
  for (const char c : path) {
    if (special.find(c) != std::string_view::npos) {
      text += '\\';
    }
    text += c;
  }
  return text;
}

/// The longest directory, with its slash, that all begin with; "" if that is none or only "/".
std::string common_directory(const std::vector<std::string>& paths) {
  std::string common = paths.empty() ? "" : paths.front();
  for (const std::string& path : paths) {
    const auto [a, b] = std::ranges::mismatch(common, path);
    common.erase(a, common.end());
  }
  common.erase(common.rfind('/') + 1);
  return common == "/" ? "" : common;
}

std::string options(const container::step::MountOverlay& overlay, std::size_t skip) {
  std::string lower;
  for (const std::string& path : overlay.lower) {
    lower += (lower.empty() ? "" : ":") + escaped(path.substr(skip), ":\\,");
  }
  const std::string label = overlay.label.empty() ? "" : fmt::format(",context=\"{}\"", overlay.label);
  if (overlay.upper.empty()) {
    return fmt::format("lowerdir={}{}", lower, label);
  }
  return fmt::format("lowerdir={},upperdir={},workdir={}{}", lower, escaped(overlay.upper, "\\,"),
                     escaped(overlay.work, "\\,"), label);
}

}  // namespace

OverlayOptions overlay_options(const container::step::MountOverlay& overlay) {
  std::string absolute = options(overlay, 0);
  if (absolute.size() <= kMaxMountData) {
    return {.data = std::move(absolute)};
  }
  const std::string common = common_directory(overlay.lower);
  return {.enter = common, .data = options(overlay, common.size())};
}

}  // namespace cmp::init
