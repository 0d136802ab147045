#include "cli/process_table.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include <fmt/core.h>

#include "cli/process_row.hpp"
#include "sys/file.hpp"
#include "sys/user_names.hpp"

namespace cmp::cli {

namespace {

/// The words of the command line; the program's name in brackets if there are none.
std::string command_of(int pid, const ProcessStat& stat) {
  std::string text = sys::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or(std::string());
  while (!text.empty() && text.back() == '\0') {
    text.pop_back();
  }
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text.empty() ? fmt::format("[{}]", stat.name) : text;
}

/// "15:04" today, "Jan02" before.
std::string start_text(std::time_t started, std::time_t now) {
  std::tm then{};
  std::tm today{};
  ::localtime_r(&started, &then);
  ::localtime_r(&now, &today);
  char text[16] = {};
  const bool same = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
  std::strftime(text, sizeof text, same ? "%H:%M" : "%b%d", &then);
  return text;
}

}  // namespace

ProcessTable::ProcessTable() : users_(sys::user_names()) {}

/// As `ps` shows it.
std::string ProcessTable::user(uid_t uid) const {
  const auto it = users_.find(uid);
  return it == users_.end() ? std::to_string(uid) : it->second;
}

std::optional<TableRow> ProcessTable::row(int pid) const {
  const auto stat = parse_process_stat(sys::read_file(fmt::format("/proc/{}/stat", pid)).value_or(std::string()));

  struct stat owner {};

  if (!stat || ::stat(fmt::format("/proc/{}", pid).c_str(), &owner) != 0) {
    return std::nullopt;
  }
  const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  std::timespec up{};
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  const auto booted = static_cast<std::uint64_t>(up.tv_sec);
  const std::uint64_t age = booted - std::min(stat->start_ticks / hertz, booted);
  const std::time_t now = std::time(nullptr);
  const std::uint64_t percent = stat->cpu_ticks * 100 / hertz / std::max<std::uint64_t>(age, 1);
  return TableRow{user(owner.st_uid),
                  std::to_string(pid),
                  std::to_string(stat->parent),
                  std::to_string(percent),
                  start_text(now - static_cast<std::time_t>(age), now),
                  terminal_name(stat->terminal),
                  cpu_time(stat->cpu_ticks / hertz),
                  command_of(pid, *stat)};
}

std::string ProcessTable::text(const std::vector<TableRow>& rows, TableRow before) {
  constexpr std::size_t kMinimumWidth = 4, kPadding = 2;
  before.insert(before.end(), {"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"});
  return render_table(before, rows, kMinimumWidth, kPadding);
}

}  // namespace cmp::cli
