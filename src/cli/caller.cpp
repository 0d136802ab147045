#include "cli/caller.hpp"

#include <unistd.h>

#include <charconv>

namespace cmp::cli {

std::optional<model::HostOwner> sudo_caller(const std::map<std::string, std::string>& environment) {
  const auto number = [&](const char* name) -> std::optional<unsigned> {
    const auto entry = environment.find(name);
    unsigned value = 0;
    const std::string text = entry == environment.end() ? std::string() : entry->second;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && code == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                                    : std::nullopt;
  };
  const auto uid = number("SUDO_UID");
  const auto gid = number("SUDO_GID");
  return uid && gid ? std::optional(model::HostOwner{*uid, *gid}) : std::nullopt;
}

void name_owners(const std::map<std::string, std::string>& environment, model::Project& project) {
  const model::HostOwner caller = sudo_caller(environment).value_or(model::HostOwner{::getuid(), ::getgid()});
  const auto name_in = [&](model::Service& service) {
    for (model::Mount& mount : service.volumes) {
      if (mount.for_caller) {
        mount.owner = caller;
      }
    }
  };
  for (auto& [name, service] : project.services) {
    name_in(service);
  }
  for (auto& [name, hook] : project.hooks) {
    name_in(hook.service);
  }
}

}  // namespace cmp::cli
