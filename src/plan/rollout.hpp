#pragma once
// Replacing the containers of one service in turn: some at a time, each ready before the next ones go. With order
// start-first there are some more while it lasts, so that never fewer serve than before; names stay as they are.

#include <string>
#include <vector>

#include "plan/builder.hpp"

namespace cmp::plan {

struct Replica {
  std::string container;
  int number = 1;
};

struct Rollout {
  std::string service;
  model::UpdateConfig how;
  std::vector<Replica> replaced;
  std::vector<Replica> extra;     ///< made before and removed after; as many as are replaced at a time
  std::vector<Replica> leftover;  ///< there already, removed after
  bool restore = false;           ///< what is made is what an earlier plan has put aside
  std::string cause;
  std::vector<FieldChange> changes;
  std::optional<int> timeout_s;
};

/// How many are replaced at a time.
[[nodiscard]] std::size_t batch_size(const model::UpdateConfig& how, std::size_t containers);

/// Writes it, after `needs`. \returns the steps after which the last of them is ready.
std::vector<int> write_rollout(Builder& builder, const Rollout& rollout, const std::vector<int>& needs);

/// Whether there may be one container of the service more for a while; "" or why not.
[[nodiscard]] std::string why_no_extra(const model::Service& service);

/// An update that has failed taken back: what it has replaced of the service is there again, and what it has made more
/// is not. `how`: rollback_config. `begun` as of undo().
[[nodiscard]] Plan roll_back(const Plan& plan, const std::vector<bool>& begun, const std::string& service,
                             const model::UpdateConfig& how);

}  // namespace cmp::plan
