#pragma once
// Patterns of .dockerignore: "*", "?", "[a-z]", "**", and "!" for what is wanted after all; the last one that fits
// decides. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace cmp::cli {

class IgnorePatterns {
 public:
  explicit IgnorePatterns(const std::vector<std::string>& patterns);

  /// The lines of a .dockerignore: comments and blank ones left out.
  [[nodiscard]] static std::vector<std::string> lines_of(std::string_view text);

  /// True if a pattern fits the path, which is relative, or a directory that it lies in.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  struct Pattern {
    std::string text;
    bool wanted = false;  ///< "!"
  };

  std::vector<Pattern> patterns_;
};

}  // namespace cmp::cli
