#pragma once
// What differs between a service that a container was made from and the one of the file, field by field, and what each
// difference asks for.

#include <optional>
#include <string>
#include <vector>

#include "model/project.hpp"

namespace cmp::plan {

/// One field that differs. Paths are in Compose's words: "environment.LOG_LEVEL", "mem_limit".
struct FieldChange {
  std::string path;
  std::optional<std::string> before, after;  ///< texts; absent: it is not there
  bool in_place = false;                     ///< a container takes it while it runs
  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

/// "environment.LOG_LEVEL debug → info". What is likely to be a secret has no values.
[[nodiscard]] std::string text(const FieldChange& change);

/// Every difference that means something to a container, in the order of their paths. What changes nothing in it is
/// left out (build, depends_on, scale); images are not compared, but their names are. Contents of secrets and configs
/// are no fields.
[[nodiscard]] std::vector<FieldChange> differences(const model::Service& before, const model::Service& after);

/// True if all of them can be taken in place; also if there are none.
[[nodiscard]] bool all_in_place(const std::vector<FieldChange>& changes);

}  // namespace cmp::plan
