#include "engine/logging.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <regex>
#include <span>
#include <string_view>

#include <fmt/core.h>

#include "base/decimal.hpp"
#include "base/nearest.hpp"
#include "base/words.hpp"
#include "engine/log_tag.hpp"
#include "net/net.hpp"

namespace cmp::engine {

namespace {

using Options = std::map<std::string, std::string>;

constexpr state::LogBounds kDefaultBounds{20'000'000, 5};
constexpr std::string_view kJournalSocket = "/run/systemd/journal/socket";
constexpr std::string_view kSyslogSocket = "/dev/log";

constexpr std::array<std::string_view, 10> kFileOptions = {
    "compress", "env", "env-regex", "labels", "labels-regex", "max-buffer-size", "max-file", "max-size", "mode", "tag"};
constexpr std::array<std::string_view, 10> kJournalOptions = {
    "cache-compress", "cache-max-file", "cache-max-size",  "env", "env-regex", "labels",
    "labels-regex",   "mode",           "max-buffer-size", "tag"};
constexpr std::array<std::string_view, 13> kSyslogOptions = {"cache-compress",
                                                             "cache-max-file",
                                                             "cache-max-size",
                                                             "env",
                                                             "env-regex",
                                                             "labels",
                                                             "labels-regex",
                                                             "mode",
                                                             "max-buffer-size",
                                                             "syslog-address",
                                                             "syslog-facility",
                                                             "syslog-format",
                                                             "tag"};

struct Driver {
  std::string_view name;
  std::span<const std::string_view> options;
  std::string_view size, files;  ///< the options that bound what is kept
};

constexpr std::array<Driver, 5> kDrivers = {{{"json-file", kFileOptions, "max-size", "max-file"},
                                             {"local", kFileOptions, "max-size", "max-file"},
                                             {"none", {}, "", ""},
                                             {"journald", kJournalOptions, "cache-max-size", "cache-max-file"},
                                             {"syslog", kSyslogOptions, "cache-max-size", "cache-max-file"}}};

/// syslog(3), by their numbers.
constexpr std::array<std::string_view, 24> kFacilities = {
    "kern", "user", "mail", "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
    "",     "",     "",     "",       "local0", "local1", "local2", "local3", "local4", "local5", "local6",   "local7"};

/// "10m", "1.5GB", "-1" (no bound): units are decimal, as in Docker's max-size.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto number = leading_decimal(text);
  if (!number) {
    return std::nullopt;
  }
  std::string unit(text.substr(number->size));
  std::ranges::transform(unit, unit.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  unit = unit.substr(unit.find_first_not_of(' ') == std::string::npos ? unit.size() : unit.find_first_not_of(' '));
  if (unit.ends_with('b')) {
    unit.pop_back();
  }
  const std::size_t power = unit.empty() ? 0 : std::string_view(" kmgt").find(unit);
  if (unit.size() > 1 || power == std::string_view::npos) {
    return std::nullopt;
  }
  const double bytes = number->value * std::pow(1000.0, static_cast<double>(power));
  return bytes < 0 ? 0 : static_cast<std::uint64_t>(bytes);
}

Error wrong(std::string_view option, const std::string& value, std::string_view wanted) {
  return make_error(Code::kInvalid, fmt::format("logging: {} '{}' is not {}", option, value, wanted));
}

std::string value_of(const Options& options, std::string_view name) {
  const auto found = options.find(std::string(name));
  return found == options.end() ? "" : found->second;
}

Status check_names(const Driver& driver, const Options& options) {
  for (const auto& [name, value] : options) {
    if (std::ranges::find(driver.options, name) != driver.options.end()) {
      continue;
    }
    const std::string_view near = nearest(name, driver.options);
    return make_error(Code::kInvalid, fmt::format("logging: the driver {} has no option '{}'{}", driver.name, name,
                                                  near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
  }
  return {};
}

Result<state::LogBounds> bounds_of(const Driver& driver, const Options& options) {
  state::LogBounds bounds = kDefaultBounds;
  if (const std::string value = value_of(options, driver.size); options.contains(std::string(driver.size))) {
    const auto size = parse_size(value);
    if (!size) {
      return wrong(driver.size, value, "a size such as 10m");
    }
    bounds.max_bytes = *size;
    // Docker's json-file keeps one file, unbounded, where nothing is said; who bounds it means one file of that size.
    bounds.files = driver.name == "json-file" ? 1 : bounds.files;
  }
  if (const std::string value = value_of(options, driver.files); options.contains(std::string(driver.files))) {
    const auto [rest, code] = std::from_chars(value.data(), value.data() + value.size(), bounds.files);
    if (code != std::errc() || rest != value.data() + value.size() || bounds.files < 1) {
      return wrong(driver.files, value, "a number of files from 1 on");
    }
  }
  return bounds;
}

bool is_regex(const std::string& text) {
  try {
    [[maybe_unused]] const std::regex compiled(text);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

/// Options that mean the same for every driver that has them.
Status check_common(const Options& options) {
  const std::string mode = value_of(options, "mode");
  if (!mode.empty() && mode != "blocking" && mode != "non-blocking") {
    return wrong("mode", mode, "blocking or non-blocking");
  }
  if (const std::string size = value_of(options, "max-buffer-size"); options.contains("max-buffer-size")) {
    if (!parse_size(size)) {
      return wrong("max-buffer-size", size, "a size such as 4m");
    }
    if (mode != "non-blocking") {
      return make_error(Code::kInvalid, "logging: max-buffer-size needs 'mode: non-blocking'");
    }
  }
  for (const char* const name : {"compress", "cache-compress"}) {
    const std::string value = value_of(options, name);
    if (options.contains(name) && value != "true" && value != "false") {
      return wrong(name, value, "true or false");
    }
  }
  for (const char* const name : {"labels-regex", "env-regex"}) {
    if (const std::string value = value_of(options, name); !is_regex(value)) {
      return wrong(name, value, "a regular expression");
    }
  }
  return check_log_tag(value_of(options, "tag")).context("logging: tag");
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    names.emplace_back(cut(list, ','));
  }
  return names;
}

/// A number, or a name of syslog(3).
Result<int> facility_of(const std::string& text) {
  constexpr int kDaemon = 3;
  if (text.empty()) {
    return kDaemon;
  }
  int number = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && rest == text.data() + text.size() && number >= 0 &&
      number < static_cast<int>(kFacilities.size())) {
    return number;
  }
  const auto* const found = std::ranges::find(kFacilities, std::string_view(text));
  return found != kFacilities.end() ? Result<int>(static_cast<int>(found - kFacilities.begin()))
                                    : wrong("syslog-facility", text, "a facility such as daemon or local0");
}

Result<SyslogFormat> format_of(const std::string& text, bool network) {
  if (text.empty()) {
    return network ? SyslogFormat::kRfc3164 : SyslogFormat::kLocal;
  }
  if (text == "rfc3164") {
    return SyslogFormat::kRfc3164;
  }
  if (text == "rfc5424") {
    return SyslogFormat::kRfc5424;
  }
  return text == "rfc5424micro" ? Result<SyslogFormat>(SyslogFormat::kRfc5424Micro)
                                : wrong("syslog-format", text, "rfc3164, rfc5424 or rfc5424micro");
}

Result<std::string> syslog_address_of(const std::string& text) {
  if (text.empty()) {
    return std::string(kSyslogSocket);
  }
  for (const std::string_view scheme : {"unixgram://", "unix://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size() && text[scheme.size()] == '/') {
      return text.substr(scheme.size());
    }
  }
  if (text.starts_with("udp://")) {
    return udp_address(text) ? Result<std::string>(text)
                             : wrong("syslog-address", text, "udp://ADDRESS:PORT, in numbers");
  }
  for (const std::string_view scheme : {"tcp://", "tcp+tls://"}) {
    if (text.starts_with(scheme)) {
      return make_error(Code::kUnsupported, fmt::format("logging: syslog-address '{}': only sockets of this host and "
                                                        "udp://ADDRESS:PORT are supported",
                                                        text));
    }
  }
  return wrong("syslog-address", text, "unixgram:///PATH, unix:///PATH or udp://ADDRESS:PORT");
}

Result<LogTarget> target_of(const Driver& driver, const Options& options) {
  LogTarget target;
  const std::string tag = value_of(options, "tag");
  target.tag = tag.empty() ? "{{.ID}}" : tag;
  target.labels = names_in(value_of(options, "labels"));
  target.env = names_in(value_of(options, "env"));
  target.labels_regex = value_of(options, "labels-regex");
  target.env_regex = value_of(options, "env-regex");
  target.address = kJournalSocket;
  if (driver.name == "syslog") {
    target.kind = LogTarget::Kind::kSyslog;
    CMP_TRY(target.address, syslog_address_of(value_of(options, "syslog-address")));
    CMP_TRY(target.facility, facility_of(value_of(options, "syslog-facility")));
    CMP_TRY(target.format, format_of(value_of(options, "syslog-format"), !target.address.starts_with('/')));
  }
  return target;
}

const Driver* driver_of(const model::Logging& logging) {
  const std::string_view name = logging.driver.empty() ? "json-file" : std::string_view(logging.driver);
  const auto* const found = std::ranges::find(kDrivers, name, &Driver::name);
  return found == kDrivers.end() ? nullptr : found;
}

}  // namespace

Result<LogPlan> log_plan(const model::Logging& logging) {
  const Driver* const driver = driver_of(logging);
  if (driver == nullptr) {
    std::vector<std::string_view> names;
    std::ranges::transform(kDrivers, std::back_inserter(names), &Driver::name);
    const std::string_view near = nearest(logging.driver, names);
    return make_error(Code::kUnsupported,
                      fmt::format("logging: the driver '{}' is not supported ({})", logging.driver,
                                  near.empty() ? std::string("supported: json-file, local, none, journald, syslog")
                                               : fmt::format("did you mean '{}'?", near)));
  }
  if (driver->name == "none") {
    return LogPlan();  // Docker takes any option for it
  }
  CMP_CHECK(check_names(*driver, logging.options));
  CMP_CHECK(check_common(logging.options));
  LogPlan plan;
  CMP_TRY(plan.kept, bounds_of(*driver, logging.options));
  if (driver->name == "journald" || driver->name == "syslog") {
    CMP_TRY(plan.sent, target_of(*driver, logging.options));
  }
  return plan;
}

Result<net::SocketAddress> udp_address(const std::string& text) {
  constexpr std::string_view kScheme = "udp://";
  constexpr std::uint16_t kSyslogPort = 514;
  const std::string rest = text.starts_with(kScheme) ? text.substr(kScheme.size()) : "";
  const std::size_t colon = rest.find(':');
  net::SocketAddress address{.ip = 0, .port = kSyslogPort};
  CMP_TRY(address.ip, net::parse_ipv4(rest.substr(0, colon)));
  if (colon != std::string::npos) {
    const auto [end, code] = std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), address.port);
    if (code != std::errc() || end != rest.data() + rest.size() || address.port == 0) {
      return make_error(Code::kInvalid, fmt::format("'{}' has no port", text));
    }
  }
  return address;
}

std::vector<std::string> log_options_without_effect(const model::Logging& logging) {
  const Driver* const driver = driver_of(logging);
  std::vector<std::string> out;
  if (driver == nullptr) {
    return out;
  }
  for (const auto& [name, value] : logging.options) {
    const bool attribute = name == "tag" || name.starts_with("labels") || name.starts_with("env");
    if ((name == "compress" || name == "cache-compress") && value == "true") {
      out.push_back(name + ": log files are kept as they are, within their bound");
    } else if (attribute && (driver->name == "json-file" || driver->name == "local")) {
      out.push_back(fmt::format("{}: the driver {} keeps lines without attributes", name, driver->name));
    } else if (driver->name == "none") {
      out.push_back(name + ": the driver none keeps nothing");
    }
  }
  return out;
}

}  // namespace cmp::engine
