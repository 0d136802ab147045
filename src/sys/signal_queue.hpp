#pragma once
// Signals as something to read, for an event loop (signalfd(2)).

#include <initializer_list>
#include <optional>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// Signals of this process that are read instead of acting. They stay blocked after the queue is gone: whoever executes
/// a program resets that (sys/stdio.hpp, reset_signals).
class SignalQueue {
 public:
  [[nodiscard]] static Result<SignalQueue> open(std::initializer_list<int> signals);
  /// The number of the next signal, without waiting; nothing if there is none.
  [[nodiscard]] std::optional<int> next();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit SignalQueue(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace cmp::sys
