#pragma once
// One epoll loop: descriptors, timers and deferred calls, one thread. A callback may add and remove anything, itself
// too.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace cmp::supervisor {

class EventLoop {
 public:
  using TimerId = std::uint64_t;
  using Callback = std::function<void(std::uint32_t events)>;

  [[nodiscard]] static Result<EventLoop> create();

  /// Calls back with EPOLL* events of `fd` until removed. Adding an fd again replaces events and callback.
  [[nodiscard]] Status watch(int fd, std::uint32_t events, Callback callback);
  /// Other events of an fd that is watched; the callback stays.
  void change(int fd, std::uint32_t events);
  /// Must come before the fd is closed. Unknown fds are ignored.
  void unwatch(int fd);

  /// Calls back once, at `when` or as soon after as possible.
  TimerId at(MonotonicTime when, std::function<void()> callback);

  TimerId after(Nanoseconds delay, std::function<void()> callback) {
    return at(monotonic_now() + delay, std::move(callback));
  }

  /// Cancels; an id that has fired or was never given (0) is ignored.
  void cancel(TimerId timer);

  /// Calls back after the callbacks of this round.
  void defer(std::function<void()> callback) { deferred_.push_back(std::move(callback)); }

  /// Until stop().
  [[nodiscard]] Status run();

  void stop() { running_ = false; }

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  [[nodiscard]] int timeout_ms() const;
  [[nodiscard]] Status wait_and_dispatch();
  void fire_timers();
  void run_deferred();

  UniqueFd epoll_;
  /// Shared, so that a callback that removes itself lives until it returns.
  std::unordered_map<int, std::shared_ptr<Callback>> watches_;
  std::map<std::pair<MonotonicTime, TimerId>, std::function<void()>> timers_;
  std::unordered_map<TimerId, MonotonicTime> timer_times_;
  std::vector<std::function<void()>> deferred_;
  TimerId next_timer_ = 1;
  bool running_ = true;
};

}  // namespace cmp::supervisor
