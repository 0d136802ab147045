#pragma once
// What a bundle's config.json (OCI Runtime Specification) may ask of a launch beyond what a Compose file can.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cmp::container {

/// Flags of a mount, as mount_setattr(2) takes them: MOUNT_ATTR_*, for the mount itself and for it with all below it.
struct MountFlags {
  std::uint64_t set = 0, clear = 0;
  std::uint64_t set_below = 0, clear_below = 0;
  std::vector<std::uint64_t> propagation;  ///< MS_SHARED, MS_PRIVATE | MS_REC …, one after the other
  friend bool operator==(const MountFlags&, const MountFlags&) = default;
};

/// A range of ids and what it is to be outside.
struct IdMapping {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
  friend bool operator==(const IdMapping&, const IdMapping&) = default;
};

/// The ids of an id-mapped mount: by ranges, or as a user namespace has them that is there already.
struct MountMapping {
  std::vector<IdMapping> uids, gids;
  std::string user_namespace;  ///< its file; "" if there are ranges
  bool below = false;          ///< with all mounts below
  friend bool operator==(const MountMapping&, const MountMapping&) = default;
};

/// Ids and capability sets as they are to be, with nothing looked up or derived.
struct ExactCredentials {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;                                         ///< supplementary
  std::uint64_t effective = 0, permitted = 0, inheritable = 0, ambient = 0;  ///< capability sets
  friend bool operator==(const ExactCredentials&, const ExactCredentials&) = default;
};

/// A program that is run at a moment of a container's life (config.md, POSIX-platform Hooks).
struct Hook {
  std::string path;
  std::vector<std::string> args;                ///< with argv[0]; empty is the path alone
  std::optional<std::vector<std::string>> env;  ///< all it gets; absent is what the runtime has
  std::optional<int> timeout_seconds;           ///< then it is killed, which is a failure
  friend bool operator==(const Hook&, const Hook&) = default;
};

namespace step {

/// Tells the parent that the child has come to this place, and waits until it may go on: the parent has something to do
/// at just this moment.
struct Rendezvous {
  std::string place;  ///< for messages: "id mappings"
};

/// Takes the ids 0 of a user namespace whose mapping has just been written.
struct BecomeRoot {};

/// A directory of the host as the container's root: bound on itself, with all that is mounted below.
struct BindRoot {
  std::string path;
  bool parent_private = false;  ///< the mount it is in would show the container's mounts to the host
};

/// Changes the mount at a path that is there already.
struct SetMountFlags {
  std::string path;
  MountFlags flags;
};

/// A tmpfs that begins with a copy of what it hides.
struct CopyUp {
  std::string target;
  std::uint64_t flags = 0;  ///< MS_*
  std::string data;
};

/// Runs programs, one after the other, each with the container's state on standard input: `state_head`, the process id
/// as this process sees itself, `state_tail`.
struct RunHooks {
  std::string kind;  ///< for messages: "createContainer"
  std::vector<Hook> hooks;
  std::string state_head, state_tail;
};

}  // namespace step

}  // namespace cmp::container
