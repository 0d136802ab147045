#pragma once
// One at a time on this host: whoever chooses subnets by what the host routes, until the bridges that take them are
// there.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace cmp::net {

/// A lock (flock(2)) on the caller's network namespace itself, so that its reach is that of the routes it is about:
/// whatever run directories there are. It ends with the process at the latest. Children that share the descriptor do
/// not prolong it.
class Reservation {
 public:
  /// Waits for the others, `patience` at most: one that was stopped in the middle must not stop everybody. Without it,
  /// held() is false, and what was chosen has to be looked at again.
  [[nodiscard]] static Result<Reservation> take(Nanoseconds patience = std::chrono::seconds(3));
  Reservation(Reservation&& other) noexcept = default;
  Reservation& operator=(Reservation&& other) noexcept;
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation();

  [[nodiscard]] bool held() const { return held_ && fd_; }

 private:
  explicit Reservation(UniqueFd fd) : fd_(std::move(fd)) {}

  void release();

  UniqueFd fd_;
  bool held_ = false;
};

}  // namespace cmp::net
