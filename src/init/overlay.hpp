#pragma once
// The options of an overlay mount. Pure.

#include <string>

#include "container/launch_spec.hpp"

namespace cmp::init {

struct OverlayOptions {
  std::string enter;  ///< directory to be in when mounting: relative lower directories make the text shorter; "" is any
  std::string data;
};

/// mount(2) takes one page of options.
inline constexpr std::size_t kMaxMountData = 4095;

/// The text for mount(2), with absolute paths if they fit, else relative to what the lower directories have in common.
/// overlayfs.rst: ':' and '\' in a lower directory and ',' anywhere are escaped.
[[nodiscard]] OverlayOptions overlay_options(const container::step::MountOverlay& overlay);

}  // namespace cmp::init
