// Generated projects, states and edits: what a plan does to a simulated machine is what the project asks for, with no
// more than that takes, and the next plan is empty.

#include <algorithm>
#include <random>
#include <set>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "plan/plan.hpp"
#include "plan/rollout.hpp"

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of these

/// How a container of a service that was edited may be treated at most.
enum class Most { kNothing, kUpdate, kStart, kReplace };

class Machine {
 public:
  plan::Observed state;

  void apply(const model::Project& project, const plan::Plan& plan) {
    for (const plan::Step& step : plan.steps) {
      for (const int need : step.needs) {
        REQUIRE(need < step.id);
      }
      std::visit([&](const auto& op) { run(project, op); }, step.op);
    }
  }

 private:
  void run(const model::Project& project, const plan::op::CreateNetwork& op) {
    const model::Network& network = project.networks.at(op.network);
    REQUIRE_FALSE(state.networks.contains(op.network));
    state.networks[op.network] = {op.network, network.name, network.config_hash};
  }

  void run(const model::Project& /*project*/, const plan::op::RemoveNetwork& op) {
    for (const auto& [name, container] : state.containers) {
      const bool attached = std::ranges::find(container.networks, op.network) != container.networks.end();
      REQUIRE_FALSE((attached && container.live));
    }
    REQUIRE(state.networks.erase(op.network) == 1);
  }

  void run(const model::Project& project, const plan::op::CreateVolume& op) {
    const model::Volume& volume = project.volumes.at(op.volume);
    REQUIRE_FALSE(state.volumes.contains(volume.name));
    state.volumes[volume.name] = {op.volume, volume.name, volume.config_hash};
  }

  void run(const model::Project& /*project*/, const plan::op::RemoveVolume& op) { FAIL("a volume goes: " << op.name); }

  void run(const model::Project& project, const plan::op::PrepareContainer& op) {
    REQUIRE(state.containers.contains(op.container) == !op.fresh);
    if (op.fresh) {
      make(project.services.at(op.service), op.container, op.number);
    }
    state.containers.at(op.container).prepared = true;
  }

  void make(const model::Service& service, const std::string& name, int number) {
    plan::ObservedContainer& made = state.containers[name];
    made.name = name;
    made.service = service.name;
    made.number = number;
    take(made, service);
    made.image_id = service.image_id;
    for (const auto& [network, attachment] : service.networks) {
      REQUIRE(state.networks.contains(network));
      made.networks.push_back(network);
    }
    for (const model::Mount& mount : service.volumes) {
      REQUIRE(state.volumes.contains("p_" + mount.source));
    }
  }

  static void take(plan::ObservedContainer& container, const model::Service& service) {
    container.definition = service;
    container.config_hash = service.config_hash;
    container.depends_on = service.depends_on;
  }

  void run(const model::Project& /*project*/, const plan::op::StartContainer& op) {
    plan::ObservedContainer& container = state.containers.at(op.container);
    REQUIRE(container.prepared);
    container.live = container.running = true;
    container.prepared = false;
    container.exit_code.reset();
  }

  void run(const model::Project& /*project*/, const plan::op::StopContainer& op) {
    plan::ObservedContainer& container = state.containers.at(op.container);
    container.live = container.running = container.prepared = false;
  }

  void run(const model::Project& /*project*/, const plan::op::RemoveContainer& op) {
    REQUIRE_FALSE(state.containers.at(op.container).live);
    state.containers.erase(op.container);
  }

  void run(const model::Project& project, const plan::op::UpdateContainer& op) {
    take(state.containers.at(op.container), project.services.at(op.service));
  }

