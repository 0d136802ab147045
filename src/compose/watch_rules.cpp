#include "compose/watch_rules.hpp"

#include "compose/tree_values.hpp"

namespace cmp::compose {

namespace {

WatchAction action_named(const std::string& word) {
  return word == "rebuild"        ? WatchAction::kRebuild
         : word == "restart"      ? WatchAction::kRestart
         : word == "sync+restart" ? WatchAction::kSyncRestart
         : word == "sync+exec"    ? WatchAction::kSyncExec
                                  : WatchAction::kSync;
}

/// A list, or one text.
std::vector<std::string> one_or_more(const Node& mapping, const char* key) {
  const Node* const value = mapping.find(key);
  if (value != nullptr && value->is_scalar()) {
    return {value->scalar};
  }
  return texts_at(mapping, key);
}

WatchRule::Exec exec_of(const Node& node) {
  WatchRule::Exec exec;
  exec.command = one_or_more(node, "command");
  exec.user = text_at(node, "user");
  exec.working_dir = text_at(node, "working_dir");
  exec.privileged = bool_at(node, "privileged").value_or(false);
  for (const Entry& entry : entries_at(node, "environment")) {
    exec.environment[entry.key] = entry.value.scalar;
  }
  return exec;
}

}  // namespace

std::vector<WatchRule> watch_rules(const Node& tree, const std::string& service, std::vector<Warning>& warnings) {
  std::vector<WatchRule> rules;
  const Node* const list = find_path(tree, {"services", service, "develop", "watch"});
  if (list == nullptr) {
    return rules;
  }
  for (const Node& item : list->items) {
    WatchRule rule;
    rule.path = text_at(item, "path");
    rule.action = action_named(text_at(item, "action"));
    rule.target = text_at(item, "target");
    rule.ignore = one_or_more(item, "ignore");
    rule.include = one_or_more(item, "include");
    rule.initial_sync = bool_at(item, "initial_sync").value_or(false);
    if (const Node* old = item.find("x-initialSync")) {
      warnings.push_back(
          {old->origin.pos(), "x-initialSync is DEPRECATED, please use the official `initial_sync` attribute"});
      rule.initial_sync = bool_at(item, "x-initialSync").value_or(false);
    }
    if (const Node* exec = item.find("exec")) {
      rule.exec = exec_of(*exec);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace cmp::compose
