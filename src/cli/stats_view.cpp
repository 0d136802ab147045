#include "cli/stats_view.hpp"

#include <array>
#include <charconv>

#include <fmt/core.h>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

/// The numbers of a line, in order; what is none is passed over.
std::vector<std::uint64_t> numbers_in(std::string_view line) {
  std::vector<std::uint64_t> out;
  for (std::size_t at = line.find_first_of("0123456789"); at != std::string_view::npos;
       at = line.find_first_of("0123456789", at)) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(line.data() + at, line.data() + line.size(), value);
    out.push_back(code == std::errc() ? value : 0);
    at = static_cast<std::size_t>(end - line.data());
  }
  return out;
}

template <typename Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

double cpu_percent(const StatsSample& before, const StatsSample& now) {
  const double wall = std::chrono::duration<double, std::micro>(now.at - before.at).count();
  const bool counted = wall > 0 && now.cpu_usec >= before.cpu_usec && before.pids > 0;
  return counted ? static_cast<double>(now.cpu_usec - before.cpu_usec) / wall * 100.0 : 0.0;
}

}  // namespace

NetworkBytes network_bytes_in(std::string_view text) {
  NetworkBytes out;
  each_line(text, [&](std::string_view line) {
    constexpr std::size_t kSentColumn = 8;
    const std::size_t colon = line.find(':');
    const std::size_t name = line.find_first_not_of(' ');
    if (colon == std::string_view::npos || line.substr(name, colon - name) == "lo") {
      return;
    }
    const auto numbers = numbers_in(line.substr(colon));
    if (numbers.size() > kSentColumn) {
      out.received += numbers[0];
      out.sent += numbers[kSentColumn];
    }
  });
  return out;
}

DeviceBytes device_bytes_in(std::string_view text) {
  DeviceBytes out;
  each_line(text, [&](std::string_view line) {
    const auto numbers = numbers_in(line);
    if (line.starts_with("read_bytes:") && !numbers.empty()) {
      out.read = numbers.front();
    }
    if (line.starts_with("write_bytes:") && !numbers.empty()) {
      out.written = numbers.front();
    }
  });
  return out;
}

std::string binary_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kBinaryUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024.0 && unit + 1 < kBinaryUnits.size()) {
    amount /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.4g}{}", amount, kBinaryUnits.at(unit));
}

TemplateRow stats_row(const StatsSample& before, const StatsSample& now, bool whole_id) {
  constexpr std::size_t kIdDigits = 12;
  const double share =
      now.limit_bytes == 0 ? 0.0 : static_cast<double>(now.memory_bytes) / static_cast<double>(now.limit_bytes) * 100.0;
  const std::string id = whole_id ? now.id : now.id.substr(0, kIdDigits);
  return {.fields = {{"Container", id},
                     {"ID", id},
                     {"Name", now.name},
                     {"CPUPerc", fmt::format("{:.2f}%", cpu_percent(before, now))},
                     {"MemUsage", fmt::format("{} / {}", binary_size(now.memory_bytes), binary_size(now.limit_bytes))},
                     {"MemPerc", fmt::format("{:.2f}%", share)},
                     {"NetIO", fmt::format("{} / {}", human_size(now.received_bytes), human_size(now.sent_bytes))},
                     {"BlockIO", fmt::format("{} / {}", human_size(now.read_bytes), human_size(now.written_bytes))},
                     {"PIDs", std::to_string(now.pids)}},
          .label = {}};
}

Listing stats_listing() {
  return {.columns = {"ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"},
          .headers = {{"ID", "CONTAINER ID"},
                      {"Container", "CONTAINER"},
                      {"CPUPerc", "CPU %"},
                      {"MemUsage", "MEM USAGE / LIMIT"},
                      {"MemPerc", "MEM %"},
                      {"NetIO", "NET I/O"},
                      {"BlockIO", "BLOCK I/O"},
                      {"PIDs", "PIDS"}},
          .rows = {}};
}

}  // namespace cmp::cli