  template <typename Other>
  void run(const model::Project& /*project*/, const Other& /*op*/) {}
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    project.name = "p";
    add_network("net");
    add_network("back");
    for (int i = upto(3) + 1; i > 0; --i) {
      add_service();
    }
  }

  model::Project project;
  Machine machine;
  std::map<std::string, Most> most;  ///< by service: what the edits since the last plan may lead to

  void edit() {
    if (project.services.empty() || upto(9) == 0) {
      return add_service();
    }
    const std::string name = any_service();
    switch (upto(11)) {
      case 0:
        project.services.erase(name);
        for (auto& [other, service] : project.services) {
          service.depends_on.erase(name);
        }
        return;
      case 1:
        project.services.at(name).environment["E"] = std::to_string(upto(1000));
        return changed(name, Most::kReplace);
      case 2:
        project.services.at(name).command = {"run", std::to_string(upto(1000))};
        return changed(name, Most::kReplace);
      case 3:
        project.services.at(name).limits.memory = Bytes{64 + upto(1000)};
        return changed(name, Most::kUpdate);
      case 4:
        project.services.at(name).labels["l"] = std::to_string(upto(1000));
        return changed(name, Most::kUpdate);
      case 5:
        project.services.at(name).ports = {{.target = 80, .published = std::to_string(1024 + upto(1000))}};
        return changed(name, Most::kUpdate);
      case 6:
        project.services.at(name).scale = upto(3) + 1;
        return;
      case 7:
        project.services.at(name).image_id = fmt::format("sha256:{}", upto(1000));
        return allow(name, Most::kReplace);
      case 8:
        return change_network();
      case 9:
        return end_a_container();
      case 10:
        project.services.at(name).restart = {model::RestartMode::kOnFailure, upto(1000)};
        return changed(name, Most::kUpdate);
      default:
        project.services.at(name).build = model::Build{.context = std::to_string(upto(1000))};
        return;
    }
  }

 private:
  int upto(int most_inclusive) { return std::uniform_int_distribution<int>(0, most_inclusive)(random_); }

  std::string any_service() {
    auto it = project.services.begin();
    std::advance(it, upto(static_cast<int>(project.services.size()) - 1));
    return it->first;
  }

  void add_network(const std::string& key) {
    project.networks[key] = {.key = key, .name = "p_" + key, .config_hash = "1"};
  }

  void add_service() {
    const std::string name = fmt::format("s{}", count_++);
    model::Service service;
    service.name = name;
    service.config_hash = name;
    service.scale = upto(2) + 1;
    service.networks[upto(1) == 0 ? "net" : "back"] = {};
    if (upto(2) == 0) {
      service.update_config = model::UpdateConfig{.parallelism = upto(2), .start_first = upto(1) == 0};
    }
    if (upto(2) == 0) {
      project.volumes[name] = {.key = name, .name = "p_" + name};
      model::Mount mount;
      mount.source = name;
      service.volumes.push_back(mount);
    }
    if (!project.services.empty() && upto(1) == 0) {
      service.depends_on[any_service()] = {.condition = model::Condition::kStarted};
    }
    project.services[name] = service;
    allow(name, Most::kReplace);
  }

  void changed(const std::string& name, Most at_most) {
    project.services.at(name).config_hash = fmt::format("{}-{}", name, count_++);
    allow(name, at_most);
  }

  void allow(const std::string& name, Most at_most) { most[name] = std::max(most[name], at_most); }

  void change_network() {
    const std::string key = upto(1) == 0 ? "net" : "back";
    project.networks.at(key).config_hash = std::to_string(count_++);
    for (const auto& [name, service] : project.services) {
      if (service.networks.contains(key)) {
        allow(name, Most::kStart);
      }
    }
  }

  void end_a_container() {
    for (auto& [name, container] : machine.state.containers) {
      if (container.live && upto(2) == 0) {
        container.live = container.running = false;
        container.exit_code = 1;
        return allow(container.service, Most::kStart);
      }
    }
  }

  std::mt19937 random_;
  int count_ = 0;
};

/// What happens to a container that the file asks for, before and after.
Most treatment(const plan::Plan& plan, const std::string& container) {
  Most found = Most::kNothing;
  for (const plan::Step& step : plan.steps) {
    if (step.resource != "container:" + container || std::holds_alternative<plan::op::AwaitCondition>(step.op)) {
      continue;
    }
    const bool removes = std::holds_alternative<plan::op::RemoveContainer>(step.op);
    const bool updates = std::holds_alternative<plan::op::UpdateContainer>(step.op);
    found = std::max(found, removes ? Most::kReplace : updates ? Most::kUpdate : Most::kStart);
  }
  return found;
}

