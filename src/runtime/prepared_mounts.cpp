#include "runtime/prepared_mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <variant>

#include <fmt/core.h>

#include "runtime/conversation.hpp"
#include "runtime/spawn.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace cmp::runtime {

namespace {

using container::MountMapping;
using container::step::BindMount;

/// A user namespace that has the mapping, and nobody in it.
Result<UniqueFd> namespace_with(const MountMapping& mapping) {
  if (!mapping.user_namespace.empty()) {
    return sys::open_file(mapping.user_namespace, O_RDONLY);
  }
  CMP_TRY(const sys::Child child, sys::clone_process({.flags = CLONE_NEWUSER}));
  if (child.pid == 0) {
    for (;;) {
      ::pause();
    }
  }
  Status written = write_id_mappings(child.pid, mapping.uids, mapping.gids);
  auto file = sys::open_file(fmt::format("/proc/{}/ns/user", child.pid), O_RDONLY);
  put_down(child);
  return written ? std::move(file) : std::move(written).error();
}

Status map_ids(const UniqueFd& mount, const MountMapping& mapping) {
  CMP_TRY(const UniqueFd user_namespace, namespace_with(mapping));
  const auto reach = mapping.below ? sys::Reach::kWholeTree : sys::Reach::kThisMount;
  auto done = sys::mount_setattr(mount.get(), {.set = MOUNT_ATTR_IDMAP, .user_namespace = user_namespace.get()}, reach);
  if (!done && done.error().os_errno == EINVAL) {
    done.error().message += " (this file system does not take id mappings, or has one already)";
  }
  return done;
}

/// What the mounts of the container's namespace will be (step::IsolateMounts), for a clone from outside of it.
std::uint64_t propagation_in(const container::LaunchSpec& spec) {
  for (const container::Step& step : spec.steps) {
    if (const auto* isolate = std::get_if<container::step::IsolateMounts>(&step)) {
      return isolate->slave ? MS_SLAVE : MS_PRIVATE;
    }
  }
  return 0;
}

Result<UniqueFd> prepare(const BindMount& bind, std::uint64_t propagation) {
  const unsigned flags = unsigned{OPEN_TREE_CLONE} | (bind.recursive ? unsigned{AT_RECURSIVE} : 0U);
  CMP_TRY(UniqueFd tree, sys::open_tree(AT_FDCWD, bind.source, flags));
  if (propagation != 0) {
    CMP_CHECK(sys::mount_setattr(tree.get(), {.propagation = propagation}, sys::Reach::kWholeTree));
  }
  if (bind.mapping) {
    CMP_CHECK(map_ids(tree, *bind.mapping).context("map its ids"));
  }
  return tree;
}

}  // namespace

Result<std::vector<UniqueFd>> prepare_mounts(oci::Launch& launch) {
  std::vector<UniqueFd> mounts;
  const std::uint64_t propagation = propagation_in(launch.spec);
  for (container::Step& step : launch.spec.steps) {
    auto* const bind = std::get_if<BindMount>(&step);
    if (bind == nullptr || !(launch.prepares_binds || bind->mapping)) {
      continue;
    }
    CMP_TRY(UniqueFd mount,
            prepare(*bind, propagation).context(fmt::format("mount '{}' on '{}'", bind->source, bind->target)));
    bind->prepared = mounts.size();
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

}  // namespace cmp::runtime
