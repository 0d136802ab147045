#pragma once
// Amounts as Compose files write them (compose-spec.md section 3): sizes in bytes, durations, booleans, whole numbers.
// Each parser gives nothing when the text is not of its form; the caller knows the words for the message.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace cmp::compose {

/// "512m", "1.5 GiB", "64", "-1": multiples of 1024; fractions are cut off to whole bytes.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);

/// "1h5m30.02s", "2d", "-1s", "0": w d h m s ms us ns, combined at will. A number without a unit is no duration.
[[nodiscard]] std::optional<Nanoseconds> parse_duration(std::string_view text);

/// As Docker Compose prints it: "1m30s", "500µs", "0s", "48h0m0s".
[[nodiscard]] std::string duration_text(Nanoseconds duration);

/// true, yes, y, on and their opposites, whatever the case.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);

/// A decimal number with an optional sign.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// A decimal number with an optional fraction and exponent.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// The digits of a file mode, to the base of 8.
[[nodiscard]] std::optional<std::int64_t> parse_octal(std::string_view text);

}  // namespace cmp::compose
