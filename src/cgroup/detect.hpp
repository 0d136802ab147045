#pragma once
// How detect() comes to its Layout: the texts of /proc as values (pure), then the choice of a base by looking at what
// may be written. The choice takes texts too, so that a test can pose as another host.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/cgroup.hpp"

namespace cmp::cgroup {

/// A cgroup file system in /proc/self/mountinfo (proc_pid_mountinfo(5)).
struct CgroupMount {
  Version version = Version::kV1;
  std::string root;  ///< the group that is visible at mount_point: "/" unless a part is bound there
  std::string mount_point;
  std::vector<std::string> controllers;  ///< v1: those mounted here that cmp knows, sorted
  friend bool operator==(const CgroupMount&, const CgroupMount&) = default;
};

/// In the order of the file; named v1 hierarchies without a controller are left out.
[[nodiscard]] std::vector<CgroupMount> parse_mountinfo(std::string_view text);

/// A line of /proc/self/cgroup (cgroups(7)): v2 has no controllers.
struct Membership {
  std::vector<std::string> controllers;
  std::string path;
  friend bool operator==(const Membership&, const Membership&) = default;
};

[[nodiscard]] std::vector<Membership> parse_membership(std::string_view text);

/// The groups under which ours could be made, best first, from the mount point: "/", the parent of the group the caller
/// is in, that group itself.
/// "/" is the host's root group, or what a container takes for it: there a project outlives the session it was started
/// from. Who may not write there has got a group of his own from somebody who may (a user's systemd, a container): its
/// parent is best, since on v2 a group that holds processes cannot give controllers to groups below it.
[[nodiscard]] std::vector<std::string> base_candidates(const CgroupMount& mount,
                                                       const std::vector<Membership>& memberships);

/// Facts about the host that are not in the texts.
struct Abilities {
  bool clone_into_cgroup = false;  ///< Linux 5.7
};

/// detect() over given texts. The mount points they name are looked at for what may be written.
[[nodiscard]] Result<Layout> detect_in(std::string_view mountinfo, std::string_view membership,
                                       const Abilities& abilities);

}  // namespace cmp::cgroup
