#pragma once
// A process as `ps -ef` shows it, from /proc/PID/stat (proc(5)). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace cmp::cli {

struct ProcessStat {
  std::string name;  ///< of the program, at most 15 bytes
  int parent = 0;
  int terminal = 0;               ///< device number; 0 is none
  std::uint64_t cpu_ticks = 0;    ///< user and system, its own
  std::uint64_t start_ticks = 0;  ///< since boot
};

/// Nothing if the text is no /proc/PID/stat.
[[nodiscard]] std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// "pts/3", "tty1", "?".
[[nodiscard]] std::string terminal_name(int device);

/// "00:01:40".
[[nodiscard]] std::string cpu_time(std::uint64_t seconds);

}  // namespace cmp::cli
