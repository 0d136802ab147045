#pragma once
// How a container ended, in words. Pure.

#include <string>

#include "state/record.hpp"

namespace cmp::state {

/// "out of memory: peak 64M of 64M", or "" if its end needs no explanation. A service that went on without what the
/// kernel killed of it, and ended by itself, is not explained by that.
[[nodiscard]] std::string exit_reason(const ContainerRecord& record);

/// "exited (137) out of memory: peak 64M of 64M", "exited (1)", "exited (unknown)".
[[nodiscard]] std::string exit_text(const ContainerRecord& record);

/// "64M", "1.5G", "512K", "100": binary, at most one decimal.
[[nodiscard]] std::string short_bytes(std::uint64_t bytes);

/// A signal that a process brings on itself: SIGSEGV, SIGABRT and their like.
[[nodiscard]] bool is_crash(int signal);

}  // namespace cmp::state
