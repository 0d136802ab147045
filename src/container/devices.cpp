#include "container/devices.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/mounts.hpp"

namespace cmp::container {

namespace {

/// What Docker and runc allow between them: the nodes above, consoles and terminals, tun, and to make any node (not to
/// open it).
std::vector<model::DeviceRule> default_rules() {
  std::vector<model::DeviceRule> rules = {{'c', {}, {}, "m", false}, {'b', {}, {}, "m", false}};
  for (const step::MakeDevice& node : default_nodes()) {
    rules.push_back({'c', node.major, node.minor, "rwm", false});
  }
  rules.push_back({'c', 5, 1, "rwm", false});
  rules.push_back({'c', 5, 2, "rwm", false});
  rules.push_back({'c', 136, std::nullopt, "rwm", false});
  rules.push_back({'c', 10, 200, "rwm", false});
  return rules;
}

/// "8" or "*"; false if it is neither.
bool parse_number(std::string_view text, std::optional<unsigned>& number) {
  if (text == "*") {
    return true;
  }
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  number = value;
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::set<std::string> targets(const Facts& facts) {
  std::set<std::string> paths;
  for (const ResolvedDevice& device : facts.devices) {
    paths.insert(device.node.path);
  }
  return paths;
}

}  // namespace

std::vector<step::MakeDevice> default_nodes() {
  std::vector<step::MakeDevice> nodes;
  for (const auto& [path, minor] : {std::pair("/dev/null", 3U), std::pair("/dev/zero", 5U), std::pair("/dev/full", 7U),
                                    std::pair("/dev/random", 8U), std::pair("/dev/urandom", 9U)}) {
    nodes.push_back({.path = path, .major = 1, .minor = minor});
  }
  nodes.push_back({.path = "/dev/tty", .major = 5, .minor = 0});
  return nodes;
}

std::vector<Step> device_links(bool has_kcore) {
  std::vector<Step> steps = {step::Symlink{.target = "pts/ptmx", .path = "/dev/ptmx"},
                             step::Symlink{.target = "/proc/self/fd", .path = "/dev/fd"},
                             step::Symlink{.target = "/proc/self/fd/0", .path = "/dev/stdin"},
                             step::Symlink{.target = "/proc/self/fd/1", .path = "/dev/stdout"},
                             step::Symlink{.target = "/proc/self/fd/2", .path = "/dev/stderr"}};
  if (has_kcore) {
    steps.emplace_back(step::Symlink{.target = "/proc/kcore", .path = "/dev/core"});
  }
  return steps;
}

bool is_device_access(std::string_view text) {
  return !text.empty() && text.find_first_not_of("rwm") == std::string_view::npos &&
         std::set<char>(text.begin(), text.end()).size() == text.size();
}

bool is_cdi_name(std::string_view source) {
  return !source.starts_with('/') && source.find('=') != std::string_view::npos;
}

Result<model::DeviceRule> parse_device_rule(std::string_view text) {
  const auto wrong = make_error(Code::kInvalid, fmt::format("'{}' is no rule such as 'c 1:3 rwm'", text));
  const auto blank = text.rfind(' ');
  const auto colon = text.find(':');
  if (text.size() < 2 || text[1] != ' ' || colon == std::string_view::npos || blank == std::string_view::npos ||
      colon > blank) {
    return wrong;
  }
  model::DeviceRule rule;
  rule.type = text[0];
  rule.access = text.substr(blank + 1);
  const bool numbers = parse_number(text.substr(2, colon - 2), rule.major) &&
                       parse_number(text.substr(colon + 1, blank - colon - 1), rule.minor);
  const bool known = rule.type == 'a' || rule.type == 'b' || rule.type == 'c';
  return known && numbers && is_device_access(rule.access) ? Result<model::DeviceRule>(rule) : wrong;
}

Result<std::optional<std::vector<model::DeviceRule>>> device_rules(const model::Service& service,
                                                                   const std::vector<ResolvedDevice>& devices) {
  using Rules = std::optional<std::vector<model::DeviceRule>>;
  std::vector<model::DeviceRule> rules = default_rules();
  for (const ResolvedDevice& device : devices) {
    rules.push_back({device.node.type, device.node.major, device.node.minor, device.access});
  }
  for (const std::string& text : service.device_cgroup_rules) {
    auto rule = parse_device_rule(text);
    if (!rule) {
      return blame(service, "device_cgroup_rules", rule.error().code, rule.error().message);
    }
    rules.push_back(*std::move(rule));
  }
  return service.privileged ? Rules() : Rules(std::move(rules));
}

std::vector<Step> device_nodes(const model::Service& service, const Facts& facts) {
  const std::set<std::string> own = targets(facts);
  std::vector<Step> steps;
  const auto add = [&](const step::MakeDevice& node) {
    if (!own.contains(node.path)) {
      steps.emplace_back(node);
    }
  };
  std::ranges::for_each(default_nodes(), add);
  if (service.privileged) {
    std::ranges::for_each(facts.host_devices, add);
  }
  for (const ResolvedDevice& device : facts.devices) {
    steps.emplace_back(device.node);
  }
  return steps;
}

}  // namespace cmp::container
