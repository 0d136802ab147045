#pragma once
// The phases between the YAML text and the Project, in the order in which load() runs them (compose-spec.md 2.1).
// Each takes a tree and leaves a tree; what is wrong is added to `problems` and taken out of the tree, so that every
// phase sees healthy values only and all independent errors are reported at once.

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
  std::size_t expanded_ports = 0;  ///< by short forms
  std::size_t uncounted = 0;       ///< errors beyond the many that are kept
  bool files_missing = false;      ///< one could not be read: what is nowhere defined may stand there
  bool explain = false;            ///< values shall note what they replaced and which variables they have
  bool variables_missing = false;  ///< an env file could not be read: so may the values of variables
  void error(const Origin& origin, std::string message);
  /// The error and its others.
  void add(Error error);
  /// An error of this value, which the phases that follow will not see.
  void wrong(Node& value, std::string message);
  void warn(const Origin& origin, std::string message);

  [[nodiscard]] bool ok() const { return errors.empty(); }

  /// The first error with the rest in `others`, as a reader of the files meets them, each once; call only if !ok().
  [[nodiscard]] Error combined() &&;
  /// The warnings, in the same order.
  [[nodiscard]] std::vector<Warning> take_warnings();
};

/// Takes what is wrong out of a document. Top-level elements, such as services, stay as empty mappings, since others
/// may refer to them.
void remove_wrong(Node& document);

using Variables = std::map<std::string, std::string>;

/// What YAML's parser reads of a text: as little as possible (short_source.hpp) and all of it only if that has a fault,
/// or all of it. The result is the same.
enum class Reading { kShortened, kWhole };

// read.cpp: text → tree(s), one per YAML document; aliases and merge keys expanded within a budget. Keys that are no
// strings or occur twice are problems and left out; what is no YAML is the error.
[[nodiscard]] Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file, Problems& problems,
                                                  Reading reading = Reading::kShortened);

// interpolate.cpp: ${...} in every scalar value; types are cast by the attribute table afterwards. `places` are those
// of the variables that env files define, for notes.
void interpolate(Node& tree, const Variables& variables, Problems& problems, const VariablePlaces& places = {});

// merge.cpp: `over` on top of `base`, by the rules of each attribute; !reset and !override honoured.
[[nodiscard]] Node merge(Node base, Node over, Problems& problems);

/// Whether scalars are values already, or may hold `${...}` that nothing replaces (`config --no-interpolate`): then
/// what has such a reference is not checked, and no value is converted.
enum class Scalars { kFinal, kTemplates };

// schema.cpp: unknown keys (with the nearest valid one), wrong types, forms that no attribute has. Takes the canonical
// form as well as what users write.
void check_schema(Node& tree, Problems& problems, Scalars scalars = Scalars::kFinal);

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

// consistency.cpp: what single elements must hold, also of services that no profile enables; before paths are resolved.
void check_values(const Node& tree, Problems& problems);

// consistency.cpp: references between elements, exclusive keys, cycles.
void check_consistency(const Node& tree, Problems& problems);

// bind.cpp: canonical tree → typed Project, without its config hashes (hash.hpp).
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
