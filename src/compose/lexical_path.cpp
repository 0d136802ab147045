#include "compose/lexical_path.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cmp::compose {

std::string clean_path(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(part);
    }
  }
  std::string result = absolute ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    result += i == 0 ? "" : "/";
    result += parts[i];
  }
  return result.empty() ? "." : result;
}

std::string join_path(std::string_view base, std::string_view path) {
  if (path.starts_with('/')) {
    return std::string(path);
  }
  return clean_path(std::string(base) + "/" + std::string(path));
}

bool is_remote(std::string_view reference) {
  constexpr std::array<std::string_view, 4> kPrefixes{"github.com/", "git@", "service:", "target:"};
  return reference.find("://") != std::string_view::npos ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return reference.starts_with(prefix); });
}

}  // namespace cmp::compose
