// x-ready, pre_start, post_start, pre_stop.

#include <charconv>
#include <regex>

#include <fmt/core.h>

#include "compose/bind.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

constexpr std::string_view kReadyForms = "tcp://[ADDRESS]:PORT, http://[ADDRESS]:PORT/PATH, log:REGEX or file:/PATH";

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  return code == std::errc() && end == text.data() + text.size() && port != 0 ? std::optional(port) : std::nullopt;
}

/// "ADDRESS:PORT/PATH", "[::1]:80", ":80". \returns false if it is none of these.
bool take_endpoint(std::string_view text, model::ReadyCheck& check) {
  const auto slash = std::min(text.find('/'), text.size());
  const std::string_view endpoint = text.substr(0, slash);
  const auto colon = endpoint.rfind(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  const auto port = port_of(endpoint.substr(colon + 1));
  std::string_view address = endpoint.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  check.address = address.empty() || address == "localhost" ? "127.0.0.1" : std::string(address);
  check.port = port.value_or(0);
  check.text = text.substr(slash);
  const bool literal = check.address.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
  return port.has_value() && literal;
}

/// \returns why the expression is none, "" if it is one.
std::string check_expression(const std::string& text) {
  try {
    const std::regex expression(text);
    return text.empty() ? "it is empty" : "";
  } catch (const std::regex_error& error) {
    return error.what();
  }
}

/// \returns what is wrong with it, "" if nothing is.
std::string parse_ready(const std::string& text, model::ReadyCheck& check) {
  const auto after = [&](std::string_view prefix) { return text.substr(prefix.size()); };
  if (text.starts_with("tcp://")) {
    check.kind = model::ReadyKind::kTcp;
    return take_endpoint(after("tcp://"), check) && check.text.empty() ? "" : "is not tcp://[ADDRESS]:PORT";
  }
  if (text.starts_with("http://")) {
    check.kind = model::ReadyKind::kHttp;
    const bool good = take_endpoint(after("http://"), check);
    check.text = check.text.empty() ? "/" : check.text;
    return good ? "" : "is not http://[ADDRESS]:PORT/PATH";
  }
  if (text.starts_with("log:")) {
    check.kind = model::ReadyKind::kLog;
    check.text = after("log:");
    const std::string wrong = check_expression(check.text);
    return wrong.empty() ? "" : fmt::format("has no regular expression: {}", wrong);
  }
  if (text.starts_with("file:")) {
    check.kind = model::ReadyKind::kFile;
    check.text = after("file:");
    return check.text.starts_with('/') ? "" : "needs an absolute path in the container";
  }
  return fmt::format("must be {}", kReadyForms);
}

}  // namespace

std::vector<model::ReadyCheck> bind_ready(const std::string& name, const Node& service, Problems& problems) {
  std::vector<model::ReadyCheck> checks;
  const Node* ready = service.find("x-ready");
  if (ready == nullptr || ready->is_null()) {
    return checks;
  }
  const Node* driver = find_path(service, {"logging", "driver"});
  const bool silent = driver != nullptr && driver->scalar == "none";
  const auto take = [&](const Node& node) {
    model::ReadyCheck check;
    std::string wrong = parse_ready(node.scalar, check);
    if (wrong.empty() && check.kind == model::ReadyKind::kLog && silent) {
      wrong = "needs a log, and logging.driver is none";
    }
    if (wrong.empty()) {
      checks.push_back(std::move(check));
    } else {
      problems.error(node.origin, fmt::format("services.{}.x-ready: '{}' {}", name, node.scalar, wrong));
    }
  };
  if (!ready->entries.empty()) {
    problems.error(ready->origin,
                   fmt::format("services.{}.x-ready must be a string or a list of strings: {}", name, kReadyForms));
  } else if (ready->items.empty()) {
    take(*ready);
  }
  for (const Node& item : ready->items) {
    take(item);
  }
  return checks;
}

std::vector<model::Hook> bind_hooks(const Node& service, std::string_view key) {
  std::vector<model::Hook> hooks;
  for (const Node& item : items_at(service, key)) {
    model::Hook hook;
    const Node* command = item.find("command");
    if (command != nullptr && !command->is_null()) {
      hook.command = texts_at(item, "command");
    }
    hook.image = text_at(item, "image");
    hook.user = text_at(item, "user");
    hook.working_dir = text_at(item, "working_dir");
    hook.environment = bind_variables(item, "environment");
    hook.privileged = bool_at(item, "privileged").value_or(false);
    hook.per_replica = bool_at(item, "per_replica").value_or(false);
    hook.where = item.origin.pos();
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

}  // namespace cmp::compose
