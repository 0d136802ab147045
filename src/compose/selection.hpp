#pragma once
// Which services and resources of a normalised tree take part: profiles (compose-spec.md 2.9), services named on the
// command line, resources that somebody uses.

#include <string>
#include <vector>

#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// Takes the services out that no active profile enables and returns them. Naming one in `named` activates all of its
/// profiles; `*` is every profile.
[[nodiscard]] std::vector<Entry> take_disabled(Node& tree, std::vector<std::string> profiles,
                                               const std::vector<std::string>& named);

/// Dependencies on disabled services, while they are out of the tree.
class SetAside {
 public:
  /// Takes them out. A required one is an error.
  SetAside(Node& tree, const std::vector<Entry>& disabled, Problems& problems);
  /// Puts the optional ones back, for `config` shows them.
  void restore();

 private:
  struct Taken {
    Node* dependencies;
    Entry entry;
  };

  std::vector<Taken> taken_;
};

/// Leaves only `names` and what they depend on. Errors: no such service.
void keep_services(Node& tree, const std::vector<std::string>& names, Problems& problems);

/// Drops networks, volumes, secrets and configs that no service uses.
void drop_unused(Node& tree);

}  // namespace cmp::compose
