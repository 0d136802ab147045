#include "init/root.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "init/kernel_views.hpp"
#include "init/overlay.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace cmp::init {

namespace step = container::step;

namespace {

std::pair<std::string, std::string> split(const std::string& path) {
  const auto slash = path.rfind('/');
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

Status enter(int dir, std::string_view what) {
  return ::fchdir(dir) == 0 ? Status() : sys_error(fmt::format("enter '{}'", what));
}

/// Makes one directory of the hiding layer, relative to the current directory.
Status hide(const model::HiddenDirectory& dir) {
  const char* path = dir.path.c_str() + 1;
  if (::mkdir(path, dir.mode) != 0) {
    return sys_error(fmt::format("make directory '{}'", path));
  }
  if ((dir.uid != 0 || dir.gid != 0) && ::chown(path, dir.uid, dir.gid) != 0) {
    return sys_error(fmt::format("change the owner of '{}'", path));
  }
  // mkdir(2) leaves set-id bits out, chown(2) clears them.
  if ((dir.mode & 06000U) != 0 && ::chmod(path, dir.mode) != 0) {
    return sys_error(fmt::format("change the mode of '{}'", path));
  }
  if (dir.hidden && ::setxattr(path, "trusted.overlay.opaque", "y", 1, 0) != 0) {
    return sys_error(fmt::format("make '{}' opaque", path));
  }
  return {};
}

/// config-linux.md, Devices: a file that is there already and is not this device is an error.
Status verify_device(int dir, const std::string& name, mode_t type, dev_t number) {
  struct stat info {};

  if (::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("look at the device");
  }
  const bool same = (info.st_mode & S_IFMT) == type && (type == S_IFIFO || info.st_rdev == number);
  return same ? Status() : make_error(Code::kConflict, "another file is there already");
}

/// More lower directories than mount(2) takes, by short names for them: links on a small tmpfs that the overlay is then
/// mounted over, in this mount namespace only.
Status mount_by_short_names(const step::MountOverlay& overlay) {
  CMP_CHECK(sys::mount("layers", overlay.at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700"));
  if (::chdir(overlay.at.c_str()) != 0) {
    return sys_error(fmt::format("enter '{}'", overlay.at));
  }
  step::MountOverlay shortened = overlay;
  for (std::size_t at = 0; at < overlay.lower.size(); ++at) {
    shortened.lower[at] = std::to_string(at);
    if (::symlink(overlay.lower[at].c_str(), shortened.lower[at].c_str()) != 0) {
      return sys_error(fmt::format("name layer '{}'", overlay.lower[at]));
    }
  }
  return sys::mount("overlay", overlay.at, "overlay", 0, overlay_options(shortened).data);
}

/// One option each (Linux 6.8).
Status mount_long_overlay(const step::MountOverlay& overlay) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const std::string& lower : overlay.lower) {
    options.emplace_back("lowerdir+", lower);
  }
  if (!overlay.upper.empty()) {
    options.emplace_back("upperdir", overlay.upper);
    options.emplace_back("workdir", overlay.work);
  }
  if (!overlay.label.empty()) {
    options.emplace_back("context", overlay.label);
  }
  auto mounted = sys::mount_detached("overlay", options);
  if (!mounted) {
    return mount_by_short_names(overlay).context(fmt::format("{} layers", overlay.lower.size()));
  }
  return sys::move_mount(mounted->get(), AT_FDCWD, overlay.at);
}

Status mount_overlay(const step::MountOverlay& overlay) {
  const OverlayOptions options = overlay_options(overlay);
  if (options.data.size() > kMaxMountData) {
    return mount_long_overlay(overlay);
  }
  if (!options.enter.empty() && ::chdir(options.enter.c_str()) != 0) {
    return sys_error(fmt::format("enter '{}'", options.enter));
  }
  return sys::mount("overlay", overlay.at, "overlay", 0, options.data);
}

/// `noswap` came with Linux 6.4, and is for the first user namespace only.
Status mount_for_secrets(const std::string& at) {
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return sys::mount("granted", at, "tmpfs", kFlags, "mode=700,noswap")
             ? Status()
             : sys::mount("granted", at, "tmpfs", kFlags, "mode=700");
}

Status write_granted(const std::string& directory, const step::GrantedFile& granted) {
  CMP_TRY(const UniqueFd file, sys::open_file(fmt::format("{}/{}", directory, granted.name),
                                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  CMP_CHECK(sys::write_all(file.get(), granted.content));
  if (::fchown(file.get(), granted.uid, granted.gid) != 0 || ::fchmod(file.get(), granted.mode) != 0) {
    return sys_error("give it its owner and mode");
  }
  return {};
}

}  // namespace

Status Root::apply(const step::GrantFiles& grant) {
  CMP_CHECK(mount_for_secrets(grant.at).context("secrets and configs"));
  for (const step::GrantedFile& file : grant.files) {
    CMP_CHECK(write_granted(grant.at, file).context("secrets and configs"));
  }
  return {};
}

Status Root::apply(const step::IsolateMounts& isolate) {
  return sys::mount("", "/", "", MS_REC | (isolate.slave ? MS_SLAVE : MS_PRIVATE), "").context("isolate mounts");
}

Status Root::apply(const step::HideHost& hidden) {
  CMP_CHECK(sys::mount("hidden", hidden.at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755"));
  if (::chdir(hidden.at.c_str()) != 0) {
    return sys_error(fmt::format("enter '{}'", hidden.at));
  }
  for (const model::HiddenDirectory& dir : hidden.directories) {
    CMP_CHECK(hide(dir).context("hide the host's directories"));
  }
  return {};
}

Status Root::apply(const step::MountOverlay& overlay) {
  CMP_CHECK(mount_overlay(overlay));
  CMP_TRY(root_, sys::open_file(overlay.at, O_PATH | O_DIRECTORY));
  return {};
}

/// An overlay without an upper directory needs two lower ones: an empty one is under each image.
Status Root::apply(const step::ShowImages& images) {
  CMP_CHECK(sys::mount("images", images.at, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700").context("mount images"));
  const std::string empty = images.at + "/empty";
  CMP_CHECK(sys::make_directories(empty, 0755));
  for (std::size_t number = 0; number < images.lower.size(); ++number) {
    step::MountOverlay overlay{.lower = images.lower[number], .upper = "", .work = "", .at = "", .label = ""};
    overlay.lower.push_back(empty);
    overlay.at = fmt::format("{}/{}", images.at, number);
    CMP_CHECK(sys::make_directories(overlay.at, 0755));
    CMP_CHECK(mount_overlay(overlay).context("mount images"));
  }
  return {};
}

Result<int> Root::fresh_directory(const std::string& path) {
  const auto it = std::ranges::find(fresh_, path, &Fresh::path);
  if (it == fresh_.end()) {
    return -1;
  }
  if (!it->fd) {
    CMP_TRY(it->fd, sys::open_in_root(root_.get(), path, O_PATH | O_DIRECTORY));
  }
  return it->fd.get();
}

Result<UniqueFd> Root::target_in(int dir, const std::string& name, sys::Missing missing, unsigned mode) {
  UniqueFd fd(::openat(dir, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (fd || errno != ENOENT) {
    return fd ? Result<UniqueFd>(std::move(fd)) : sys_error(fmt::format("open '{}'", name));
  }
  const int made = missing == sys::Missing::kDirectory ? ::mkdirat(dir, name.c_str(), mode)
                                                       : ::mknodat(dir, name.c_str(), S_IFREG | 0644, 0);
  if (made != 0) {
    return sys_error(fmt::format("make '{}'", name));
  }
  return sys::open_at(dir, name, O_PATH | O_NOFOLLOW);
}

Result<UniqueFd> Root::target(const std::string& path, sys::Missing missing, unsigned mode) {
  const auto [parent, name] = split(path);
  CMP_TRY(const int dir, fresh_directory(parent));
  return dir >= 0 ? target_in(dir, name, missing, mode) : sys::open_or_make_in_root(root_.get(), path, missing, mode);
}

Result<Root::Place> Root::place(const std::string& path) {
  const auto [parent, name] = split(path);
  Place found;
  found.name = name;
  CMP_TRY(found.dir, fresh_directory(parent));
  if (found.dir < 0) {
    CMP_TRY(found.held, sys::open_or_make_in_root(root_.get(), parent, sys::Missing::kDirectory));
    found.dir = found.held.get();
  }
  return found;
}

/// A link there would have what is written to /proc later land somewhere else (CVE-2019-19921, CVE-2025-54867).
Status Root::check_kernel_view(const step::MountFs& fs) {
  if (fs.type != "proc" && fs.type != "sysfs") {
    return {};
  }
  CMP_TRY(const Place at, place(fs.target));

  struct stat info {};

  const bool link = ::fstatat(at.dir, at.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
  return link ? make_error(Code::kConflict, fmt::format("{} must be mounted on ordinary directory, and '{}' is a "
                                                        "symbolic link in the container's root",
                                                        fs.type, fs.target))
              : Status();
}

/// The mode that a tmpfs's root is to have if its options do not say: that of the directory it hides, as runc does.
std::optional<mode_t> Root::mode_to_keep(const step::MountFs& fs, int directory) {
  struct stat info {};

  const bool says = ("," + fs.data).find(",mode=") != std::string::npos;
  return fs.type != "tmpfs" || says || !fs.keeps_mode || ::fstat(directory, &info) != 0
             ? std::nullopt
             : std::optional(info.st_mode & 07777U);
}

Status Root::apply(const step::MountFs& fs) {
  CMP_CHECK(check_kernel_view(fs));
  CMP_TRY(const UniqueFd on, target(fs.target, sys::Missing::kDirectory, fs.make_mode).context("mount " + fs.type));
  // The descriptor is entered and mounted on as ".": no path is looked up twice, and no /proc is needed.
  CMP_CHECK(enter(on.get(), fs.target));
  std::string data = fs.data;
  if (const auto mode = mode_to_keep(fs, on.get())) {
    data += fmt::format("{}mode={:o}", data.empty() ? "" : ",", *mode);
  }
  auto mounted = sys::mount(fs.source, ".", fs.type, fs.flags, data);
  if (!mounted) {
    return std::move(mounted.error()).context(fs.target);
  }
  if (fs.type == "tmpfs") {
    fresh_.push_back({fs.target, UniqueFd()});
  }
  return {};
}

Status Root::apply(const step::MakeDevice& device) {
  CMP_TRY(const Place at, place(device.path));
  const mode_t type = device.type == 'b'   ? S_IFBLK
                      : device.type == 'p' ? S_IFIFO
                      : device.type == 'f' ? S_IFREG
                                           : S_IFCHR;
  const dev_t number = ::makedev(device.major, device.minor);
  if (::mknodat(at.dir, at.name.c_str(), type | device.mode, number) != 0) {
    if (errno != EEXIST) {
      return sys_error(fmt::format("make device '{}'", device.path));
    }
    return device.must_match ? verify_device(at.dir, at.name, type, number).context(device.path) : Status();
  }
  if ((device.uid != 0 || device.gid != 0) &&
      ::fchownat(at.dir, at.name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error(fmt::format("change the owner of '{}'", device.path));
  }
  return {};
}

Status Root::apply(const step::Symlink& link) {
  CMP_TRY(const Place at, place(link.path));
  if (::symlinkat(link.target.c_str(), at.dir, at.name.c_str()) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("make link '{}'", link.path));
  }
  return {};
}

Status Root::apply(const step::MakeDir& dir) {
  CMP_TRY(const UniqueFd made,
          target(dir.path, sys::Missing::kDirectory, dir.mode).context(fmt::format("directory '{}'", dir.path)));

  struct stat info {};

  if (::fstat(made.get(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return sys_error(fmt::format("directory '{}'", dir.path), ENOTDIR);
  }
  return {};
}

Status Root::apply(const step::PivotRoot& pivot) {
  CMP_CHECK(enter(root_.get(), "the new root"));
  if (pivot.by_move) {
    CMP_CHECK(leave_kernel_views(pivot.root));
    CMP_CHECK(sys::mount(".", "/", "", MS_MOVE, ""));
    return ::chroot(".") == 0 && ::chdir("/") == 0 ? Status() : sys_error("change the root");
  }
  CMP_CHECK(sys::pivot_root(".", "."));
  // The old root lies on the new one now; taking it away leaves no path and no descriptor to the host.
  return sys::umount(".", MNT_DETACH);
}

Status Root::apply(const step::ReadOnlyRoot& /*step*/) {
  return sys::mount_setattr(root_.get(), {.set = MOUNT_ATTR_RDONLY}, sys::Reach::kThisMount)
      .context("make the root read-only");
}

Status Root::apply(const step::ReadOnlyTree& tree) {
  CMP_TRY(const int fresh, fresh_directory(tree.path));
  UniqueFd opened;
  if (fresh < 0) {
    CMP_TRY(opened, sys::open_in_root(root_.get(), tree.path, O_PATH));
  }
  constexpr std::uint64_t kLocked = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  return sys::mount_setattr(fresh < 0 ? opened.get() : fresh, {.set = kLocked}, sys::Reach::kWholeTree)
      .context(fmt::format("make '{}' read-only", tree.path));
}

}  // namespace cmp::init
