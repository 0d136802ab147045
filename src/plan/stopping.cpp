#include "plan/stopping.hpp"

#include <algorithm>

namespace cmp::plan {

namespace {

/// Writes the stops of one set of containers, each after its dependants'.
class StopWriter {
 public:
  StopWriter(Builder& builder, const Observed& observed, const std::vector<std::string>& names,
             const std::map<std::string, std::string>& causes, std::optional<int> timeout_s)
      : builder_(builder), observed_(observed), names_(names), causes_(causes), timeout_s_(timeout_s) {}

  std::map<std::string, int> run() {
    for (const std::string& name : names_) {
      write(name);
    }
    return std::move(written_);
  }

 private:
  void write(const std::string& name) {
    const ObservedContainer& container = observed_.containers.at(name);
    // Marked before going down: records of a damaged state could name each other in a circle.
    if (!visited_.insert({name, true}).second) {
      return;
    }
    std::vector<int> needs;
    for (const std::string& other : names_) {
      if (!observed_.containers.at(other).depends_on.contains(container.service)) {
        continue;
      }
      write(other);
      if (const auto it = written_.find(other); it != written_.end()) {
        needs.push_back(it->second);
      }
    }
    if (container.live || container.prepared) {
      const auto found = causes_.find(name);
      const std::string cause = found == causes_.end() ? "" : found->second;
      if (container.running && container.pre_stop) {
        needs = {builder_.add(container_resource(name), cause,
                              op::RunHooks{name, container.service, op::HookKind::kPreStop}, std::move(needs))};
      }
      written_[name] = builder_.add(container_resource(name), cause,
                                    op::StopContainer{name, container.service, timeout_s_}, std::move(needs));
    }
  }

  Builder& builder_;
  const Observed& observed_;
  const std::vector<std::string>& names_;
  const std::map<std::string, std::string>& causes_;
  std::optional<int> timeout_s_;
  std::map<std::string, bool> visited_;
  std::map<std::string, int> written_;
};

}  // namespace

std::map<std::string, int> write_stops(Builder& builder, const Observed& observed,
                                       const std::vector<std::string>& names,
                                       const std::map<std::string, std::string>& causes, std::optional<int> timeout_s) {
  return StopWriter(builder, observed, names, causes, timeout_s).run();
}

std::map<std::string, int> write_stops_and_removals(Builder& builder, const Observed& observed,
                                                    const Departures& departures,
                                                    const std::map<std::string, std::string>& causes,
                                                    std::optional<int> timeout_s) {
  std::vector<std::string> all = departures.leaving;
  all.insert(all.end(), departures.staying.begin(), departures.staying.end());
  std::ranges::sort(all);
  const auto stops = write_stops(builder, observed, all, causes, timeout_s);
  std::map<std::string, int> last = stops;
  for (const std::string& name : departures.leaving) {
    const auto stop = stops.find(name);
    const auto cause = causes.find(name);
    op::RemoveContainer removal{name, observed.containers.at(name).service, departures.keep_volumes.contains(name)};
    last[name] = builder.add(container_resource(name), cause == causes.end() ? "" : cause->second, std::move(removal),
                             stop == stops.end() ? std::vector<int>() : std::vector<int>{stop->second});
  }
  return last;
}

}  // namespace cmp::plan
