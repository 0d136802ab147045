#pragma once
// `x-rootfs: host`: the host's own system as a service's lower layer, without its people. What is hidden is decided
// here, purely; the hiding layer itself is made in each container's mount namespace (container::step::HideHost).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/host_view.hpp"

namespace cmp::rootfs {

/// The lower side of a container's overlay.
struct Layers {
  std::vector<std::string> lower;              ///< topmost first
  std::vector<model::HiddenDirectory> hidden;  ///< parents first; empty unless the lower layer is the host
  /// Mount points that hold programs: an overlay does not reach into them, so they appear empty. To be warned of.
  std::vector<std::string> unreachable;
};

/// What a host says about itself.
struct HostFiles {
  std::string passwd;                        ///< /etc/passwd
  std::string mountinfo;                     ///< /proc/self/mountinfo
  std::vector<std::string> own_directories;  ///< cmp's state and run directories
  std::vector<std::string> top;              ///< names in "/"
};

struct HiddenPaths {
  std::vector<std::string> hidden;       ///< sorted; none lies in another
  std::vector<std::string> unreachable;  ///< sorted
};

/// /home, /root, /tmp, /run and their like, the homes of people (uid 1000 and more), cmp's own directories, and every
/// mount point outside /dev, /proc and /sys, whatever else lies in "/" and is no directory of the system, and
/// directories of secrets such as /etc/ssl/private. A directory of the system itself is never hidden, whoever calls it
/// home.
[[nodiscard]] HiddenPaths hidden_paths(const HostFiles& host);

/// Files of the host that hold its secrets, sorted: password hashes and their backups, sudo's rules, the private keys
/// among `ssh`, the names in /etc/ssh. They stay where they are and are to be masked.
[[nodiscard]] std::vector<std::string> secret_files(const std::vector<std::string>& ssh);

/// The same of this host, those that exist.
[[nodiscard]] std::vector<std::string> existing_secret_files();

/// The layers of `x-rootfs: host`. Modes and owners are read now; host directories that do not exist are left out.
[[nodiscard]] Result<Layers> host_layers(const std::vector<std::string>& own_directories);

/// The layers of `x-rootfs: /absolute/directory`. kNotFound: it is no directory.
[[nodiscard]] Result<Layers> directory_layers(const std::string& directory);

}  // namespace cmp::rootfs
