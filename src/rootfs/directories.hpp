#pragma once
// Directories on disk that containers and volumes consist of. Names are the caller's (state/paths): this only makes and
// removes.

#include <string>

#include "base/result.hpp"

namespace cmp::rootfs {

/// A container's overlay: what it wrote, the kernel's scratch space on the same file system, and where it is mounted.
struct ContainerDirectories {
  std::string upper, work, root;
};

/// Whether the file system of a directory that is there can hold what containers write (overlayfs.rst, "Upper and
/// Lower"). Error kUnsupported: it can't, with what to do.
[[nodiscard]] Status check_file_system(const std::string& directory);

/// Makes the three, and their parents readable for root only. The upper one becomes the container's `/`: mode 0755.
/// Existing ones are kept. kUnsupported: the file system cannot hold an overlay's upper directory.
[[nodiscard]] Status make_container_directories(const ContainerDirectories& directories);

/// Removes the three with everything in them. Missing ones are success.
[[nodiscard]] Status remove_container_directories(const ContainerDirectories& directories);

/// The data directory of a named volume, empty. An existing one is kept.
[[nodiscard]] Status make_volume(const std::string& data_directory);

/// Removes a tree whatever a container did to it: modes 000, immutable and append-only files. Does not
/// follow links or leave the file system. Missing is success.
[[nodiscard]] Status remove_forcibly(const std::string& directory);

}  // namespace cmp::rootfs
