#include "cli/process_row.hpp"

#include <sys/sysmacros.h>

#include <sstream>

#include <fmt/core.h>

namespace cmp::cli {

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // The name stands in parentheses and may hold any character.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ProcessStat out;
  out.name = text.substr(open + 1, close - open - 1);
  std::istringstream fields{std::string(text.substr(close + 1))};
  std::string skipped;
  int group = 0;
  int session = 0;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> skipped >> out.parent >> group >> session >> out.terminal;
  constexpr int kToUserTime = 6, kToStartTime = 6;
  for (int i = 0; i < kToUserTime; ++i) {
    fields >> skipped;
  }
  fields >> user >> system;
  for (int i = 0; i < kToStartTime; ++i) {
    fields >> skipped;
  }
  fields >> out.start_ticks;
  out.cpu_ticks = user + system;
  return fields ? std::optional(std::move(out)) : std::nullopt;
}

std::string terminal_name(int device) {
  constexpr unsigned kConsoles = 4, kFirstPseudo = 136, kLastPseudo = 143;
  const auto number = static_cast<dev_t>(static_cast<unsigned>(device));
  const unsigned major_number = major(number);
  if (major_number >= kFirstPseudo && major_number <= kLastPseudo) {
    return fmt::format("pts/{}", minor(number) + (major_number - kFirstPseudo) * 256);
  }
  return major_number == kConsoles ? fmt::format("tty{}", minor(number)) : "?";
}

std::string cpu_time(std::uint64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace cmp::cli
