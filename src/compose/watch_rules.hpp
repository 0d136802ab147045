#pragma once
// develop.watch of a service (compose-spec.md 1.12), from the canonical tree.

#include <map>
#include <string>
#include <vector>

#include "compose/load.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

enum class WatchAction { kRebuild, kRestart, kSync, kSyncRestart, kSyncExec };

struct WatchRule {
  std::string path;  ///< absolute, links resolved
  WatchAction action = WatchAction::kSync;
  std::string target;                        ///< in the container; "" with rebuild and restart
  std::vector<std::string> ignore, include;  ///< patterns, relative to `path`; no include is everything
  bool initial_sync = false;

  struct Exec {
    std::vector<std::string> command;
    std::string user, working_dir;
    bool privileged = false;
    std::map<std::string, std::string> environment;
  } exec;  ///< of kSyncExec
};

/// The rules of a service, in order. `warnings` gets what is not to be written any more.
[[nodiscard]] std::vector<WatchRule> watch_rules(const Node& tree, const std::string& service,
                                                 std::vector<Warning>& warnings);

}  // namespace cmp::compose
