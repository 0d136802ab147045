#include "transfer/workers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/wait.hpp"

namespace cmp::transfer {

Workers::Workers() : at_once_(static_cast<std::size_t>(std::clamp(::get_nprocs(), 1, 8))) {}

void Workers::add(std::function<Status()> work) {
  waiting_.push_back(std::move(work));
}

Status Workers::start(const std::function<Status()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys_error("make pipe");
  }
  Running running;
  running.complaint = UniqueFd(ends[0]);
  const UniqueFd writer(ends[1]);
  CMP_TRY(running.child, sys::clone_process({}));
  if (running.child.pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Status done = work();
    if (!done) {
      // The code in front, one character, then the kernel's, then a blank.
      const std::string text =
          fmt::format("{}{} {}", static_cast<int>(done.error().code), done.error().os_errno, done.error().message);
      static_cast<void>(sys::write_all(writer.get(), text));
    }
    ::_exit(done ? 0 : 1);
  }
  running_.push_back(std::move(running));
  return {};
}

Status Workers::take_in(Running& running) {
  CMP_TRY(const std::string complaint, sys::read_all(running.complaint.get()));
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(running.child.pid));
  if (!complaint.empty()) {
    const auto blank = complaint.find(' ');
    Error error = make_error(static_cast<Code>(complaint.front() - '0'), complaint.substr(blank + 1));
    std::from_chars(complaint.data() + 1, complaint.data() + blank, error.os_errno);
    return error;
  }
  return status.code == 0 ? Status()
                          : make_error(Code::kSystem, fmt::format("a worker ended with {} ({})", status.code,
                                                                  status.signal != 0 ? "killed" : "exit"));
}

Status Workers::update() {
  for (auto it = running_.begin(); it != running_.end();) {
    if (!sys::has_exited(it->child.pidfd.get())) {
      ++it;
      continue;
    }
    Status ended = take_in(*it);
    it = running_.erase(it);
    if (!ended && failure_) {
      failure_ = std::move(ended);
    }
  }
  if (!failure_) {
    waiting_.clear();
  }
  while (!waiting_.empty() && running_.size() < at_once_) {
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    if (Status started = start(work); !started && failure_) {
      failure_ = std::move(started);
    }
  }
  return failure_;
}

std::vector<int> Workers::descriptors() const {
  std::vector<int> fds;
  for (const Running& running : running_) {
    fds.push_back(running.child.pidfd.get());
  }
  return fds;
}

Status Workers::finish() {
  static_cast<void>(update());
  while (!idle()) {
    std::vector<pollfd> polled;
    for (const int fd : descriptors()) {
      polled.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    }
    static_cast<void>(::poll(polled.data(), polled.size(), -1));
    static_cast<void>(update());
  }
  return failure_;
}

}  // namespace cmp::transfer
