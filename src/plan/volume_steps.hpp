#pragma once
// Which volumes are made, made anew or kept.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/builder.hpp"
#include "plan/plan.hpp"

namespace cmp::plan {

/// What the steps of volumes depend on.
struct VolumeInputs {
  const model::Project& project;
  const Observed& observed;
  const std::vector<std::string>& services;  ///< those whose volumes are looked at
  const std::set<std::string>& changed;      ///< names of those that are made anew
  std::vector<int> removed;                  ///< steps after which nobody has them any more
};

/// Writes them; what is kept though it differs is a warning. \returns resource by key → the step that makes it.
std::map<std::string, int> write_volumes(Builder& builder, const VolumeInputs& inputs);

/// Docker's words for what another project has made: used as it is, and left alone for the rest.
void warn_if_foreign(Builder& builder, const std::string& project, std::string_view kind, const std::string& name,
                     const std::map<std::string, std::string>& foreign);

}  // namespace cmp::plan
