#pragma once
// buildah as a child whose output comes line by line.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cli/context.hpp"
#include "sys/process.hpp"

namespace cmp::cli {

class BuildProcess {
 public:
  /// Runs `buildah WORDS…` in this directory.
  [[nodiscard]] static Result<BuildProcess> start(const std::vector<std::string>& words, const std::string& directory);

  /// Readable when there is output, and at its end.
  [[nodiscard]] int fd() const { return output_.get(); }

  using TakeLine = std::function<void(std::string_view line)>;

  /// Reads what is there and has `take` get whole lines. \returns false at the end.
  [[nodiscard]] Result<bool> read(const TakeLine& take);

  /// At the end of the output: reaps it. Errors: it failed; what it said last, or its status. kInterrupted after ^C.
  [[nodiscard]] Status finish();

  /// Asks it to end.
  void stop() const;

 private:
  sys::Child child_;
  UniqueFd output_;
  std::string rest_, last_;
};

/// Errors: kNotFound, with the package to install.
[[nodiscard]] Status need_buildah(const Context& context);

/// Runs it to its end in this directory. \returns its output.
[[nodiscard]] Result<std::string> run_buildah(const std::vector<std::string>& words,
                                              const std::string& directory = "/");

}  // namespace cmp::cli
