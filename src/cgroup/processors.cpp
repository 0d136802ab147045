#include "cgroup/processors.hpp"

#include <algorithm>
#include <charconv>

namespace cmp::cgroup {

namespace {

constexpr int kMost = 8192;  // CONFIG_NR_CPUS goes no further

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value < kMost ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<std::set<int>> parse_processors(std::string_view text) {
  std::set<int> out;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(part.substr(dash + 1));
    if (!first || !last || *last < *first) {
      return std::nullopt;
    }
    for (int cpu = *first; cpu <= *last; ++cpu) {
      out.insert(cpu);
    }
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

}  // namespace cmp::cgroup
