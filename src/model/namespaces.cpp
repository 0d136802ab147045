#include "model/namespaces.hpp"

#include <set>

namespace cmp::model {

NamespaceMode namespace_mode(const std::string& text) {
  if (text.empty() || text == "private") {
    return {};
  }
  if (text == "shareable") {
    return {Sharing::kShareable, ""};
  }
  if (text == "none") {
    return {Sharing::kNone, ""};
  }
  if (text == "host") {
    return {Sharing::kHost, ""};
  }
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (!name.empty() && kind == "service") {
    return {Sharing::kService, name};
  }
  if (!name.empty() && kind == "container") {
    return {Sharing::kContainer, name};
  }
  return {Sharing::kOther, ""};
}

Namespaces namespaces_of(const Service& service) {
  return {.net = namespace_mode(service.network_mode),
          .pid = namespace_mode(service.pid),
          .ipc = namespace_mode(service.ipc),
          .uts = namespace_mode(service.uts),
          .cgroup = namespace_mode(service.cgroup)};
}

std::string owner_of(const Project& project, const NamespaceMode& mode) {
  if (mode.sharing != Sharing::kService) {
    return mode.sharing == Sharing::kContainer ? mode.name : "";
  }
  const auto service = project.services.find(mode.name);
  return service == project.services.end() ? "" : container_name(project, service->second, 1);
}

std::vector<std::string> namespace_owners(const Project& project, const Service& service) {
  const Namespaces all = namespaces_of(service);
  std::set<std::string> names;
  for (const NamespaceMode* mode : {&all.net, &all.pid, &all.ipc, &all.uts, &all.cgroup}) {
    names.insert(owner_of(project, *mode));
  }
  names.erase("");
  return {names.begin(), names.end()};
}

}  // namespace cmp::model
