#include "sys/mount_table.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/words.hpp"

namespace cmp::sys {

namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// Blanks, line ends and backslashes in paths are written as \ooo.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && std::ranges::all_of(text.substr(i + 1, 3), is_octal);
    if (!escaped) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

std::optional<MountEntry> parse_line(std::string_view line) {
  for (int field = 0; field < 3; ++field) {  // id, parent, device
    cut(line, ' ');
  }
  MountEntry entry;
  entry.root = unescaped(cut(line, ' '));
  entry.point = unescaped(cut(line, ' '));
  cut(line, ' ');  // the mount's own options
  std::string_view field = cut(line, ' ');
  for (; !field.empty() && field != "-"; field = cut(line, ' ')) {
    if (field.starts_with("shared:")) {
      entry.propagation = "shared";
    } else if (field.starts_with("master:") && entry.propagation.empty()) {
      entry.propagation = "slave";
    }
  }
  entry.type = cut(line, ' ');
  cut(line, ' ');  // the source
  entry.super_options = cut(line, ' ');
  return entry.super_options.empty() ? std::nullopt : std::optional(std::move(entry));
}

}  // namespace

std::vector<MountEntry> parse_mount_table(std::string_view mountinfo) {
  std::vector<MountEntry> table;
  while (!mountinfo.empty()) {
    if (auto entry = parse_line(cut(mountinfo, '\n'))) {
      table.push_back(*std::move(entry));
    }
  }
  return table;
}

}  // namespace cmp::sys
