#include "engine/log_messages.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <regex>

#include <fmt/core.h>

#include "engine/log_tag.hpp"

namespace cmp::engine {

namespace {

constexpr std::size_t kMostInOne = 16384;
constexpr int kError = 3, kInfo = 6;  // severities of syslog(3)

bool matches(const std::string& name, const std::vector<std::string>& names, const std::string& expression) {
  if (std::ranges::find(names, name) != names.end()) {
    return true;
  }
  try {
    return !expression.empty() && std::regex_search(name, std::regex(expression));
  } catch (const std::regex_error&) {
    return false;  // log_plan has refused it
  }
}

/// The name of a journal field: capitals, digits and underscores, which do not come first (systemd.journal-fields(7)).
std::string field_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const char made = std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::toupper(byte)) : '_';
    if (made != '_' || !out.empty()) {
      out += made;
    }
  }
  return out;
}

/// The journal's native protocol: NAME=VALUE, or the value's length in between if it has line ends.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    out += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8) {
      out += static_cast<char>((value.size() >> shift) & 0xFFU);
    }
  }
  out += value;
  out += '\n';
}

/// In the host's zone.
std::tm local_time(WallTime time) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

/// "Feb  3 04:05:06"
std::string short_time(WallTime time) {
  const std::tm local = local_time(time);
  std::array<char, 64> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%b %e %H:%M:%S", &local)};
}

/// "2026-02-03T04:05:06+02:00", or with microseconds.
std::string iso_time(WallTime time, bool microseconds) {
  const std::tm local = local_time(time);
  std::array<char, 64> buffer{};
  std::string out(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &local));
  if (microseconds) {
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
    out += fmt::format(".{:06}", since.count() % 1'000'000);
  }
  std::string offset(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%z", &local));
  return out + offset.insert(std::min<std::size_t>(offset.size(), 3), ":");  // +0200 → +02:00
}

std::string journal_message(const LogSender& sender, const state::LogLine& line, std::string_view text, bool partial) {
  std::string out;
  append_field(out, "MESSAGE", text);
  append_field(out, "PRIORITY", std::to_string(line.is_stderr ? kError : kInfo));
  append_field(out, "SYSLOG_IDENTIFIER", sender.tag);
  append_field(out, "SYSLOG_TIMESTAMP", iso_time(line.time, true));
  append_field(out, "CONTAINER_NAME", sender.name);
  append_field(out, "CONTAINER_ID", sender.id.substr(0, 12));
  append_field(out, "CONTAINER_ID_FULL", sender.id);
  append_field(out, "CONTAINER_TAG", sender.tag);
  append_field(out, "IMAGE_NAME", sender.image);
  if (partial) {
    append_field(out, "CONTAINER_PARTIAL_MESSAGE", "true");
  }
  for (const auto& [name, value] : sender.attributes) {
    if (const std::string field = field_name(name); !field.empty()) {
      append_field(out, field, value);
    }
  }
  return out;
}

std::string syslog_message(const LogSender& sender, const state::LogLine& line, std::string_view text) {
  constexpr int kSeverities = 8;
  const int priority = sender.target.facility * kSeverities + (line.is_stderr ? kError : kInfo);
  switch (sender.target.format) {
    case SyslogFormat::kLocal:
      return fmt::format("<{}>{} {}[{}]: {}", priority, short_time(line.time), sender.tag, sender.pid, text);
    case SyslogFormat::kRfc3164:
      return fmt::format("<{}>{} {} {}[{}]: {}", priority, short_time(line.time), sender.host, sender.tag, sender.pid,
                         text);
    case SyslogFormat::kRfc5424:
    case SyslogFormat::kRfc5424Micro:
      break;
  }
  const bool microseconds = sender.target.format == SyslogFormat::kRfc5424Micro;
  return fmt::format("<{}>1 {} {} {} {} {} - {}", priority, iso_time(line.time, microseconds), sender.host, sender.tag,
                     sender.pid, sender.tag, text);
}

}  // namespace

LogSender log_sender(const LogTarget& target, const state::ContainerRecord& record, std::string host, int pid) {
  LogSender sender{.target = target,
                   .tag = expand_log_tag(target.tag, record),
                   .id = record.id,
                   .name = record.name,
                   .image = record.image,
                   .attributes = {},
                   .host = std::move(host),
                   .pid = pid};
  for (const auto& [name, value] : record.labels) {
    if (matches(name, target.labels, target.labels_regex)) {
      sender.attributes.emplace_back(name, value);
    }
  }
  for (const auto& [name, value] : record.service_definition.environment) {
    if (value && matches(name, target.env, target.env_regex)) {
      sender.attributes.emplace_back(name, *value);
    }
  }
  return sender;
}

std::vector<std::string> log_messages(const LogSender& sender, const state::LogLine& line) {
  std::vector<std::string> out;
  std::string_view rest = line.text;
  do {
    const std::string_view text = rest.substr(0, kMostInOne);
    rest.remove_prefix(text.size());
    out.push_back(sender.target.kind == LogTarget::Kind::kJournal ? journal_message(sender, line, text, !rest.empty())
                                                                  : syslog_message(sender, line, text));
  } while (!rest.empty());
  return out;
}

}  // namespace cmp::engine
