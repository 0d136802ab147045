// What a bundle asks of its root beyond a Compose service: a directory as root, flags of mounts, copies in a tmpfs.

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fmt/core.h>

#include "init/root.hpp"
#include "sys/copy_tree.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace cmp::init {

namespace step = container::step;

namespace {

/// The mount that holds the path: the nearest directory above that is the root of one.
Status make_holder_private(std::string path) {
  for (;;) {
    if (::mount(nullptr, path.c_str(), nullptr, MS_PRIVATE, nullptr) == 0) {
      return {};
    }
    if (errno != EINVAL || path == "/") {  // EINVAL: no mount begins here
      return sys_error(fmt::format("make the mount above '{}' private", path));
    }
    path.resize(path.rfind('/'));
    if (path.empty()) {
      path = "/";
    }
  }
}

}  // namespace

Status Root::apply(const step::BindRoot& bind) {
  const std::string noun = fmt::format("root '{}'", bind.path);
  if (bind.parent_private) {
    CMP_CHECK(make_holder_private(bind.path).context(noun));
  }
  CMP_TRY(const UniqueFd tree,
          sys::open_tree(AT_FDCWD, bind.path, unsigned{OPEN_TREE_CLONE} | AT_RECURSIVE).context(noun));
  CMP_CHECK(sys::move_mount(tree.get(), AT_FDCWD, bind.path).context(noun));
  CMP_TRY(root_, sys::open_file(bind.path, O_PATH | O_DIRECTORY).context(noun));
  return {};
}

Status Root::apply(const step::SetMountFlags& change) {
  CMP_TRY(const UniqueFd mount, sys::open_in_root(root_.get(), change.path, O_PATH));
  return set_mount_flags(mount.get(), change.flags).context(fmt::format("mount on '{}'", change.path));
}

Status Root::apply(const step::CopyUp& copy) {
  const std::string noun = fmt::format("mount tmpfs on '{}'", copy.target);
  CMP_TRY(const UniqueFd on, target(copy.target, sys::Missing::kDirectory, 0755).context(noun));
  CMP_TRY(const UniqueFd below, sys::open_at(on.get(), ".", O_RDONLY | O_DIRECTORY).context(noun));
  if (::fchdir(on.get()) != 0) {
    return sys_error(noun);
  }
  CMP_CHECK(sys::mount("tmpfs", ".", "tmpfs", copy.flags & ~std::uint64_t{MS_RDONLY}, copy.data).context(noun));
  CMP_TRY(const UniqueFd fresh, sys::open_in_root(root_.get(), copy.target, O_RDONLY | O_DIRECTORY).context(noun));
  CMP_CHECK(sys::copy_tree(below.get(), fresh.get(), {}).context(noun));
  return (copy.flags & MS_RDONLY) == 0
             ? Status()
             : sys::mount_setattr(fresh.get(), {.set = MOUNT_ATTR_RDONLY}, sys::Reach::kThisMount).context(noun);
}

}  // namespace cmp::init
