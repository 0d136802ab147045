#include "cli/ignore_patterns.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace cmp::cli {

namespace {

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\r"), text.size()));
  text.erase(text.find_last_not_of(" \t\r") + 1);
  return text;
}

/// Without "./" and slashes at both ends.
std::string plain(std::string pattern) {
  while (pattern.starts_with("./")) {
    pattern.erase(0, 2);
  }
  pattern.erase(0, std::min(pattern.find_first_not_of('/'), pattern.size()));
  pattern.erase(pattern.find_last_not_of('/') + 1);
  return pattern;
}

/// Component by component; "**" is any number of them.
bool fits(std::string_view pattern, std::string_view path) {
  const std::size_t end = std::min(pattern.find('/'), pattern.size());
  const std::string part(pattern.substr(0, end));
  const std::string_view rest = pattern.substr(std::min(end + 1, pattern.size()));
  const bool last = end == pattern.size();
  const std::size_t cut = std::min(path.find('/'), path.size());
  const std::string_view inner = path.substr(std::min(cut + 1, path.size()));
  if (part == "**") {
    return last || fits(rest, path) || (cut < path.size() && fits(pattern, inner));
  }
  if (path.empty() || ::fnmatch(part.c_str(), std::string(path.substr(0, cut)).c_str(), 0) != 0) {
    return false;
  }
  // A directory that fits has everything in it.
  return last || (cut < path.size() && fits(rest, inner));
}

}  // namespace

IgnorePatterns::IgnorePatterns(const std::vector<std::string>& patterns) {
  for (const std::string& text : patterns) {
    const bool wanted = text.starts_with('!');
    const std::string pattern = plain(wanted ? text.substr(1) : text);
    if (!pattern.empty()) {
      patterns_.push_back({pattern == "." ? "**" : pattern, wanted});
    }
  }
}

std::vector<std::string> IgnorePatterns::lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line = trimmed(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && !line.starts_with('#')) {
      out.push_back(std::move(line));
    }
  }
  return out;
}

bool IgnorePatterns::matches(std::string_view path) const {
  bool ignored = false;
  for (const Pattern& pattern : patterns_) {
    if (pattern.wanted == ignored && fits(pattern.text, path)) {
      ignored = !pattern.wanted;
    }
  }
  return ignored;
}

}  // namespace cmp::cli
