#include "cli/build_graph.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace cmp::cli {

namespace {

/// Takes away what can be built, again and again. \returns a service of a circle, "" if there is none.
std::string circle_in(const BuildNeeds& needs) {
  std::set<std::string> left;
  for (const auto& [service, before] : needs) {
    left.insert(service);
  }
  const auto ready = [&](const std::string& service) {
    return std::ranges::none_of(needs.at(service), [&](const std::string& other) { return left.contains(other); });
  };
  for (auto next = std::ranges::find_if(left, ready); next != left.end(); next = std::ranges::find_if(left, ready)) {
    left.erase(next);
  }
  return left.empty() ? "" : *left.begin();
}

}  // namespace

std::string context_service(const std::string& context) {
  constexpr std::string_view kService = "service:";
  return context.starts_with(kService) ? context.substr(kService.size()) : "";
}

std::vector<std::string> with_context_services(const model::Project& project, std::vector<std::string> services) {
  // It grows while it is gone through.
  for (std::size_t at = 0; at < services.size(); ++at) {
    for (const auto& [name, context] : project.services.at(services[at]).build->additional_contexts) {
      const auto other = project.services.find(context_service(context));
      if (other != project.services.end() && other->second.build &&
          std::ranges::find(services, other->first) == services.end()) {
        services.push_back(other->first);
      }
    }
  }
  return services;
}

Result<BuildNeeds> build_needs(const model::Project& project, const std::map<std::string, Buildable>& buildables) {
  BuildNeeds needs;
  for (const auto& [service, buildable] : buildables) {
    std::set<std::string>& before = needs[service];
    const auto& contexts = project.services.at(service).build->additional_contexts;
    for (const auto& [other, of_other] : buildables) {
      const std::string word = "service:" + other;
      const bool context = std::ranges::any_of(contexts, [&](const auto& entry) { return entry.second == word; });
      if (context || (other != service && buildable.bases.contains(of_other.image))) {
        before.insert(other);
      }
    }
  }
  if (const std::string service = circle_in(needs); !service.empty()) {
    return make_error(Code::kInvalid,
                      fmt::format("service '{}': build: its image and those it builds on need each other", service));
  }
  return needs;
}

}  // namespace cmp::cli
