#pragma once
// What a container writes from now on, byte by byte, to standard output and error: `attach`.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "state/paths.hpp"
#include "sys/directory_watch.hpp"

namespace cmp::cli {

class RawOutput {
 public:
  /// Begins at the ends of the container's log files, or at their beginnings.
  [[nodiscard]] static Result<RawOutput> open(const state::Paths& paths, const std::string& container,
                                              bool from_beginning = false);

  /// Passes on what has come since the last call. Errors: those of writing to this process's own output.
  [[nodiscard]] Status pass_on();

  /// Readable when there may be something.
  [[nodiscard]] int fd() const { return watch_.fd(); }

 private:
  explicit RawOutput(sys::DirectoryWatch watch) : watch_(std::move(watch)) {}

  sys::DirectoryWatch watch_;
  UniqueFd out_, err_;
};

}  // namespace cmp::cli
