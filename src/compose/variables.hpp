#pragma once
// The variables that compose files use, for `config --variables`.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

struct VariableUse {
  std::string name;
  bool required = false;        ///< ${NAME:?message}
  std::string default_value;    ///< ${NAME:-value}
  std::string alternate_value;  ///< ${NAME:+value}
  SourcePos where;              ///< of the first use
};

/// The variables in one text; those inside defaults and alternatives too.
[[nodiscard]] std::vector<VariableUse> variables_in_text(std::string_view text);

/// The variables in a tree that is not interpolated, by name, each once: the first default and the first alternative
/// count, and required anywhere is required.
[[nodiscard]] std::vector<VariableUse> variables_in(const Node& tree);

}  // namespace cmp::compose
