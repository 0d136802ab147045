#include "state/why.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <fmt/core.h>

#include "state/exit_reason.hpp"

namespace cmp::state {

namespace {

std::string stop_signal(const ContainerRecord& record) {
  const std::string& name = record.service_definition.stop_signal;
  return name.empty() ? "SIGTERM" : name;
}

std::string code_text(const ContainerRecord& record) {
  return record.exit ? fmt::format("exit code {}", record.exit->code) : "exit code unknown";
}

double seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

/// By the kernel or from outside: the process itself had no word in it.
std::string signal_cause(const sys::ExitStatus& exit) {
  const std::string name = sys::signal_name(exit.signal);
  return is_crash(exit.signal)
             ? fmt::format("crashed with {} ({}){}", name, exit.signal, exit.core_dumped ? ", core dumped" : "")
             : fmt::format("killed from outside by {} ({})", name, exit.signal);
}

std::string own_end(const ContainerRecord& record) {
  if (!record.exit) {
    return "";
  }
  if (record.exit->signal != 0) {
    return signal_cause(*record.exit);
  }
  return record.exit->code == 0 ? "ended by itself, with success (exit code 0)"
                                : fmt::format("exited with code {} of its own", record.exit->code);
}

std::string ended_by(const ContainerRecord& record) {
  const model::Service& service = record.service_definition;
  switch (record.ended_by) {
    case EndedBy::kStop:
      return fmt::format("stopped by a command with {}, {}", stop_signal(record), code_text(record));
    case EndedBy::kDeaf:
      return fmt::format("stopped by a command; its first process has no handler for {} and was killed at once",
                         stop_signal(record));
    case EndedBy::kGrace:
      return fmt::format("killed: it did not end within the grace period ({:g} s) after {}",
                         seconds(service.stop_grace_period), stop_signal(record));
    case EndedBy::kKill:
      return "killed by a command";
    case EndedBy::kUnhealthy:
      return fmt::format("ended because it was unhealthy: {}", last_probe(record));
    case EndedBy::kOwner:
      return "ended with the container whose namespaces it shares";
    case EndedBy::kItself:
      break;
  }
  return own_end(record);
}

std::string restart_text(const ContainerRecord& record) {
  return record.restart_count == 0
             ? ""
             : fmt::format(", started again {} {}", record.restart_count, record.restart_count == 1 ? "time" : "times");
}

std::string running_text(const ContainerRecord& record, WallTime now, std::string (*duration)(Nanoseconds)) {
  std::string out = fmt::format("has been running for {}{}", duration(now - record.started_at), restart_text(record));
  if (!record.last_end.empty()) {
    out += fmt::format("; the run before: {}", record.last_end);
  }
  if (!record.held_by.empty()) {
    out += fmt::format("; its start waited for {}", record.held_by);
  }
  if (record.health == Health::kUnhealthy) {
    out += fmt::format("; it is unhealthy: {}", last_probe(record));
  } else if (record.health == Health::kStarting) {
    const std::string probe = last_probe(record);
    out += probe.empty() ? "; no probe has answered yet" : fmt::format("; not healthy yet: {}", probe);
  }
  return out;
}

}  // namespace

std::string last_probe(const ContainerRecord& record) {
  if (record.probes.empty()) {
    return {};
  }
  const ProbeRecord& probe = record.probes.back();
  std::string output = probe.output.substr(0, probe.output.find_last_not_of(" \n\r\t") + 1);
  std::ranges::replace(output, '\n', ' ');
  return fmt::format("its probe {}{}", probe.exit_code < 0 ? "was killed" : fmt::format("exited {}", probe.exit_code),
                     output.empty() ? "" : fmt::format(" ({})", output));
}

std::string end_cause(const ContainerRecord& record) {
  if (!record.error.empty()) {
    return "could not start: " + record.error;
  }
  const bool memory = record.oom_killed && !(record.exit && record.exit->code == 0);
  if (memory) {
    return fmt::format("killed by the kernel, {}", exit_reason(record));
  }
  if (record.exit_unknown) {
    return "ended while neither guardian nor supervisor was there: how is unknown";
  }
  return ended_by(record);
}

std::string why(const ContainerRecord& record, WallTime now, std::string (*duration)(Nanoseconds)) {
  switch (record.state) {
    case ContainerState::kRunning:
      return running_text(record, now, duration);
    case ContainerState::kPaused:
      return running_text(record, now, duration) + "; it is paused";
    case ContainerState::kCreated:
      return record.error.empty() ? "has not been started" : "was not started: " + record.error;
    case ContainerState::kRestarting: {
      const auto left = std::max(Nanoseconds(0), Nanoseconds(record.next_start_at - now));
      return fmt::format("{}; started again in {:.0f} s ({} in a row)", end_cause(record), seconds(left),
                         record.crashes);
    }
    case ContainerState::kExited:
    case ContainerState::kRemoving:
      break;
  }
  const std::string cause = end_cause(record);
  return fmt::format("{} {} ago{}", cause.empty() ? "ended" : cause, duration(now - record.finished_at),
                     restart_text(record));
}

}  // namespace cmp::state
