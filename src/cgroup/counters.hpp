#pragma once
// Reading the kernel's counter files.

#include <cstdint>
#include <optional>
#include <string_view>

namespace cmp::cgroup {

/// The number in a file: after `key ` at the start of a line ("oom_kill 3"), or, with an empty key, at its very start.
/// Nothing if there is none ("max").
[[nodiscard]] std::optional<std::uint64_t> value_in(std::string_view text, std::string_view key);

struct Transferred {
  std::uint64_t read_bytes = 0, written_bytes = 0;
  friend bool operator==(const Transferred&, const Transferred&) = default;
};

/// The sums over all devices in io.stat ("8:0 rbytes=1 wbytes=2 …") or blkio.throttle.io_service_bytes ("8:0 Read 1").
[[nodiscard]] Transferred transferred_in(std::string_view text);

}  // namespace cmp::cgroup
