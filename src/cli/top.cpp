#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <map>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/process_row.hpp"
#include "cli/table.hpp"
#include "sys/file.hpp"
#include "sys/user_names.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;
using Users = std::map<uid_t, std::string>;

/// As `ps` shows it.
std::string name_of(uid_t uid, const Users& users) {
  const auto it = users.find(uid);
  return it == users.end() ? std::to_string(uid) : it->second;
}

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

/// Nothing if the process has ended meanwhile.
std::optional<TableRow> describe(int pid, const Users& users) {
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
  return TableRow{name_of(owner.st_uid, users),
                  std::to_string(pid),
                  std::to_string(stat->parent),
                  std::to_string(percent),
                  start_text(now - static_cast<std::time_t>(age), now),
                  terminal_name(stat->terminal),
                  cpu_time(stat->cpu_ticks / hertz),
                  command_of(pid, *stat)};
}

}  // namespace

Result<int> run_command(const Context& context, const TopOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  std::ranges::sort(containers, {}, &ContainerRecord::name);
  CMP_TRY(const auto layout, cgroup::detect());
  const Users users = sys::user_names();
  std::vector<TableRow> rows;
  for (const ContainerRecord& record : containers) {
    if (!is_wanted(options.services, record.service) || !state::has_program(record.state)) {
      continue;
    }
    CMP_TRY(const auto pids, cgroup::processes(layout, {record.cgroup}));
    for (const int pid : pids) {
      if (auto row = describe(pid, users)) {
        row->insert(row->begin(), {record.service, std::to_string(record.number)});
        rows.push_back(*std::move(row));
      }
    }
  }
  constexpr std::size_t kMinimumWidth = 4, kPadding = 2;
  CMP_CHECK(rows.empty()
                ? Status()
                : print(render_table({"SERVICE", "#", "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"}, rows,
                                     kMinimumWidth, kPadding)));
  return 0;
}

}  // namespace cmp::cli
