#pragma once
// Why the kernel says EACCES to an exec: its one word stands for half a dozen reasons.

#include <string>

namespace cmp::init {

/// The reason in words, found as the user and in the root that were refused: a directory that may not be entered, a
/// file system without exec, a mode that leaves this user out, an interpreter with one of these.
[[nodiscard]] std::string why_denied(const std::string& path);

}  // namespace cmp::init
