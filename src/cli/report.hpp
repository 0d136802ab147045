#pragma once
// Errors for people.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace cmp::cli {

/// The text of a line (from 1) of a file; nothing if it cannot be read.
using ReadLine = std::function<std::optional<std::string>(const std::string& file, int line)>;

/// `file:line:column: message`, the line and a caret below it; `error: message` where no file is to blame. The error
/// and each of its `others`, identical ones once. Pure but for `read_line`.
[[nodiscard]] std::string render_error(const Error& error, const ReadLine& read_line);

/// Text of a user's file as a terminal may get it: question marks for control characters, which could steer it.
[[nodiscard]] std::string harmless(std::string text);

/// For render_error: lines of files, each file read once.
class SourceLines {
 public:
  /// `standard_input` is what the file "-" held.
  explicit SourceLines(std::string standard_input = {}) { texts_.emplace("-", std::move(standard_input)); }

  [[nodiscard]] std::optional<std::string> operator()(const std::string& file, int line);

 private:
  std::map<std::string, std::string> texts_;  ///< empty for a file that can't be read
};

/// 1, or 130 for what was interrupted.
[[nodiscard]] int exit_code(const Error& error);

}  // namespace cmp::cli
