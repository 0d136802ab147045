#pragma once
// What `cmp volume` does, one function an action. All but ls and inspect need root.

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/options.hpp"

namespace cmp::cli {

// volume.cpp
[[nodiscard]] Result<int> list_volumes(const state::Roots& roots, const VolumeOptions& options);
[[nodiscard]] Result<int> inspect_volumes(const state::Roots& roots, const VolumeOptions& options);
[[nodiscard]] Result<int> create_volume(const state::Roots& roots, const VolumeOptions& options);

// volume_removal.cpp
[[nodiscard]] Result<int> remove_volumes(const state::Roots& roots, const VolumeOptions& options);
[[nodiscard]] Result<int> prune_volumes(const Context& context, const state::Roots& roots,
                                        const VolumeOptions& options);

// volume_copies.cpp
[[nodiscard]] Result<int> restore_volume(const state::Roots& roots, const VolumeOptions& options);
[[nodiscard]] Result<int> snapshot_volume(const state::Roots& roots, const VolumeOptions& options);
[[nodiscard]] Result<int> fork_volume(const state::Roots& roots, const VolumeOptions& options);

/// Names as Docker takes them: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 200 characters.
[[nodiscard]] Status check_volume_name(const std::string& name);

}  // namespace cmp::cli
