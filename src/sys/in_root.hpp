#pragma once
// Paths as a process inside another root would see them: absolute symbolic links and ".." end at that root, however a
// hostile tree is changed meanwhile (openat2(2) RESOLVE_IN_ROOT; CVE-2021-30465, CVE-2024-45310).

#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// Opens `path` with `root` as its root directory. Magic links of /proc are never followed. `flags` without O_CREAT.
/// Errors: kNotFound if a component is missing.
[[nodiscard]] Result<UniqueFd> open_in_root(int root, const std::string& path, int flags);

/// Opens `path` strictly below `dir`: a link or ".." that leaves it is an error, EXDEV (RESOLVE_BENEATH).
[[nodiscard]] Result<UniqueFd> open_beneath(int dir, const std::string& path, int flags);

/// Opens `path` below `dir` without crossing onto anything that is mounted there (RESOLVE_NO_XDEV).
[[nodiscard]] Result<UniqueFd> open_on_same_mount(int dir, const std::string& path, int flags);

enum class Missing { kFile, kDirectory };

/// What `path` names inside `root`, as an O_PATH descriptor. What is missing is made: directories with `mode`, and the
/// last component as `kind` says (an empty file gets 0644). A dangling link is followed and its target made, inside.
[[nodiscard]] Result<UniqueFd> open_or_make_in_root(int root, const std::string& path, Missing kind,
                                                    mode_t mode = 0755);

}  // namespace cmp::sys
