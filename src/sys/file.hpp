#pragma once
// Files and directories. Every descriptor is close-on-exec from birth; EINTR is retried. No policy.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// open(2); `flags` without O_CLOEXEC, which is always added. Errors: "open 'path': reason".
[[nodiscard]] Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0);
[[nodiscard]] Result<UniqueFd> open_at(int dir, const std::string& path, int flags, mode_t mode = 0);

/// The whole of a file, also of those in /proc that report no size. Refuses more than `limit_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit_bytes = 64U << 20U);
[[nodiscard]] Result<std::string> read_file_at(int dir, const std::string& path, std::size_t limit_bytes = 64U << 20U);
[[nodiscard]] Result<std::string> read_all(int fd, std::size_t limit_bytes = 64U << 20U);

/// Writes everything; short writes go on.
[[nodiscard]] Status write_all(int fd, std::string_view data);

/// One write(2) to an existing file, as kernel files (/proc, /sys, cgroups) want it.
[[nodiscard]] Status write_kernel_file(const std::string& path, std::string_view text);
[[nodiscard]] Status write_kernel_file_at(int dir, const std::string& path, std::string_view text);

/// Replaces `path` so that a reader, also one after a crash of this process, sees the old or the new content, never a
/// part: temporary file beside it, then rename(2).
[[nodiscard]] Status write_file_atomically(const std::string& path, std::string_view data, mode_t mode = 0600);

/// mkdir -p. Existing directories are left as they are.
[[nodiscard]] Status make_directories(const std::string& path, mode_t mode = 0755);

/// rm -r, without following symbolic links and without crossing into other mounts. Missing is success.
[[nodiscard]] Status remove_tree(const std::string& path);

/// Sorted names in a directory, without . and ..
[[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path);

[[nodiscard]] bool exists(const std::string& path);

/// An empty file in memory (memfd_create(2)); `name` is for people.
[[nodiscard]] Result<UniqueFd> memory_file(const std::string& name);

/// A sealed in-memory copy of a file: nobody, not even root in a container, can change it (memfd_create(2), F_SEAL_*).
[[nodiscard]] Result<UniqueFd> sealed_copy(const std::string& path, const std::string& name);

}  // namespace cmp::sys
