#pragma once
// Finding out what this host has: by asking the kernel, and by trying where only that tells, in namespaces that end
// with this process.

#include "cli/context.hpp"
#include "cli/diagnosis.hpp"

namespace cmp::cli {

/// Leaves nothing behind on the host. As root this process is in a new, empty network namespace afterwards.
[[nodiscard]] HostFacts find_host_facts(const Context& context);

}  // namespace cmp::cli
