#include "plan/rollout.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace cmp::plan {

namespace {

using Ids = std::vector<int>;

class RolloutWriter {
 public:
  RolloutWriter(Builder& builder, const Rollout& rollout) : builder_(builder), rollout_(rollout) {}

  Ids run(Ids needs) {
    if (!rollout_.extra.empty()) {
      Ids ready;
      for (const Replica& replica : rollout_.extra) {
        ready.push_back(write_making(replica, needs, !rollout_.restore));
      }
      needs = std::move(ready);
    }
    const std::size_t at_a_time = batch_size(rollout_.how, rollout_.replaced.size());
    for (std::size_t at = 0; at < rollout_.replaced.size(); at += at_a_time) {
      const std::size_t end = std::min(at + at_a_time, rollout_.replaced.size());
      Ids ready;
      for (std::size_t i = at; i < end; ++i) {
        ready.push_back(write_replacement(rollout_.replaced[i], needs));
      }
      needs = std::move(ready);
      if (end < rollout_.replaced.size() && rollout_.how.delay > Nanoseconds(0)) {
        needs = {add("all", op::Pause{rollout_.how.delay}, needs)};
      }
    }
    for (const std::vector<Replica>* group : {&rollout_.extra, &rollout_.leftover}) {
      for (const Replica& replica : *group) {
        write_leaving(replica, needs, false);
      }
    }
    return needs;
  }

 private:
  int add(const std::string& resource, Op op, Ids needs) {
    const int id = builder_.add(resource, rollout_.cause, std::move(op), std::move(needs));
    builder_.rollout(id, rollout_.service);
    return id;
  }

  int write_leaving(const Replica& replica, const Ids& needs, bool keep_volumes) {
    const std::string resource = container_resource(replica.container);
    const int drained = add(resource, op::DrainContainer{replica.container, rollout_.service}, needs);
    const int stopped =
        add(resource, op::StopContainer{replica.container, rollout_.service, rollout_.timeout_s}, {drained});
    return add(resource, op::RemoveContainer{replica.container, rollout_.service, keep_volumes}, {stopped});
  }

  int write_making(const Replica& replica, const Ids& needs, bool fresh) {
    const std::string resource = container_resource(replica.container);
    const int made =
        add(resource, op::PrepareContainer{replica.container, rollout_.service, replica.number, fresh}, needs);
    const int started = add(resource, op::StartContainer{replica.container, rollout_.service}, {made});
    return add(resource, op::AwaitReady{replica.container, rollout_.service, rollout_.how.monitor}, {started});
  }

  int write_replacement(const Replica& replica, const Ids& needs) {
    int last = write_leaving(replica, needs, true);
    builder_.changes(last, rollout_.changes);
    if (rollout_.restore) {
      last =
          add(container_resource(replica.container), op::RestoreContainer{replica.container, rollout_.service}, {last});
    }
    return write_making(replica, {last}, !rollout_.restore);
  }

  Builder& builder_;
  const Rollout& rollout_;
};

}  // namespace

std::size_t batch_size(const model::UpdateConfig& how, std::size_t containers) {
  const auto wanted = static_cast<std::size_t>(std::max(how.parallelism, 0));
  return std::max<std::size_t>(1, wanted == 0 ? containers : std::min(wanted, containers));
}

std::vector<int> write_rollout(Builder& builder, const Rollout& rollout, const std::vector<int>& needs) {
  return RolloutWriter(builder, rollout).run(needs);
}

std::string why_no_extra(const model::Service& service) {
  for (const auto& [network, attachment] : service.networks) {
    if (!attachment.ipv4_address.empty() || !attachment.ipv6_address.empty() || !attachment.mac_address.empty()) {
      return fmt::format("its address on network '{}' is fixed", network);
    }
  }
  if (!service.mac_address.empty()) {
    return "its mac_address is fixed";
  }
  return service.network_mode == "host" ? "it has the host's network, where a port is taken once" : "";
}

Plan roll_back(const Plan& plan, const std::vector<bool>& begun, const std::string& service,
               const model::UpdateConfig& how) {
  Rollout back{.service = service, .how = how, .restore = true, .cause = "the update failed"};
  const std::set<std::string> recreated = recreated_containers(plan);
  std::map<std::string, int> numbers;
  std::vector<std::string> removed;
  for (const Step& step : plan.steps) {
    if (step.rollout != service) {
      continue;
    }
    const bool happened = begun[static_cast<std::size_t>(step.id)];
    if (const auto* made = std::get_if<op::PrepareContainer>(&step.op)) {
      numbers[made->container] = made->number;
      if (happened && !recreated.contains(made->container)) {
        back.leftover.push_back({made->container, made->number});
      }
    } else if (const auto* gone = std::get_if<op::RemoveContainer>(&step.op);
               gone != nullptr && happened && recreated.contains(gone->container)) {
      removed.push_back(gone->container);
    }
  }
  // The last one that was replaced is the one that failed: it comes back first.
  std::ranges::reverse(removed);
  for (const std::string& container : removed) {
    back.replaced.push_back({container, numbers[container]});
  }
  Builder builder;
  write_rollout(builder, back, {});
  return std::move(builder).take();
}

}  // namespace cmp::plan
