#pragma once
// Runs a function when the scope ends, unless released.

#include <utility>

namespace cmp {

template <typename F>
class [[nodiscard]] ScopeExit {
 public:
  explicit ScopeExit(F function) : function_(std::move(function)) {}

  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ScopeExit(ScopeExit&&) = delete;
  ScopeExit& operator=(ScopeExit&&) = delete;

  ~ScopeExit() {
    if (armed_) {
      function_();
    }
  }

  void release() { armed_ = false; }

 private:
  F function_;
  bool armed_ = true;
};

template <typename F>
ScopeExit(F) -> ScopeExit<F>;

}  // namespace cmp
