#pragma once
// The containers whose files a command reads or writes.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cli/context.hpp"
#include "state/record.hpp"

namespace cmp::cli {

/// Containers of a service, running or not, sorted by number: those of `run` only if `one_offs`. With an index that one
/// alone. Errors: kNotFound in Docker Compose's words.
[[nodiscard]] Result<std::vector<state::ContainerRecord>> containers_of(const Context& context,
                                                                        const state::Paths& paths,
                                                                        const std::string& service, int index,
                                                                        bool one_offs);

/// The container's root directory (engine/container_root.hpp), and a path by which cmp-transfer finds it.
struct RootOfContainer {
  UniqueFd fd;
  std::string path;
};

[[nodiscard]] Result<RootOfContainer> root_of(const state::Paths& paths, const state::ContainerRecord& record);

/// A path that cmp-transfer can open: of a file, or with "" and "-" of a standard stream of this process.
[[nodiscard]] std::string path_for_worker(const Context& context, const std::string& path, int standard_stream);

}  // namespace cmp::cli
