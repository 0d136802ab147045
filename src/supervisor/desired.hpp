#pragma once
// What is wanted of the project, on disk: outlives every process of ours.

#include <optional>
#include <string>
#include <vector>

#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

struct Desired {
  model::Project project;
  std::vector<std::string> services;                            ///< named by the `up` under way; empty is all
  bool no_deps = false, no_recreate = false, no_start = false;  ///< as the `up` under way was asked
  std::vector<std::string> returning;                           ///< services that `resume` brings back after a reboot
  bool complete = true;  ///< false while an `up` is under way: a new supervisor goes on with it
};

[[nodiscard]] Status write_desired(const state::Paths& paths, const Desired& desired);
[[nodiscard]] std::optional<Desired> read_desired(const state::Paths& paths);

}  // namespace cmp::supervisor
