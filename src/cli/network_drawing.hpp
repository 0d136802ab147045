#pragma once
// A project's networks drawn: bridges, the pairs of devices on them, addresses, ports. Pure.

#include <string>

#include "cli/network_view.hpp"

namespace cmp::cli {

/// For people, with the rules of the packet filter.
[[nodiscard]] std::string wiring_text(const WiringView& wiring);
/// A flowchart of Mermaid.
[[nodiscard]] std::string wiring_mermaid(const WiringView& wiring);
/// A graph of Graphviz (dot).
[[nodiscard]] std::string wiring_graphviz(const WiringView& wiring);

}  // namespace cmp::cli
