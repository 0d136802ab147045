#pragma once
// Signals that wait while something is done that must not be broken off half-way (sigprocmask(2)).

#include <csignal>
#include <initializer_list>

namespace cmp::sys {

/// The signals are blocked until the end of the scope, and act then. Those that were blocked before stay so.
class SignalBlock {
 public:
  SignalBlock(std::initializer_list<int> signals) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : signals) {
      ::sigaddset(&set, signal);
    }
    ::sigprocmask(SIG_BLOCK, &set, &before_);
  }

  ~SignalBlock() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace cmp::sys
