#include "supervisor/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cmp::supervisor {

Result<EventLoop> EventLoop::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return sys_error("epoll_create1");
  }
  return EventLoop(std::move(epoll));
}

Status EventLoop::watch(int fd, std::uint32_t events, Callback callback) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  // Closing a descriptor takes it out of epoll unseen: what we believe to be watched may be a number used anew.
  const bool changed = watches_.contains(fd) && ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0;
  if (!changed && ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return sys_error("epoll_ctl");
  }
  watches_[fd] = std::make_shared<Callback>(std::move(callback));
  return {};
}

void EventLoop::change(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::unwatch(int fd) {
  if (watches_.erase(fd) > 0) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
}

EventLoop::TimerId EventLoop::at(MonotonicTime when, std::function<void()> callback) {
  const TimerId id = next_timer_++;
  timers_.emplace(std::pair(when, id), std::move(callback));
  timer_times_.emplace(id, when);
  return id;
}

void EventLoop::cancel(TimerId timer) {
  const auto it = timer_times_.find(timer);
  if (it != timer_times_.end()) {
    timers_.erase({it->second, timer});
    timer_times_.erase(it);
  }
}

int EventLoop::timeout_ms() const {
  if (!deferred_.empty()) {
    return 0;
  }
  if (timers_.empty()) {
    return -1;
  }
  // Rounded up: a timer never fires early, and the loop does not spin through the last millisecond.
  const auto left = std::chrono::ceil<Milliseconds>(timers_.begin()->first.first - monotonic_now());
  constexpr std::int64_t kLongest = 3'600'000;
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kLongest));
}

Status EventLoop::wait_and_dispatch() {
  std::array<epoll_event, 64> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout_ms());
  if (count < 0 && errno != EINTR) {
    return sys_error("epoll_wait");
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    // Looked up anew: an earlier callback of this round may have removed it.
    if (const auto it = watches_.find(event.data.fd); it != watches_.end()) {
      const auto callback = it->second;
      (*callback)(event.events);
    }
  }
  return {};
}

void EventLoop::fire_timers() {
  const MonotonicTime now = monotonic_now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto node = timers_.extract(timers_.begin());
    timer_times_.erase(node.key().second);
    node.mapped()();
  }
}

void EventLoop::run_deferred() {
  for (const auto& callback : std::exchange(deferred_, {})) {
    callback();
  }
}

Status EventLoop::run() {
  while (running_) {
    CMP_CHECK(wait_and_dispatch());
    fire_timers();
    run_deferred();
  }
  return {};
}

}  // namespace cmp::supervisor
