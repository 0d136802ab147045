#pragma once
// The phases between the YAML text and the Project, in the order in which load() runs them (compose-spec.md 2.1).
// Each takes a tree and leaves a tree; what is wrong is added to `problems`, so that all independent errors of a file
// are reported at once.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "compose/load.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

/// What the phases collect on the way.
struct Problems {
  std::vector<Error> errors;
  std::vector<Warning> warnings;
  void error(const Origin& origin, std::string message);
  void warn(const Origin& origin, std::string message);

  [[nodiscard]] bool ok() const { return errors.empty(); }

  /// The first error with the rest in `others`; call only if !ok().
  [[nodiscard]] Error combined() &&;
};

using Variables = std::map<std::string, std::string>;

// read.cpp: text → tree(s), one per YAML document; aliases and merge keys expanded within a budget, duplicate keys
// refused.
[[nodiscard]] Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file);

// interpolate.cpp: ${...} in every scalar value; types are cast by the attribute table afterwards.
void interpolate(Node& tree, const Variables& variables, Problems& problems);

// merge.cpp: `over` on top of `base`, by the rules of each attribute; !reset and !override honoured.
[[nodiscard]] Node merge(Node base, Node over, Problems& problems);

/// Whether scalars are values already, or may hold `${...}` that nothing replaces (`config --no-interpolate`): then
/// what has such a reference is neither checked nor converted.
enum class Scalars { kFinal, kTemplates };

// schema.cpp: unknown keys (with the nearest valid one), wrong types, forms that no attribute has. Takes the canonical
// form as well as what users write.
void check_schema(const Node& tree, Problems& problems, Scalars scalars = Scalars::kFinal);

// canonical.cpp: every short form to its long form, units and durations to their canonical text. May be repeated; what
// does not fit the schema is left as it is.
void canonicalise(Node& tree, Problems& problems, Scalars scalars = Scalars::kFinal);

// defaults.cpp: defaults that depend on nothing but the file, once everything is merged and before paths are resolved:
// build.context, targets of secrets, protocol and mode of ports, required dependencies, device counts.
void set_defaults(Node& tree);

// paths.cpp: relative paths and ~ to absolute ones, against the folder of the file they came from.
void resolve_paths(Node& tree, const std::string& directory, const std::string& home, Problems& problems);

// normalise.cpp: the implicit default network, names, implied depends_on, build defaults, environment look-ups.
void normalise(Node& tree, const std::string& project, const Variables& variables, Problems& problems);

// consistency.cpp: references between elements, exclusive keys, cycles.
void check_consistency(const Node& tree, Problems& problems);

// bind.cpp: canonical tree → typed Project, with config hashes.
[[nodiscard]] Result<model::Project> bind(const Node& tree, const std::string& project, Problems& problems);

/// How a tree is printed.
enum class Printing {
  kModel,     ///< as Docker Compose prints the resolved model: keys in its order, empty values left out, `$` doubled
  kVerbatim,  ///< everything there is, keys sorted, `$` as it stands (`config --no-interpolate`)
};

// render.cpp: the canonical tree as Docker Compose prints it (key order of compose-cli.md 2.3). JSON ends without a
// newline.
[[nodiscard]] std::string render_yaml(const Node& tree, Printing printing = Printing::kModel);
[[nodiscard]] std::string render_json(const Node& tree, Printing printing = Printing::kModel);

}  // namespace cmp::compose
