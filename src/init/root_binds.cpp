// Binds, masks and read-only paths: mounts that are clones of others.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "init/fill_volume.hpp"
#include "init/root.hpp"
#include "sys/file.hpp"
#include "sys/id_mapping.hpp"
#include "sys/mount.hpp"
#include "sys/namespaces.hpp"

namespace cmp::init {

namespace step = container::step;

namespace {

constexpr unsigned kClone = OPEN_TREE_CLONE;

struct Propagation {
  std::string_view name;
  std::uint64_t flag;
  bool recursive;
};

constexpr std::array kPropagations = {
    Propagation{"private", MS_PRIVATE, false}, Propagation{"rprivate", MS_PRIVATE, true},
    Propagation{"slave", MS_SLAVE, false},     Propagation{"rslave", MS_SLAVE, true},
    Propagation{"shared", MS_SHARED, false},   Propagation{"rshared", MS_SHARED, true}};

unsigned clone_flags(bool recursive) {
  return kClone | (recursive ? unsigned{AT_RECURSIVE} : 0U);
}

/// The mount that holds the source, not placed yet.
Result<UniqueFd> clone_source(const step::BindMount& bind) {
  const unsigned flags = clone_flags(bind.recursive);
  if (bind.subpath.empty()) {
    return sys::open_tree(AT_FDCWD, bind.source, flags);
  }
  CMP_TRY(const UniqueFd source, sys::open_file(bind.source, O_PATH | O_DIRECTORY));
  const auto inner = sys::open_beneath(source.get(), bind.subpath, O_PATH);
  if (!inner && inner.error().os_errno == EXDEV) {
    return make_error(Code::kInvalid, fmt::format("its subpath '{}' leads out of it", bind.subpath));
  }
  CMP_CHECK(inner ? Status() : inner.error());
  return sys::open_tree(inner->get(), "", flags | AT_EMPTY_PATH);
}

Status dress(const UniqueFd& tree, const step::BindMount& bind) {
  const auto it = std::ranges::find(kPropagations, bind.propagation, &Propagation::name);
  const bool has_propagation = it != kPropagations.end();
  if (!bind.read_only && !has_propagation) {
    return {};
  }
  const auto reach = [](bool whole) { return whole ? sys::Reach::kWholeTree : sys::Reach::kThisMount; };
  if (has_propagation) {
    CMP_CHECK(sys::mount_setattr(tree.get(), {.propagation = it->flag}, reach(it->recursive)));
  }
  return bind.read_only
             ? sys::mount_setattr(tree.get(), {.set = MOUNT_ATTR_RDONLY}, reach(bind.recursive && bind.read_only_below))
             : Status();
}

/// A new volume is an empty directory of root's, where the service could write nothing.
Status take_over(int tree, const OwnerMapping& mapping) {
  struct stat info {};

  CMP_TRY(const UniqueFd directory, sys::open_at(tree, ".", O_RDONLY | O_DIRECTORY));
  if (::fstat(directory.get(), &info) != 0) {
    return sys_error("stat");
  }
  const unsigned shown_root = mapping.owner.uid == 0 ? mapping.uid : mapping.uid == 0 ? mapping.owner.uid : 0;
  CMP_TRY(const auto names, sys::list_directory(fmt::format("/proc/self/fd/{}", directory.get())));
  if (!names.empty() || info.st_uid != shown_root || info.st_uid == mapping.uid) {
    return {};
  }
  return ::fchown(directory.get(), mapping.uid, mapping.gid) == 0 ? Status() : sys_error("give it to the service");
}

std::uint64_t with_times(std::uint64_t set, std::uint64_t clear) {
  // The three ways of keeping access times are one number: setting one needs the old one cleared.
  return (set & MOUNT_ATTR__ATIME) != 0 ? clear | MOUNT_ATTR__ATIME : clear;
}

Result<sys::Missing> kind_of(const UniqueFd& file) {
  struct stat info {};

  if (::fstat(file.get(), &info) != 0) {
    return sys_error("stat");
  }
  return S_ISDIR(info.st_mode) ? sys::Missing::kDirectory : sys::Missing::kFile;
}

/// The mount at a path of the mount namespace we are in; links that its people made lead nowhere out of it.
Result<UniqueFd> clone_here(const std::string& path) {
  CMP_TRY(const UniqueFd root, sys::open_file("/", O_PATH | O_DIRECTORY));
  CMP_TRY(const UniqueFd source, sys::open_in_root(root.get(), path, O_PATH | O_DIRECTORY));
  return sys::open_tree(source.get(), "", kClone | AT_EMPTY_PATH);
}

/// The kernel clones a mount only for those who are in its mount namespace, so that one is visited.
Result<UniqueFd> clone_from(const step::ShareMount& share) {
  CMP_TRY(const UniqueFd own, sys::open_file("/proc/self/ns/mnt", O_RDONLY));
  CMP_TRY(const UniqueFd theirs, sys::open_namespace_of({share.owner.pid, share.owner.start_ticks}, "mnt"));
  CMP_CHECK(sys::join_namespace(theirs.get(), "mnt"));
  auto tree = clone_here(share.path);
  CMP_CHECK(sys::join_namespace(own.get(), "mnt"));
  return tree;
}

/// The kernel says EINVAL to a file on a directory, and to a directory on a file.
Status check_kinds(sys::Missing mounted, const UniqueFd& on) {
  CMP_TRY(const sys::Missing there, kind_of(on));
  if (there == mounted) {
    return {};
  }
  const bool directory = mounted == sys::Missing::kDirectory;
  return make_error(Code::kInvalid, directory ? "a directory cannot be mounted there: the container has a file"
                                              : "a file cannot be mounted there: the container has a directory");
}

}  // namespace

Result<int> Root::mapping_of(const container::HostOwner& owner) {
  if (!mapping_ || mapping_->owner != owner) {
    CMP_TRY(mapping_, map_owner(root_.get(), owner));
  }
  return mapping_->user_namespace.get();
}

Status Root::apply(const step::PinMount& pin) {
  CMP_TRY(pinned_[pin.source], sys::open_tree(AT_FDCWD, pin.source, clone_flags(pin.recursive)));
  return {};
}

/// The mount that holds the source, as the service is to see it, not placed yet.
Result<UniqueFd> Root::source_of(const step::BindMount& bind) {
  UniqueFd tree;
  if (const auto pinned = pinned_.find(bind.source); pinned != pinned_.end() && pinned->second) {
    tree = std::move(pinned->second);
  } else {
    CMP_TRY(tree, clone_source(bind));
  }
  if (bind.owner) {
    CMP_TRY(const int mapping, mapping_of(*bind.owner));
    CMP_CHECK(mapping < 0 ? Status() : sys::map_owners(tree.get(), mapping, bind.label));
    CMP_CHECK(bind.take_over ? take_over(tree.get(), *mapping_) : Status());
  }
  return tree;
}

/// The directory of a volume, seen as the service will see it.
Result<UniqueFd> Root::open_volume(const step::FillVolume& fill) {
  int mapping = -1;
  if (fill.owner) {
    CMP_TRY(mapping, mapping_of(*fill.owner));
  }
  if (mapping < 0) {
    return sys::open_file(fill.source, O_RDONLY | O_DIRECTORY);
  }
  CMP_TRY(const UniqueFd tree, sys::open_tree(AT_FDCWD, fill.source, kClone));
  CMP_CHECK(sys::map_owners(tree.get(), mapping, fill.label));
  return sys::open_at(tree.get(), ".", O_RDONLY | O_DIRECTORY);
}

Status Root::apply(const step::FillVolume& fill) {
  const std::string noun = fmt::format("fill {} from '{}'", fill.label, fill.target);
  const auto from = sys::open_in_root(root_.get(), fill.target, O_RDONLY | O_DIRECTORY);
  if (!from) {
    return {};
  }
  CMP_TRY(const UniqueFd volume, open_volume(fill).context(noun));
  return fill_volume(from->get(), volume.get(), fill.source + ".filling").context(noun);
}

Status Root::apply(const step::BindMount& bind) {
  const std::string what = bind.label.empty() ? fmt::format("'{}'", bind.source) : bind.label;
  const std::string noun = fmt::format("mount {} on '{}'", what, bind.target);
  UniqueFd tree;
  if (bind.prepared) {
    tree = std::move(prepared_.at(*bind.prepared));
  } else {
    CMP_TRY(tree, source_of(bind).context(noun));
  }
  CMP_CHECK(dress(tree, bind).context(noun));
  CMP_CHECK(set_mount_flags(tree.get(), bind.flags).context(noun));
  CMP_TRY(const sys::Missing kind, kind_of(tree).context(noun));
  CMP_TRY(const UniqueFd on, target(bind.target, kind, 0755).context(noun));
  CMP_CHECK(check_kinds(kind, on).context(noun));
  CMP_CHECK(sys::move_mount(tree.get(), on.get(), "").context(noun));
  // What was fresh here or below is hidden now.
  std::erase_if(fresh_, [&](const Fresh& fresh) {
    return fresh.path == bind.target || fresh.path.starts_with(bind.target + '/');
  });
  return {};
}

Status Root::apply(const step::ShareMount& share) {
  const std::string noun = fmt::format("mount {} of container {}", share.path, share.owner.container);
  CMP_TRY(const UniqueFd tree, clone_from(share).context(noun));
  CMP_TRY(const UniqueFd on, target(share.path, sys::Missing::kDirectory, 0755).context(noun));
  return sys::move_mount(tree.get(), on.get(), "").context(noun);
}

Status set_mount_flags(int mount, const container::MountFlags& flags) {
  const auto change = [mount](std::uint64_t set, std::uint64_t clear, sys::Reach reach) {
    return (set | clear) == 0 ? Status()
                              : sys::mount_setattr(mount, {.set = set, .clear = with_times(set, clear)}, reach);
  };
  CMP_CHECK(change(flags.set, flags.clear, sys::Reach::kThisMount));
  CMP_CHECK(change(flags.set_below, flags.clear_below, sys::Reach::kWholeTree));
  for (const std::uint64_t propagation : flags.propagation) {
    const auto reach = (propagation & MS_REC) != 0 ? sys::Reach::kWholeTree : sys::Reach::kThisMount;
    CMP_CHECK(sys::mount_setattr(mount, {.propagation = propagation & ~std::uint64_t{MS_REC}}, reach));
  }
  return {};
}

Result<UniqueFd> open_null_device(int flags) {
  CMP_TRY(UniqueFd fd, sys::open_file("/dev/null", flags | O_NOFOLLOW));

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0 || !S_ISCHR(info.st_mode) || info.st_rdev != ::makedev(1, 3)) {
    return make_error(Code::kConflict, "the container's /dev/null is not the null device");
  }
  return fd;
}

