#pragma once
// The log files of a project's containers, read from the state directory as they grow, without the supervisor.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/log_lines.hpp"
#include "state/log_store.hpp"
#include "state/paths.hpp"
#include "sys/directory_watch.hpp"

namespace cmp::cli {

class LogFollower {
 public:
  /// The project's log directory must be there.
  [[nodiscard]] static Result<LogFollower> open(const state::Paths& paths);

  /// A container whose lines are wanted, from the first on; a second time changes nothing.
  void add(const std::string& container);

  /// New lines of those containers whose files have changed, by time.
  [[nodiscard]] Result<std::vector<SourcedLine>> take_changed();
  /// New lines of all containers, by time.
  [[nodiscard]] Result<std::vector<SourcedLine>> take_all();
  /// New lines of a container that has ended and of its hooks, a last one without line end too.
  [[nodiscard]] Result<std::vector<SourcedLine>> take_rest(const std::string& container);

  /// Readable when a file has changed.
  [[nodiscard]] int fd() const { return watch_.fd(); }

 private:
  LogFollower(state::Paths paths, sys::DirectoryWatch watch) : paths_(std::move(paths)), watch_(std::move(watch)) {}

  [[nodiscard]] static Status take(const std::string& container, state::LogReader& reader, bool final,
                                   std::vector<SourcedLine>& out);

  state::Paths paths_;
  sys::DirectoryWatch watch_;
  std::map<std::string, state::LogReader> readers_;
};

}  // namespace cmp::cli
