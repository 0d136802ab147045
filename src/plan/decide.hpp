#pragma once
// What has to happen to each container, decided before any step is written.

#include <set>
#include <string>
#include <vector>

#include "model/project.hpp"
#include "plan/plan.hpp"

namespace cmp::plan {

enum class Fate {
  kKeep,
  kCreate,
  kRecreate,
  kStart,
  kRestart,  ///< stopped and started again, as it is
  kRemove
};

struct Decision {
  std::string container;
  const model::Service* service = nullptr;  ///< null: undeclared
  int number = 1;
  Fate fate = Fate::kKeep;
  std::string cause;
  std::vector<FieldChange> changes;  ///< of its configuration
  bool update = false;               ///< it takes the changes as it is
  bool rolled = false;               ///< it is made anew in its turn (deploy.update_config)
  bool extra = false;                ///< one more, of an update that was broken off: it goes when this one is done
  bool connects = false;             ///< it stays, and a network it is on is made anew
};

/// It is to be prepared and started.
[[nodiscard]] bool needs_work(const Decision& decision);

struct Decisions {
  std::vector<Decision> containers;
  std::vector<std::string> services;       ///< those asked for, and those that have to go with them
  std::set<std::string> changed_networks;  ///< keys
  std::set<std::string> changed_volumes;   ///< names of those that are made anew
  std::vector<std::string> warnings;       ///< orphans and the like
  std::string in_the_way;                  ///< why a changed network cannot be made anew; "" if it can
};

/// `services` are those asked for, with what they depend on. `project` must outlive the result.
[[nodiscard]] Decisions decide(const model::Project& project, const Observed& observed, const UpOptions& options,
                               std::vector<std::string> services);

/// The volume is there and was made from another definition. One without a recorded hash is left alone.
[[nodiscard]] bool volume_differs(const Observed& observed, const model::Volume& volume);

/// Docker Compose's words for containers of services that the file does not have.
[[nodiscard]] std::string orphan_warning(const std::vector<std::string>& containers);

}  // namespace cmp::plan
