#pragma once
// A group of our own on the real kernel, and processes in it. Gone before and after, also when a check fails.

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::cgroup::test {

/// The line the summary of tests/run counts as skipped.
inline void skip(std::string_view name, std::string_view why) {
  fmt::print("skip cgroup: {}: {}\n", name, why);
}

/// The host's layout, with some hierarchies left out if `keep` says so. Ends the whole program as skipped where no
/// cgroup can be made at all.
template <typename Keep>
Layout layout_with(Keep keep) {
  auto layout = detect();
  if (!layout) {
    skip("everything", layout.error().str());
    std::exit(77);
  }
  std::erase_if(layout->hierarchies, [&](const Hierarchy& one) { return !keep(one); });
  return std::move(*layout);
}

inline Layout host_layout() {
  return layout_with([](const Hierarchy&) { return true; });
}

class Playground {
 public:
  explicit Playground(Layout layout) : layout_(std::move(layout)) { clear(); }

  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;

  ~Playground() { clear(); }

  [[nodiscard]] const Layout& layout() const { return layout_; }

  [[nodiscard]] const Group& group() const { return group_; }

  [[nodiscard]] Status create(const model::Limits& limits) const { return cgroup::create(layout_, group_, limits); }

  /// A child in the group; it exits with what `function` returns.
  template <typename Function>
  [[nodiscard]] Result<sys::Child> start(Function function) const {
    const auto files = join_files(layout_, group_);
    CMP_TRY(const UniqueFd directory, open_for_clone(layout_, group_));
    CMP_TRY(sys::Child child, sys::clone_process({.flags = 0, .cgroup_fd = directory.get()}));
    if (child.pid == 0) {
      for (const auto& file : files) {
        if (!sys::write_kernel_file(file, "0")) {
          ::_exit(99);
        }
      }
      ::_exit(function());
    }
    return child;
  }

 private:
  void clear() const {
    static_cast<void>(kill_all(layout_, group_));
    static_cast<void>(remove(layout_, group_));
  }

  Layout layout_;
  Group group_{fmt::format("cmptest-{}/shop/web-1", ::getpid())};
};

inline sys::ExitStatus wait_for(const sys::Child& child) {
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  return sys::decode_wait_status(status);
}

/// A number that parent and children see; it lives as long as the object.
class SharedCounter {
 public:
  SharedCounter()
      : page_(::mmap(nullptr, sizeof(Number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
        number_(new (page_) Number(0)) {}

  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;

  ~SharedCounter() { ::munmap(page_, sizeof(Number)); }

  void add_one() {
    number_->fetch_add(1);
    ::syscall(SYS_futex, page_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

  [[nodiscard]] int value() const { return number_->load(); }

  /// False if it does not get there in a minute.
  [[nodiscard]] bool reaches(int goal) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const timespec turn{.tv_sec = 1, .tv_nsec = 0};
    for (int now = value(); now < goal && std::chrono::steady_clock::now() < end; now = value()) {
      ::syscall(SYS_futex, page_, FUTEX_WAIT, now, &turn, nullptr, 0);
    }
    return value() >= goal;
  }

 private:
  using Number = std::atomic<int>;
  void* page_;
  Number* number_;
};

/// Forks as fast as it can until the kernel refuses, for ever; so do the children.
[[noreturn]] inline void fork_bomb(SharedCounter& started) {
  started.add_one();
  for (;;) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      started.add_one();
    } else if (pid < 0) {
      ::sched_yield();
    }
  }
}

}  // namespace cmp::cgroup::test
