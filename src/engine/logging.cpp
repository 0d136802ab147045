#include "engine/logging.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/decimal.hpp"

namespace cmp::engine {

namespace {

constexpr state::LogBounds kDefaultBounds{20'000'000, 5};

/// Options that say how lines are written down, which here is the same for all; `logs` gives the same lines.
constexpr std::array<std::string_view, 8> kWithoutEffect = {
    "compress", "env", "env-regex", "labels", "labels-regex", "max-buffer-size", "mode", "tag"};

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

Error wrong(const std::string& option, const std::string& value, std::string_view wanted) {
  return make_error(Code::kInvalid, fmt::format("logging: {} '{}' is not {}", option, value, wanted));
}

Status set_option(const std::string& driver, const std::string& name, const std::string& value,
                  state::LogBounds& bounds) {
  if (name == "max-size") {
    const auto size = parse_size(value);
    if (!size) {
      return wrong(name, value, "a size such as 10m");
    }
    bounds.max_bytes = *size;
    return {};
  }
  if (name == "max-file") {
    int files = 0;
    const auto [rest, code] = std::from_chars(value.data(), value.data() + value.size(), files);
    if (code != std::errc() || rest != value.data() + value.size() || files < 1) {
      return wrong(name, value, "a number of files from 1 on");
    }
    bounds.files = files;
    return {};
  }
  if (std::ranges::find(kWithoutEffect, name) == kWithoutEffect.end()) {
    return make_error(Code::kInvalid, fmt::format("logging: the driver {} has no option '{}'", driver, name));
  }
  return {};
}

}  // namespace

Result<std::optional<state::LogBounds>> log_bounds(const model::Logging& logging) {
  const std::string driver = logging.driver.empty() ? "json-file" : logging.driver;
  if (driver == "none") {
    return std::optional<state::LogBounds>();
  }
  if (driver != "json-file" && driver != "local") {
    return make_error(
        Code::kUnsupported,
        fmt::format("logging: the driver '{}' is not supported (supported: json-file, local, none)", driver));
  }
  state::LogBounds bounds = kDefaultBounds;
  // Docker's json-file keeps one file, unbounded, where nothing is said; who bounds it means one file of that size.
  if (logging.options.contains("max-size") && driver == "json-file") {
    bounds.files = 1;
  }
  for (const auto& [name, value] : logging.options) {
    CMP_CHECK(set_option(driver, name, value, bounds));
  }
  return std::optional(bounds);
}

}  // namespace cmp::engine
