#include "plan/hooks.hpp"

#include <utility>

namespace cmp::plan {

namespace {

constexpr const char* kCause = "pre_start";

}  // namespace

int HookWriter::prepare(const std::string& container, const std::vector<int>& needs) {
  std::vector<int> all = needs;
  if (const auto left = observed_.containers.find(container); left != observed_.containers.end()) {
    std::vector<int> stopped;
    if (left->second.live || left->second.prepared) {
      stopped.push_back(
          builder_.add(container_resource(container), kCause, op::StopContainer{container, container, 0}));
    }
    all.push_back(builder_.add(container_resource(container), kCause, op::RemoveContainer{container, container},
                               std::move(stopped)));
  }
  return builder_.add(container_resource(container), kCause, op::PrepareContainer{container, container, 0, true},
                      std::move(all));
}

std::vector<int> HookWriter::run(const std::vector<std::string>& containers, std::vector<int> needs) {
  for (const std::string& container : containers) {
    const std::string resource = container_resource(container);
    const int started = builder_.add(resource, kCause, op::StartContainer{container, container}, std::move(needs));
    const int ended =
        builder_.add(resource, kCause,
                     op::AwaitCondition{container, container, model::Condition::kCompletedSuccessfully}, {started});
    needs = {builder_.add(resource, kCause, op::RemoveContainer{container, container}, {ended})};
  }
  return needs;
}

int HookWriter::start(const std::string& container, const std::string& service, const std::string& cause,
                      bool post_start, std::vector<int> needs) {
  const int started =
      builder_.add(container_resource(container), cause, op::StartContainer{container, service}, std::move(needs));
  return post_start ? builder_.add(container_resource(container), "",
                                   op::RunHooks{container, service, op::HookKind::kPostStart}, {started})
                    : started;
}

}  // namespace cmp::plan
