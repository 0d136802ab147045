#pragma once
// What a container uses, in the words of `docker stats`. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "cli/row_format.hpp"

namespace cmp::cli {

/// One look at a container. Everything is 0 if it does not run.
struct StatsSample {
  std::string id, name;
  MonotonicTime at;
  std::uint64_t cpu_usec = 0;
  std::uint64_t memory_bytes = 0, limit_bytes = 0;  ///< without what the kernel may drop; of the group or the machine
  std::uint64_t received_bytes = 0, sent_bytes = 0;
  std::uint64_t read_bytes = 0, written_bytes = 0;
  std::uint64_t pids = 0;
};

/// What all devices but lo have received and sent, from the text of /proc/PID/net/dev.
struct NetworkBytes {
  std::uint64_t received = 0, sent = 0;
};

[[nodiscard]] NetworkBytes network_bytes_in(std::string_view text);

/// What a process has had read and written by block devices, from the text of /proc/PID/io.
struct DeviceBytes {
  std::uint64_t read = 0, written = 0;
};

[[nodiscard]] DeviceBytes device_bytes_in(std::string_view text);

/// The row of a container; processor time is counted from `before`, 100 % is one processor.
[[nodiscard]] TemplateRow stats_row(const StatsSample& before, const StatsSample& now, bool whole_id);

/// The columns and headers of `docker stats`.
[[nodiscard]] Listing stats_listing();

/// "1.5MiB": four digits of binary units.
[[nodiscard]] std::string binary_size(std::uint64_t bytes);

}  // namespace cmp::cli
