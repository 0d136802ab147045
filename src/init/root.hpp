#pragma once
// Builds a container's root: overlay, mounts, devices, masks. Before PivotRoot every path inside the container is
// resolved beneath the new root's descriptor; after it, the new root is the process's own.

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/launch_spec.hpp"
#include "init/owner_mapping.hpp"
#include "sys/in_root.hpp"

namespace cmp::init {

/// Replays the steps that concern files. Expects umask 0. Errors name the target and what was to be done there.
class Root {
 public:
  /// \param mounts  what BindMount::prepared counts
  explicit Root(std::vector<UniqueFd> mounts) : prepared_(std::move(mounts)) {}

  [[nodiscard]] Status apply(const container::step::PinMount&);
  [[nodiscard]] Status apply(const container::step::IsolateMounts&);
  [[nodiscard]] Status apply(const container::step::GrantFiles&);
  [[nodiscard]] Status apply(const container::step::ShowImages&);
  [[nodiscard]] Status apply(const container::step::HideHost&);
  [[nodiscard]] Status apply(const container::step::MountOverlay&);
  [[nodiscard]] Status apply(const container::step::MountFs&);
  [[nodiscard]] Status apply(const container::step::FillVolume&);
  [[nodiscard]] Status apply(const container::step::BindMount&);
  [[nodiscard]] Status apply(const container::step::ShareMount&);
  [[nodiscard]] Status apply(const container::step::MakeDevice&);
  [[nodiscard]] Status apply(const container::step::Symlink&);
  [[nodiscard]] Status apply(const container::step::MakeDir&);
  [[nodiscard]] Status apply(const container::step::PivotRoot&);
  [[nodiscard]] Status apply(const container::step::MaskPath&);
  [[nodiscard]] Status apply(const container::step::ReadOnlyPath&);
  [[nodiscard]] Status apply(const container::step::ReadOnlyRoot&);
  [[nodiscard]] Status apply(const container::step::ReadOnlyTree&);
  [[nodiscard]] Status apply(const container::step::BindRoot&);
  [[nodiscard]] Status apply(const container::step::SetMountFlags&);
  [[nodiscard]] Status apply(const container::step::CopyUp&);

 private:
  /// A tmpfs made by us moments ago: nobody else has put a link into it, so a name in it needs no search.
  struct Fresh {
    std::string path;
    UniqueFd fd;  ///< opened when first needed
  };

  /// A directory and a name in it.
  struct Place {
    int dir = -1;
    std::string name;
    UniqueFd held;  ///< keeps `dir` open if it is not a fresh one
  };

  Result<Place> place(const std::string& path);
  Result<int> fresh_directory(const std::string& path);  ///< -1 if there is none
  Result<UniqueFd> target(const std::string& path, sys::Missing missing, unsigned mode);
  Result<UniqueFd> target_in(int dir, const std::string& name, sys::Missing missing, unsigned mode);
  Status check_kernel_view(const container::step::MountFs& fs);
  static std::optional<mode_t> mode_to_keep(const container::step::MountFs& fs, int directory);
  Status mask_directory(const std::string& path);

  Result<UniqueFd> source_of(const container::step::BindMount& bind);
  Result<int> mapping_of(const container::HostOwner& owner);
  Result<UniqueFd> open_volume(const container::step::FillVolume& fill);

  std::vector<UniqueFd> prepared_;
  UniqueFd root_;
  std::map<std::string, UniqueFd> pinned_;  ///< mounts of the host by their path
  std::optional<OwnerMapping> mapping_;     ///< one is enough: a service has one user, and one who called
  std::vector<Fresh> fresh_;
  UniqueFd null_;                 ///< the container's /dev/null, verified
  UniqueFd null_mount_;           ///< a mount of it that is not placed yet
  std::string masked_directory_;  ///< the first empty directory, from which the others are cloned
};

/// Gives the mount of a descriptor these flags.
[[nodiscard]] Status set_mount_flags(int mount, const container::MountFlags& flags);

/// Opens the root's /dev/null with `flags` and makes sure that it is the null device (CVE-2025-31133).
[[nodiscard]] Result<UniqueFd> open_null_device(int flags);

}  // namespace cmp::init
