#include <set>

#include <fmt/core.h>

#include "plan/plan.hpp"

namespace cmp::plan {

namespace {

void collect_dependencies(const model::Project& project, const std::string& name, std::set<std::string>& out) {
  if (!out.insert(name).second) {
    return;
  }
  for (const auto& [dependency, edge] : project.services.at(name).depends_on) {
    if (project.services.contains(dependency)) {
      collect_dependencies(project, dependency, out);
    }
  }
}

}  // namespace

Result<std::vector<std::string>> with_dependencies(const model::Project& project,
                                                   const std::vector<std::string>& services) {
  std::set<std::string> out;
  for (const std::string& name : services) {
    if (!project.services.contains(name)) {
      return make_error(Code::kInvalid, fmt::format("no such service: {}", name));
    }
    collect_dependencies(project, name, out);
  }
  if (services.empty()) {
    for (const auto& [name, service] : project.services) {
      out.insert(name);
    }
  }
  return std::vector<std::string>(out.begin(), out.end());
}

}  // namespace cmp::plan
