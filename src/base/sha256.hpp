#pragma once
// SHA-256 as hex text: ids, device names, config hashes.

#include <string>
#include <string_view>

namespace cmp {

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);

}  // namespace cmp
