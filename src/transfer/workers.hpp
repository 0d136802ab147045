#pragma once
// Work in forked processes, a few at a time: what takes a processor's time must not hold up the others.

#include <sys/types.h>

#include <deque>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sys/process.hpp"

namespace cmp::transfer {

class Workers {
 public:
  /// As many at once as there are processors.
  Workers();

  explicit Workers(std::size_t at_once) : at_once_(at_once) {}

  /// Runs `work` in a process of its own, sooner or later.
  void add(std::function<Status()> work);

  /// Starts what may start and takes in what has ended. \returns the first failure so far.
  [[nodiscard]] Status update();
  /// Waits for all.
  [[nodiscard]] Status finish();

  [[nodiscard]] bool idle() const { return running_.empty() && waiting_.empty(); }

  /// Readable when something has ended.
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  struct Running {
    sys::Child child;
    UniqueFd complaint;
  };

  [[nodiscard]] Status start(const std::function<Status()>& work);
  [[nodiscard]] static Status take_in(Running& running);

  std::size_t at_once_;
  std::deque<std::function<Status()>> waiting_;
  std::vector<Running> running_;
  Status failure_;
};

}  // namespace cmp::transfer
