#pragma once
// The steps of pre_start and post_start hooks, for plans from files and plans from records alike.

#include <map>
#include <string>
#include <vector>

#include "plan/builder.hpp"
#include "plan/plan.hpp"

namespace cmp::plan {

/// Containers of pre_start hooks: each is prepared with everything else, then started, awaited and removed in order.
class HookWriter {
 public:
  HookWriter(Builder& builder, const Observed& observed) : builder_(builder), observed_(observed) {}

  /// What an earlier run has left goes first. `needs`: what the service's own containers need. \returns the id.
  int prepare(const std::string& container, const std::vector<int>& needs);
  /// One after the other, the first once `needs` are met. \returns what the service's start needs.
  std::vector<int> run(const std::vector<std::string>& containers, std::vector<int> needs);
  /// \returns the step after which the container has started: its post_start hooks, if it has any.
  int start(const std::string& container, const std::string& service, const std::string& cause, bool post_start,
            std::vector<int> needs);

 private:
  Builder& builder_;
  const Observed& observed_;
};

}  // namespace cmp::plan