void check_minimal(const World& world, const plan::Plan& plan, const plan::Observed& before) {
  for (const auto& [name, container] : before.containers) {
    const auto service = world.project.services.find(container.service);
    if (service == world.project.services.end() || container.number > service->second.scale) {
      continue;
    }
    const auto allowed = world.most.find(container.service);
    const Most most = allowed == world.most.end() ? Most::kNothing : allowed->second;
    const bool minimal = treatment(plan, container.name) <= most;
    const std::string why = container.name + "\n" + plan::render(plan);
    CHECK_MESSAGE(minimal, why);
  }
}

void check_as_declared(const World& world) {
  std::set<std::string> wanted, there;
  for (const auto& [name, service] : world.project.services) {
    for (int number = 1; number <= service.scale; ++number) {
      wanted.insert(model::container_name(world.project, service, number));
    }
  }
  for (const auto& [name, container] : world.machine.state.containers) {
    there.insert(name);
    CHECK(container.live);
    const model::Service& service = world.project.services.at(container.service);
    CHECK(container.config_hash == service.config_hash);
    CHECK(container.image_id == service.image_id);
    CHECK(plan::differences(*container.definition, service).empty());
  }
  CHECK(there == wanted);
}

TEST_CASE(
    "a thousand edits: a plan leads to what is declared, takes no more than that needs, and the next one is empty") {
  constexpr unsigned kWorlds = 100;
  constexpr int kRounds = 10;
  for (unsigned seed = 0; seed < kWorlds; ++seed) {
    World world(seed);
    for (int round = 0; round < kRounds; ++round) {
      const plan::UpOptions options{.remove_orphans = true};
      const auto plan = plan::reconcile(world.project, world.machine.state, options);
      REQUIRE(plan);
      const plan::Observed before = world.machine.state;
      check_minimal(world, *plan, before);
      world.machine.apply(world.project, *plan);
      check_as_declared(world);
      const auto again = plan::reconcile(world.project, world.machine.state, options);
      REQUIRE(again);
      CHECK_MESSAGE(again->steps.empty(), "seed " << seed << " round " << round << "\n" << plan::render(*again));
      world.most.clear();
      for (int edits = 1 + round % 3; edits > 0; --edits) {
        world.edit();
      }
    }
  }
}

TEST_CASE("an update that is undone at any point ends where it began") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    World world(seed);
    auto plan = plan::reconcile(world.project, world.machine.state, {});
    REQUIRE(plan);
    world.machine.apply(world.project, *plan);
    for (auto& [name, service] : world.project.services) {
      service.config_hash += "-new";
      service.environment["NEW"] = "1";
      service.update_config = model::UpdateConfig{.parallelism = 1, .start_first = seed % 2 == 0};
    }
    plan = plan::reconcile(world.project, world.machine.state, {});
    REQUIRE(plan);
    const std::string service = world.project.services.begin()->first;
    for (std::size_t done = 0; done <= plan->steps.size(); ++done) {
      std::vector<bool> begun(plan->steps.size(), false);
      std::fill_n(begun.begin(), done, true);
      std::set<std::string> made, gone, restored;
      for (std::size_t i = 0; i < done; ++i) {
        if (plan->steps[i].rollout != service) {
          continue;
        }
        if (const auto* prepare = std::get_if<plan::op::PrepareContainer>(&plan->steps[i].op)) {
          made.insert(prepare->container);
        } else if (const auto* remove = std::get_if<plan::op::RemoveContainer>(&plan->steps[i].op)) {
          gone.insert(remove->container);
        }
      }
      const plan::Plan back = plan::roll_back(*plan, begun, service, {});
      std::set<std::string> removed;
      for (const plan::Step& step : back.steps) {
        if (const auto* restore = std::get_if<plan::op::RestoreContainer>(&step.op)) {
          CHECK(removed.contains(restore->container));
          restored.insert(restore->container);
        } else if (const auto* remove = std::get_if<plan::op::RemoveContainer>(&step.op)) {
          removed.insert(remove->container);
        }
      }
      for (const std::string& container : made) {
        CHECK(removed.contains(container));
      }
      const std::set<std::string> recreated = plan::recreated_containers(*plan);
      for (const std::string& container : gone) {
        CHECK(restored.contains(container) == recreated.contains(container));
      }
    }
  }
}

}  // namespace
