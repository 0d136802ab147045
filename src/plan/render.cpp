#include <fmt/core.h>

#include "plan/plan.hpp"

namespace cmp::plan {

namespace {

// clang 14 has no class template argument deduction for aggregates: the guide is written out.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::string_view condition_text(model::Condition condition) {
  switch (condition) {
    case model::Condition::kStarted:
      return "await started";
    case model::Condition::kHealthy:
      return "await healthy";
    case model::Condition::kCompletedSuccessfully:
      return "await completed";
  }
  return "";
}

std::string_view verb(const Op& op) {
  return std::visit(
      Overloaded{
          [](const op::CreateNetwork&) -> std::string_view { return "create"; },
          [](const op::CreateVolume&) -> std::string_view { return "create"; },
          [](const op::CreateContainer&) -> std::string_view { return "create"; },
          [](const op::PrepareContainer& prepare) -> std::string_view { return prepare.fresh ? "create" : "prepare"; },
          [](const op::Barrier&) -> std::string_view { return "prepared"; },
          [](const op::StartContainer&) -> std::string_view { return "start"; },
          [](const op::AwaitCondition& await) { return condition_text(await.condition); },
          [](const op::RunHooks& hooks) -> std::string_view {
            return hooks.kind == op::HookKind::kPostStart ? "post_start" : "pre_stop";
          },
          [](const op::StopContainer&) -> std::string_view { return "stop"; },
          [](const op::RemoveContainer&) -> std::string_view { return "remove"; },
          [](const op::ConnectContainer&) -> std::string_view { return "connect"; },
          [](const op::RestoreContainer&) -> std::string_view { return "restore"; },
          [](const op::RestoreNetwork&) -> std::string_view { return "restore"; },
          [](const op::UpdateContainer& update) -> std::string_view { return update.back ? "update back" : "update"; },
          [](const op::DrainContainer&) -> std::string_view { return "drain"; },
          [](const op::AwaitReady&) -> std::string_view { return "await ready"; },
          [](const op::Pause&) -> std::string_view { return "wait a while"; },
          [](const op::SignalContainer&) -> std::string_view { return "signal"; },
          [](const op::FreezeContainer& freeze) -> std::string_view { return freeze.frozen ? "pause" : "unpause"; },
          [](const op::RemoveNetwork&) -> std::string_view { return "remove"; },
          [](const op::RemoveVolume&) -> std::string_view { return "remove"; },
          [](const op::RestoreVolume&) -> std::string_view { return "restore"; }},
      op);
}

std::string needs_text(const std::vector<int>& needs) {
  std::string out;
  for (const int id : needs) {
    out += fmt::format("{}{}", out.empty() ? "← " : ",", id + 1);
  }
  return out;
}

}  // namespace

std::string render(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    out += fmt::format("{:>3} {:<12} {:<32} {:<16} {}", step.id + 1, needs_text(step.needs), step.resource,
                       verb(step.op), step.cause);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

}  // namespace cmp::plan
