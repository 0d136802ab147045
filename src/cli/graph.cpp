#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/network_drawing.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

Result<int> run_command(const Context& context, const GraphOptions& options) {
  if (!options.network) {
    return make_error(Code::kInvalid, "graph needs what to draw: --network");
  }
  const bool mermaid = options.format == "mermaid";
  const bool graphviz = options.format == "graphviz" || options.format == "dot";
  if (!mermaid && !graphviz && !options.format.empty() && options.format != "text") {
    return make_error(Code::kInvalid,
                      fmt::format("--format: '{}' is neither text nor mermaid nor graphviz", options.format));
  }
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto networks, all_networks(paths.roots()));
  CMP_TRY(const auto own, state::read_networks(paths));
  CMP_TRY(const auto containers, current_containers(paths));
  const WiringView wiring = wiring_of(paths, networks, own, containers);
  CMP_CHECK(print(mermaid ? wiring_mermaid(wiring) : graphviz ? wiring_graphviz(wiring) : wiring_text(wiring)));
  return 0;
}

}  // namespace cmp::cli
