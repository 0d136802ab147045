#include "state/exit_reason.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <fmt/core.h>

namespace cmp::state {

namespace {

/// What an exit code does not say, and nobody has asked for.
std::string other_reason(const ContainerRecord& record) {
  if (record.ended_by == EndedBy::kGrace) {
    return "killed: the grace period was over";
  }
  if (record.ended_by == EndedBy::kUnhealthy) {
    return "unhealthy";
  }
  const int signal = record.ended_by == EndedBy::kItself && record.exit ? record.exit->signal : 0;
  return signal == 0        ? ""
         : is_crash(signal) ? fmt::format("crashed: {}", sys::signal_name(signal))
                            : fmt::format("{} from outside", sys::signal_name(signal));
}

}  // namespace

std::string short_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits = {'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) {
    return std::to_string(bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const std::string text = fmt::format("{:.1f}", value);
  return (text.ends_with(".0") ? text.substr(0, text.size() - 2) : text) + kUnits.at(unit);
}

bool is_crash(int signal) {
  constexpr std::array kOwn = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS, SIGTRAP};
  return std::ranges::find(kOwn, signal) != kOwn.end();
}

std::string exit_reason(const ContainerRecord& record) {
  if (!record.oom_killed || (record.exit && record.exit->code == 0)) {
    return other_reason(record);
  }
  const auto limit = record.service_definition.limits.memory;
  if (!limit || limit->count <= 0) {
    return "out of memory: the machine has none left";
  }
  const std::string most = short_bytes(static_cast<std::uint64_t>(limit->count));
  return record.memory_peak == 0 ? fmt::format("out of memory: the limit is {}", most)
                                 : fmt::format("out of memory: peak {} of {}", short_bytes(record.memory_peak), most);
}

std::string exit_text(const ContainerRecord& record) {
  const std::string reason = exit_reason(record);
  return fmt::format("exited ({}){}{}", record.exit ? std::to_string(record.exit->code) : "unknown",
                     reason.empty() ? "" : " ", reason);
}

}  // namespace cmp::state
