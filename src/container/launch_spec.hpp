#pragma once
// What init does inside one container, as pure data: it can be printed, stored, compared and explained. container/
// makes it from a Service and the facts of this host; init/ replays it. No decision is left to the replay.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "container/bundle_steps.hpp"
#include "model/host_view.hpp"

namespace cmp::container {

/// Another container whose namespaces are shared: its first process, which a later one with the same pid is never
/// taken for.
struct Owner {
  std::string container;  ///< its name, for messages
  int pid = 0;
  std::uint64_t start_ticks = 0;
  friend bool operator==(const Owner&, const Owner&) = default;
};

/// What belongs to `uid` and `gid` on the host is shown as the service's own, and the other way round (an idmapped
/// mount).
struct HostOwner {
  unsigned uid = 0, gid = 0;
  std::string user;  ///< who the service runs as, as in Credentials
  friend bool operator==(const HostOwner&, const HostOwner&) = default;
};

/// Paths inside the container are absolute and are resolved beneath the new root (openat2, RESOLVE_IN_ROOT), through
/// file descriptors, never as strings twice (CVE-2021-30465 and its kin). Host paths are resolved before pivot_root.
namespace step {

/// Joins cgroups by writing 0 to each file (v1's `tasks`; on v2 the process is born in its cgroup).
struct JoinCgroups {
  std::vector<std::string> join_files;
};

/// unshare(2) in the child, so that the slow namespaces are made in parallel. Tells the parent when it is done.
struct Unshare {
  std::uint64_t flags = 0;
};

/// setns(2) into the namespaces of another container (network_mode: service:x): "ipc", "net", "uts".
struct ShareNamespaces {
  Owner owner;
  std::vector<std::string> kinds;
};

/// setns(2) into the namespace files of another process (exec).
struct JoinNamespaces {
  std::vector<std::string> files;
};

/// Makes the whole mount tree private, or a slave where a volume wants to see the host's later mounts, so that nothing
/// done here reaches the host.
struct IsolateMounts {
  bool slave = false;
};

/// The host without its people (x-rootfs: host): a small tmpfs at `at`, in this mount namespace only, whose hidden
/// directories are opaque to an overlay. The overlay takes `at` as its topmost lower directory and is then mounted over
/// it. It cannot be kept on disk: a lower directory beneath another one ("/") is refused with ELOOP.
struct HideHost {
  std::string at;
  std::vector<model::HiddenDirectory> directories;  ///< parents first
};

struct GrantedFile {
  std::string name;
  unsigned uid = 0, gid = 0, mode = 0444;
  std::string content;
};

/// Secrets and configs: a tmpfs at `at`, in this mount namespace only and without swap where the kernel can, with files
/// to be bound into the container.
struct GrantFiles {
  std::string at;
  std::vector<GrantedFile> files;
};

/// Images to be bound into the container: a tmpfs at `at`, in this mount namespace only, that has each one, read-only,
/// in the directory of its number.
struct ShowImages {
  std::string at;
  std::vector<std::vector<std::string>> lower;  ///< layers of each, topmost first
};

/// The container's root: an overlay of `lower` (topmost first) with upper and work, mounted at `at` on the host.
struct MountOverlay {
  std::vector<std::string> lower;
  std::string upper, work, at;  ///< without an upper and a work directory it is read-only
  std::string label;            ///< SELinux; "" is none
};

/// A file system of its own (proc, sysfs, tmpfs, devpts, mqueue, cgroup2 …).
struct MountFs {
  std::string type, source, target;
  std::uint64_t flags = 0;  ///< MS_*
  std::string data;
  unsigned make_mode = 0755;  ///< mode of the target directory if it has to be made
  bool keeps_mode = false;    ///< a tmpfs without a mode of its own takes that of the directory it hides
};

/// A host file or directory that is bound with propagation to or from the host: its mount is taken hold of before
/// IsolateMounts cuts it off.
struct PinMount {
  std::string source;
  bool recursive = true;
};

/// A host file or directory bound into the container, with everything mounted below it if `recursive`.
struct BindMount {
  std::string source, target;
  bool read_only = false;
  bool recursive = true;
  bool read_only_below = true;  ///< `read_only` reaches what is mounted below, too
  std::string propagation;      ///< "" is rprivate
  std::string label;            ///< what to call it in an error: "volume 'data'"
  std::string subpath;  ///< a folder below the source, which no symbolic link may leave; "" is the source itself
  MountFlags flags;     ///< further ones
  std::optional<MountMapping> mapping = {};
  /// Which of the mounts that the parent has cloned (and mapped), as only it may: instead of `source`.
  std::optional<std::size_t> prepared = {};
  std::optional<HostOwner> owner = {};
  bool take_over = false;  ///< with `owner`: if it is an empty directory of root's, it becomes the service's
};

/// What another container has mounted at `path`, mounted here too: /dev/shm goes with a shared IPC namespace.
struct ShareMount {
  Owner owner;
  std::string path;
};

/// An empty volume at `source` on the host gets what the root has at `target`, owner and mode of the directory
/// included (Docker's rule for images). A volume that holds anything, and a root that has no such directory: nothing.
struct FillVolume {
  std::string source, target;
  std::string label;  ///< what to call it in an error
  std::optional<HostOwner> owner;
};

struct MakeDevice {
  std::string path;
  unsigned major = 0, minor = 0, mode = 0666;
  char type = 'c';  ///< c, b, p, or f: an empty file for something to be bound on
  unsigned uid = 0, gid = 0;
  bool must_match = false;  ///< what stands at the path already must be this device
};

struct Symlink {
  std::string target, path;
};

/// A directory in the container, made if missing.
struct MakeDir {
  std::string path;
  unsigned mode = 0755;
};

/// Makes the overlay the root (pivot_root(2)) and drops the old one.
struct PivotRoot {
  std::string root;
  bool by_move = false;  ///< moved over "/" with chroot(2): on an initramfs, which cannot be pivoted
};

/// Covers a file with /dev/null or a directory with an empty read-only tmpfs.
struct MaskPath {
  std::string path;
};

/// Binds a path on itself, read-only, keeping its other flags.
struct ReadOnlyPath {
  std::string path;
};

/// Makes the root mount itself read-only.
struct ReadOnlyRoot {};

/// Makes the mount at a path and all below it read-only, nosuid, nodev and noexec.
struct ReadOnlyTree {
  std::string path;
};

struct SetHostname {
  std::string hostname, domainname;
};

struct WriteSysctl {
  std::string key, value;  ///< "net.ipv4.ip_unprivileged_port_start"
};

struct SetRlimit {
  int resource = 0;
  std::uint64_t soft = 0, hard = 0;  ///< RLIM_INFINITY is no limit
};

struct SetOomScore {
  int value = 0;
};

}  // namespace step

using Step =
    std::variant<step::JoinCgroups, step::Unshare, step::ShareNamespaces, step::JoinNamespaces, step::PinMount,
                 step::IsolateMounts, step::GrantFiles, step::ShowImages, step::HideHost, step::MountOverlay,
                 step::MountFs, step::FillVolume, step::BindMount, step::ShareMount, step::MakeDevice, step::Symlink,
                 step::MakeDir, step::PivotRoot, step::MaskPath, step::ReadOnlyPath, step::ReadOnlyRoot,
                 step::ReadOnlyTree, step::SetHostname, step::WriteSysctl, step::SetRlimit, step::SetOomScore,
                 step::Rendezvous, step::BecomeRoot, step::BindRoot, step::SetMountFlags, step::CopyUp, step::RunHooks>;

/// The program that decides which system calls may be made: see seccomp(2).
struct SeccompFilter {
  std::string program;  ///< an array of sock_filter; "" is no filter
  unsigned flags = 0;   ///< SECCOMP_FILTER_FLAG_*
};

/// Who the service runs as. Names are looked up in the container's own /etc/passwd and /etc/group by init.
struct Credentials {
  std::string user;  ///< "", "1000", "1000:1000", "redis", "redis:redis"
  std::vector<std::string> group_add;
  std::uint64_t bounding = 0, permitted_for_root = 0;  ///< capability masks
  bool no_new_privs = false;
  SeccompFilter seccomp;
  bool native_calls_only = false;  ///< the filter refuses programs of another word size all they ask
  std::string apparmor, selinux;   ///< profile and label for its programs; "" is none
  /// These and no others: of the above neither `user`, `group_add` nor `permitted_for_root` is looked at.
  std::optional<ExactCredentials> exactly;
};

/// What is executed at the end.
struct Exec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< "KEY=VALUE"; HOME is added from passwd when missing
  std::string working_dir;       ///< made if missing, as Docker does; "" is /
  bool terminal = false;         ///< fd 0 becomes the controlling terminal
  /// A program that is not found yet may still come from a volume that a dependency fills: then only the exec itself
  /// decides.
  bool program_may_come_later = false;
  unsigned umask = 0022;
  std::optional<unsigned long> personality;  ///< personality(2): what uname(2) says and how memory is laid out
};

struct LaunchSpec {
  std::string container;  ///< its name, for messages
  /// CLONE_NEW* of the clone itself: what the process is born in. The rest is the business of Unshare.
  std::uint64_t born_in_new = 0;
  std::optional<Owner> pid_owner;  ///< born in the pid namespace of this one
  std::vector<Step> steps;
  Credentials credentials;
  Exec exec;
  bool reaper = false;         ///< init: true, stay as PID 1 and reap
  step::RunHooks before_exec;  ///< when it has been told to go
};

/// One line a step, stable, for `cmp explain` and golden tests.
[[nodiscard]] std::string render(const LaunchSpec& spec);

}  // namespace cmp::container
