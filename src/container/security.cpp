#include "container/security.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "container/blame.hpp"

namespace cmp::container {

namespace {

struct Option {
  std::string name;
  std::optional<std::string> value;
};

Option split_option(const std::string& text) {
  const auto at = text.find_first_of("=:");
  return at == std::string::npos ? Option{text, std::nullopt} : Option{text.substr(0, at), text.substr(at + 1)};
}

/// As Go's ParseBool, which Docker reads these with.
std::optional<bool> parse_switch(const std::optional<std::string>& value) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "True", "TRUE"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "False", "FALSE"};
  if (!value || std::ranges::find(kTrue, *value) != kTrue.end()) {
    return true;
  }
  return std::ranges::find(kFalse, *value) != kFalse.end() ? std::optional(false) : std::nullopt;
}

Error wrong(const model::Service& service, const std::string& message) {
  return blame(service, "security_opt", Code::kInvalid, message);
}

Status read_switch(const model::Service& service, const Option& option, bool& into) {
  const auto value = parse_switch(option.value);
  if (!value) {
    return wrong(service, fmt::format("'{}' is either true or false, not '{}'", option.name, *option.value));
  }
  into = *value;
  return {};
}

Status read_name(const model::Service& service, const Option& option, std::string& into) {
  // An empty name must never come to mean "unconfined" (CVE-2023-2431).
  if (option.value.value_or("").empty()) {
    return wrong(service, fmt::format("'{}' needs a value, such as {}=unconfined", option.name, option.name));
  }
  into = *option.value;
  return {};
}

Status read_paths(const model::Service& service, const Option& option, SecurityOptions& options) {
  if (option.value != "unconfined") {
    return wrong(service, "'systempaths' has one value, systempaths=unconfined");
  }
  options.unconfined_paths = true;
  return {};
}

/// A later label of the same kind wins; "disable" ends them all.
Status read_label(const model::Service& service, const Option& option, SecurityOptions& options) {
  constexpr std::array<std::string_view, 5> kLabelKinds = {"user", "role", "type", "level", "filetype"};
  const std::string text = option.value.value_or("");
  const std::string kind = text.substr(0, text.find(':'));
  const bool has_value = kind.size() + 1 < text.size();
  if (text != "disable" && (std::ranges::find(kLabelKinds, kind) == kLabelKinds.end() || !has_value)) {
    return wrong(service, fmt::format("'{}' is no label: user:, role:, type:, level: or filetype: and a value, "
                                      "or disable",
                                      text));
  }
  options.labels.push_back(text);
  return {};
}

Error unknown(const model::Service& service, const std::string& text, const std::string& name) {
  constexpr std::array<std::string_view, 6> kOptionNames = {"apparmor", "label",       "no-new-privileges",
                                                            "seccomp",  "systempaths", "writable-cgroups"};
  const auto meant = nearest(name, kOptionNames);
  const std::string hint = meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant);
  return wrong(service, fmt::format("'{}' is no security option{}", text, hint));
}

Status read_option(const model::Service& service, const std::string& text, SecurityOptions& options) {
  const Option option = split_option(text);
  if (option.name == "no-new-privileges") {
    return read_switch(service, option, options.no_new_privs);
  }
  if (option.name == "writable-cgroups") {
    return read_switch(service, option, options.writable_cgroups);
  }
  if (option.name == "seccomp") {
    return read_name(service, option, options.seccomp);
  }
  if (option.name == "apparmor") {
    return read_name(service, option, options.apparmor);
  }
  if (option.name == "label") {
    return read_label(service, option, options);
  }
  return option.name == "systempaths" ? read_paths(service, option, options) : unknown(service, text, option.name);
}

}  // namespace

Result<SecurityOptions> security_options(const model::Service& service) {
  SecurityOptions options;
  for (const std::string& text : service.security_opt) {
    CMP_CHECK(read_option(service, text, options));
  }
  if (options.seccomp == "builtin") {
    options.seccomp.clear();
  }
  return options;
}

std::string seccomp_profile(const model::Service& service, const SecurityOptions& options) {
  return options.seccomp.empty() && service.privileged ? "unconfined" : options.seccomp;
}

}  // namespace cmp::container
