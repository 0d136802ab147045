#pragma once
// How much a container may write (storage_opt: size): a project quota of the file system that its directories are on.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "rootfs/directories.hpp"

namespace cmp::rootfs {

/// The project that a container's files belong to: not 0, which is everybody's. \param id 64 hex digits.
[[nodiscard]] std::uint32_t quota_project(std::string_view id);

/// kUnsupported: the file system of this directory (or of the nearest one above that exists) keeps no project quotas.
[[nodiscard]] Status check_quotas(const std::string& directory);

/// From now on `upper` and `work`, which must be there and empty or of this project already, hold `size` at most
/// together. Files made in them belong to the project.
[[nodiscard]] Status limit_size(const ContainerDirectories& directories, std::uint32_t project, Bytes size);

/// Takes the limit away again. What has none is success.
void forget_limit(const std::string& directory, std::uint32_t project);

}  // namespace cmp::rootfs
