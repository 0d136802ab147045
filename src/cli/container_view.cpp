#include "cli/container_view.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "cli/human.hpp"
#include "state/exit_reason.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;
using state::ContainerState;
using state::Health;

std::string health_suffix(Health health) {
  switch (health) {
    case Health::kNone:
      break;
    case Health::kStarting:
      return " (health: starting)";
    case Health::kHealthy:
      return " (healthy)";
    case Health::kUnhealthy:
      return " (unhealthy)";
  }
  return {};
}

std::string reason_suffix(const ContainerRecord& record) {
  const std::string reason = state::exit_reason(record);
  return reason.empty() ? "" : fmt::format(" ({})", reason);
}

std::string bracketed(const std::string& address) {
  const std::string shown = address.empty() ? "0.0.0.0" : address;
  return shown.find(':') == std::string::npos ? shown : "[" + shown + "]";
}

/// Neighbouring ports of one kind: the same address (none if merely exposed) and protocol.
struct PortRange {
  std::string address, protocol;
  int first = 0, last = 0;
};

std::string describe(const PortRange& range) {
  const std::string ports =
      range.first == range.last ? std::to_string(range.first) : fmt::format("{}-{}", range.first, range.last);
  return range.address.empty() ? fmt::format("{}/{}", ports, range.protocol)
                               : fmt::format("{}:{}->{}/{}", range.address, ports, ports, range.protocol);
}

void add_port(std::vector<PortRange>& ranges, const PortRange& port) {
  const auto neighbour = std::find_if(ranges.begin(), ranges.end(), [&](const PortRange& range) {
    return range.address == port.address && range.protocol == port.protocol && range.last + 1 == port.first;
  });
  if (neighbour == ranges.end()) {
    ranges.push_back(port);
  } else {
    neighbour->last = port.last;
  }
}

/// As strconv.Quote of Go does for what a command line usually has.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    const auto byte = static_cast<unsigned char>(c);
    out += c == '\n'                     ? "\\n"
           : c == '\t'                   ? "\\t"
           : c == '\r'                   ? "\\r"
           : byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte)
                                         : std::string(1, c);
  }
  return out + '"';
}

}  // namespace

std::string code_text(const ContainerRecord& record) {
  return record.exit_unknown ? "unknown" : std::to_string(shown_exit_code(record));
}

int shown_exit_code(const ContainerRecord& record) {
  if (state::has_program(record.state) || record.state == ContainerState::kCreated) {
    return 0;
  }
  constexpr int kUnknown = -1;
  return record.exit ? record.exit->code : record.exit_unknown ? kUnknown : 0;
}

namespace {

/// A crash loop is a state of its own: how often, when next, and why.
std::string restarting_text(const ContainerRecord& record, WallTime now) {
  const auto left = std::max(Nanoseconds(0), Nanoseconds(record.next_start_at - now));
  const std::string reason = state::exit_reason(record);
  return fmt::format("restarting ({}x, next in {} s, exit {}{}{})", record.crashes,
                     std::chrono::ceil<std::chrono::seconds>(left).count(), code_text(record),
                     reason.empty() ? "" : ", ", reason);
}

}  // namespace

std::string describe_status(const ContainerRecord& record, WallTime now) {
  switch (record.state) {
    case ContainerState::kCreated:
      return "Created";
    case ContainerState::kRunning:
      return "Up " + human_duration(now - record.started_at) + health_suffix(record.health);
    case ContainerState::kPaused:
      return "Up " + human_duration(now - record.started_at) + " (Paused)";
    case ContainerState::kRestarting:
      return restarting_text(record, now);
    case ContainerState::kExited:
      return fmt::format("Exited ({}) {} ago{}", code_text(record), human_duration(now - record.finished_at),
                         reason_suffix(record));
    case ContainerState::kRemoving:
      break;
  }
  return "Removal In Progress";
}

std::string describe_ports(const ContainerRecord& record) {
  if (!state::holds_ports(record)) {
    return "";
  }
  auto ports = record.ports;
  std::sort(ports.begin(), ports.end(), [](const state::PublishedPort& a, const state::PublishedPort& b) {
    return std::tie(a.target, a.host_ip, a.host_port, a.protocol) <
           std::tie(b.target, b.host_ip, b.host_port, b.protocol);
  });
  std::vector<PortRange> same;
  std::vector<std::string> moved;
  for (const state::PublishedPort& port : ports) {
    if (port.host_port == port.target) {
      add_port(same, {bracketed(port.host_ip), port.protocol, port.target, port.target});
    } else {
      moved.push_back(fmt::format("{}:{}->{}/{}", bracketed(port.host_ip), port.host_port, port.target, port.protocol));
    }
  }
  for (const int exposed : record.exposed) {
    add_port(same, {"", "tcp", exposed, exposed});
  }
  std::vector<std::string> parts;
  std::transform(same.begin(), same.end(), std::back_inserter(parts), describe);
  parts.insert(parts.end(), moved.begin(), moved.end());
  return join(parts);
}

std::string ellipsis(const std::string& text, std::size_t characters) {
  return display_width(text) <= characters ? text : clip(text, characters - 1) + "…";
}

std::string describe_command(const ContainerRecord& record, bool whole) {
  constexpr std::size_t kWidth = 20;
  std::vector<std::string> words = record.command;
  for (std::string& word : words) {
    if (&word != &words.front() && word.find(' ') != std::string::npos) {
      word = "'" + word + "'";
    }
  }
  const std::string command = join(words, " ");
  return quoted(whole ? command : ellipsis(command, kWidth));
}

std::string describe_age(const ContainerRecord& record, WallTime now) {
  return human_duration(now - record.created_at) + " ago";
}

}  // namespace cmp::cli
