#include <algorithm>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "compose/consistency.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

/// A depth-first walk over depends_on; without recursion, since a chain may be as long as the file.
class CycleSearch {
 public:
  CycleSearch(const Node& tree, Problems& problems) : problems_(problems) {
    for (const Entry& entry : entries_at(tree, "services")) {
      services_.emplace(entry.key, State{&entries_at(entry.value, "depends_on"), Mark::kNew});
    }
  }

  void run() {
    for (auto& [name, state] : services_) {
      if (state.mark == Mark::kNew) {
        walk(name);
      }
    }
  }

 private:
  enum class Mark { kNew, kOnPath, kDone };

  struct State {
    const std::vector<Entry>* dependencies;
    Mark mark;
  };

  struct Step {
    std::string_view name;
    std::vector<const Entry*> dependencies;  ///< sorted
    std::size_t next = 0;
  };

  void push(std::string_view name, State& state) {
    state.mark = Mark::kOnPath;
    Step step{name, {}, 0};
    for (const Entry& entry : *state.dependencies) {
      step.dependencies.push_back(&entry);
    }
    std::ranges::sort(step.dependencies, {}, [](const Entry* entry) -> const std::string& { return entry->key; });
    path_.push_back(std::move(step));
  }

  void walk(std::string_view start) {
    push(start, services_.find(start)->second);
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == step.dependencies.size()) {
        services_.find(step.name)->second.mark = Mark::kDone;
        path_.pop_back();
        continue;
      }
      follow(*step.dependencies[step.next++]);
    }
  }

  void follow(const Entry& dependency) {
    const auto found = services_.find(dependency.key);
    if (found == services_.end() || found->second.mark == Mark::kDone) {
      return;
    }
    if (found->second.mark == Mark::kOnPath) {
      report(dependency);
    } else {
      push(found->first, found->second);
    }
  }

  void report(const Entry& closing) {
    const auto first = std::ranges::find(path_, std::string_view(closing.key), &Step::name);
    std::string chain;
    for (auto step = first; step != path_.end(); ++step) {
      chain += fmt::format("{} -> ", step->name);
    }
    problems_.error(closing.key_origin, fmt::format("dependency cycle detected: {}{}", chain, closing.key));
  }

  std::map<std::string, State, std::less<>> services_;
  std::vector<Step> path_;
  Problems& problems_;
};

}  // namespace

void check_cycles(const Node& tree, Problems& problems) {
  CycleSearch(tree, problems).run();
}

}  // namespace cmp::compose