Status Root::apply(const step::MaskPath& mask) {
  if (!null_) {
    CMP_TRY(null_, open_null_device(O_PATH));
  }
  if (!null_mount_) {
    CMP_TRY(null_mount_, sys::open_tree(null_.get(), "", kClone | AT_EMPTY_PATH));
  }
  auto placed = sys::move_mount(null_mount_.get(), AT_FDCWD, mask.path);
  if (placed) {
    null_mount_.reset();
    return {};
  }
  switch (placed.error().os_errno) {
    case ENOENT:  // this kernel or machine does not have it
      return {};
    case EINVAL:
    case ENOTDIR:  // a file cannot cover a directory
      return mask_directory(mask.path);
    default:
      return std::move(placed.error()).context(fmt::format("mask '{}'", mask.path));
  }
}

Status Root::mask_directory(const std::string& path) {
  const std::string noun = fmt::format("mask '{}'", path);
  if (masked_directory_.empty()) {
    masked_directory_ = path;
    return sys::mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "nr_inodes=1,size=4k")
        .context(noun);
  }
  // A clone costs a fraction of another file system, and there is nothing in it to be shared.
  CMP_TRY(const UniqueFd empty, sys::open_tree(AT_FDCWD, masked_directory_, kClone).context(noun));
  return sys::move_mount(empty.get(), AT_FDCWD, path).context(noun);
}

Status Root::apply(const step::ReadOnlyPath& path) {
  const std::string noun = fmt::format("make '{}' read-only", path.path);
  auto tree = sys::open_tree(AT_FDCWD, path.path, kClone | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
  if (!tree) {
    return tree.error().os_errno == ENOENT ? Status() : std::move(tree.error()).context(noun);
  }
  CMP_CHECK(sys::mount_setattr(tree->get(), {.set = MOUNT_ATTR_RDONLY}, sys::Reach::kWholeTree).context(noun));
  return sys::move_mount(tree->get(), AT_FDCWD, path.path).context(noun);
}

}  // namespace cmp::init
