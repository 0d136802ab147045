#include "oci/device_rules.hpp"

#include <array>

namespace cmp::oci {

namespace {

bool is_everything(const cgroup::DeviceRule& rule) {
  return rule.type == 'a' && !rule.major && !rule.minor;
}

/// What is left of an entry when some ways of access to just this device are taken away.
void take_away(std::vector<model::DeviceRule>& list, const cgroup::DeviceRule& denied) {
  for (model::DeviceRule& entry : list) {
    if (entry.type == denied.type && entry.major == denied.major && entry.minor == denied.minor) {
      std::erase_if(entry.access, [&](char way) { return denied.access.find(way) != std::string::npos; });
    }
  }
  std::erase_if(list, [](const model::DeviceRule& entry) { return entry.access.empty(); });
}

}  // namespace

std::vector<cgroup::DeviceRule> device_rules(const Config& config) {
  struct Number {
    std::uint32_t major, minor;
  };

  // null, zero, full, random, urandom, tty, console, ptmx
  constexpr std::array kDefaults = {Number{1, 3}, Number{1, 5}, Number{1, 7}, Number{1, 8},
                                    Number{1, 9}, Number{5, 0}, Number{5, 1}, Number{5, 2}};
  std::vector<cgroup::DeviceRule> rules = {{.allow = false, .type = 'a', .major = {}, .minor = {}}};
  const auto& asked = config.linux_part.resources.devices;
  rules.insert(rules.end(), asked.begin(), asked.end());
  if (!asked.empty() && asked.back().allow && asked.back().type == 'a' && !asked.back().major) {
    return rules;  // all are allowed
  }
  for (const char type : {'c', 'b'}) {
    rules.push_back({.allow = true, .type = type, .major = {}, .minor = {}, .access = "m"});
  }
  for (const Number& number : kDefaults) {
    rules.push_back({.allow = true, .type = 'c', .major = number.major, .minor = number.minor});
  }
  rules.push_back({.allow = true, .type = 'c', .major = 136, .minor = {}});  // the terminals of /dev/pts
  return rules;
}

Result<std::vector<model::DeviceRule>> allowed_devices(const std::vector<cgroup::DeviceRule>& rules) {
  std::vector<model::DeviceRule> list;
  bool everything = false;
  for (const cgroup::DeviceRule& rule : rules) {
    if (is_everything(rule)) {
      list.clear();
      everything = rule.allow;
    } else if (!rule.allow && everything) {
      return make_error(Code::kUnsupported,
                        "linux.resources.devices: single devices are denied after all have been allowed");
    } else if (!rule.allow) {
      take_away(list, rule);
      continue;
    }
    if (rule.allow) {
      list.push_back({.type = rule.type, .major = rule.major, .minor = rule.minor, .access = rule.access});
    }
  }
  return list;
}

}  // namespace cmp::oci
