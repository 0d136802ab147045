#pragma once
// Paths as text: nothing here looks at the file system.

#include <string>
#include <string_view>

namespace cmp::compose {

/// The shortest path that means the same: no `.`, no `//`, no trailing slash, `..` taken back where it can be.
/// "" becomes ".".
[[nodiscard]] std::string clean_path(std::string_view path);

/// `path` seen from `base`, cleaned; an absolute `path` is returned as it is.
[[nodiscard]] std::string join_path(std::string_view base, std::string_view path);

/// True for what a builder fetches itself, such as `https://…`, `git@host:repo`, `docker-image://…`, `service:web`.
[[nodiscard]] bool is_remote(std::string_view reference);

}  // namespace cmp::compose
