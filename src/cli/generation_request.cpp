#include "cli/generation_request.hpp"

#include <set>

#include <fmt/core.h>

#include "cli/granted_files.hpp"
#include "cli/output.hpp"
#include "plan/plan.hpp"

namespace cmp::cli {

Result<GenerationRequest> request_of(const Context& context, supervisor::Generation generation) {
  compose::Loaded loaded;
  loaded.project = generation.project;
  loaded.environment = context.environment;
  GenerationRequest made;
  CMP_TRY(made.granted, collect_granted_files(loaded, generation.services));
  std::set<std::string> told;
  for (const auto& [name, service] : loaded.project.services) {
    const auto then = plan::granted_digests(generation.project.services.at(name));
    for (const auto& [what, digest] : plan::granted_digests(service)) {
      const auto before = then.find(what);
      if (before != then.end() && before->second != digest && told.insert(what).second) {
        print_error(fmt::format("warning: {} has another content now than in generation {}, which does not have it\n",
                                what, generation.number));
      }
    }
  }
  made.request.operation = supervisor::Operation::kUp;
  made.request.project = std::move(loaded.project);
  made.request.services = std::move(generation.services);
  made.request.granted = static_cast<bool>(made.granted);
  return made;
}

std::vector<int> attached(const GenerationRequest& made) {
  return made.granted ? std::vector<int>{made.granted.get()} : std::vector<int>();
}

}  // namespace cmp::cli
