#pragma once
// Waiting for the kernel with a deadline.

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/units.hpp"

namespace cmp::cgroup {

/// A point in time until which something is waited for.
class Deadline {
 public:
  explicit Deadline(Milliseconds patience) : end_(monotonic_now() + patience) {}

  [[nodiscard]] bool over() const { return monotonic_now() >= end_; }

  /// Milliseconds left, as poll(2) wants them, but not more than `most`.
  [[nodiscard]] int left_ms(int most) const {
    const auto left = std::chrono::ceil<Milliseconds>(end_ - monotonic_now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, most));
  }

 private:
  MonotonicTime end_;
};

/// Lets a moment pass where the kernel tells no event: the last steps of a dying process, v1's freezer.
inline void pause_briefly(const Deadline& deadline) {
  ::poll(nullptr, 0, deadline.left_ms(1));
}

}  // namespace cmp::cgroup
