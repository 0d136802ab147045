#pragma once
// Amounts with their unit in the type. Times are std::chrono.

#include <chrono>
#include <compare>
#include <cstdint>

namespace cmp {

/// A number of bytes.
struct Bytes {
  std::int64_t count = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;

/// A reading of CLOCK_MONOTONIC (timers) or CLOCK_REALTIME (what is shown and stored): never mixed, hence two types.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Nanoseconds>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanoseconds>;

[[nodiscard]] inline MonotonicTime monotonic_now() {
  return std::chrono::steady_clock::now();
}

[[nodiscard]] inline WallTime wall_now() {
  return std::chrono::system_clock::now();
}

}  // namespace cmp
