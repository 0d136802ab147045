#include "cli/log_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

constexpr std::array kColours = {"36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"};

}  // namespace

void LogPrefixes::add(const std::string& container) {
  const std::string colour = kColours[(colours_.size() - labels_.size()) % kColours.size()];
  if (colours_.emplace(container, colour).second) {
    width_ = std::max(width_, display_width(short_name(container)) + 1);
  }
}

void LogPrefixes::add_hook(const std::string& source, const std::string& label, const std::string& container) {
  labels_.emplace(source, label);
  if (const auto colour = colours_.find(container); colour != colours_.end()) {
    colours_.emplace(source, colour->second);
  }
}

std::string LogPrefixes::short_name(const std::string& source) const {
  const auto label = labels_.find(source);
  const std::string& container = label == labels_.end() ? source : label->second;
  const std::size_t before = project_.size() + 1;
  const bool own = container.starts_with(project_) && container.size() > before &&
                   (container[before - 1] == '-' || container[before - 1] == '_');
  return own ? container.substr(before) : container;
}

std::string LogPrefixes::paint(const std::string& container, const std::string& text) const {
  const auto colour = colours_.find(container);
  return colour_ && colour != colours_.end() ? fmt::format("\x1b[{}m{}\x1b[0m", colour->second, text) : text;
}

std::string LogPrefixes::format(const std::string& container, const state::LogLine& line) const {
  const std::string time = style_.timestamps ? rfc3339_nanoseconds(line.time) + " " : "";
  if (style_.no_prefix) {
    return time + line.text + "\n";
  }
  std::string name = short_name(container);
  name.append(width_ - std::min(width_, display_width(name)), ' ');
  return paint(container, name + " | ") + time + line.text + "\n";
}

std::string LogPrefixes::format_status(const std::string& container, std::string_view what) const {
  return paint(container, fmt::format("{} {}", short_name(container), what)) + "\n";
}

bool LogFilter::wants(const state::LogLine& line) const {
  return (!since || line.time >= *since) && (!until || line.time <= *until);
}

Result<std::optional<std::size_t>> parse_tail(const std::string& text) {
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, count);
  if (code == std::errc() && rest == end) {
    return std::optional(count);
  }
  if (text == "all" || text.starts_with("-")) {
    return std::optional<std::size_t>();
  }
  return make_error(Code::kInvalid, fmt::format("--tail: '{}' is neither a number nor 'all'", text));
}

void append_wanted(std::vector<SourcedLine>& lines, const std::string& container, std::vector<state::LogLine> from,
                   const LogFilter& filter) {
  std::erase_if(from, [&](const state::LogLine& line) { return !filter.wants(line); });
  const std::size_t skipped = filter.tail && *filter.tail < from.size() ? from.size() - *filter.tail : 0;
  for (std::size_t i = skipped; i < from.size(); ++i) {
    lines.push_back({container, std::move(from[i])});
  }
}

void sort_by_time(std::vector<SourcedLine>& lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const SourcedLine& a, const SourcedLine& b) { return a.line.time < b.line.time; });
}

}  // namespace cmp::cli
