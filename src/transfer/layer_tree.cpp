#include "transfer/layer_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/core.h>

#include "sys/in_root.hpp"

namespace cmp::transfer {

namespace {

constexpr std::size_t kMaxDepth = 255;

std::string joined(const std::vector<std::string>& parts, std::size_t count) {
  std::string path;
  for (std::size_t at = 0; at < count; ++at) {
    path += (path.empty() ? "" : "/") + parts[at];
  }
  return path;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

Result<std::vector<std::string>> names_in(int directory) {
  UniqueFd again(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, CloseDirectory> stream(again ? ::fdopendir(again.get()) : nullptr);
  if (!stream) {
    return sys_error("read directory");
  }
  static_cast<void>(again.release());
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  return names;
}

/// rm -r of a name in an open directory; missing is success.
Status remove_at(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) {
    return {};
  }
  if (errno != EISDIR && errno != EPERM) {
    return sys_error(fmt::format("replace '{}'", name));
  }
  const UniqueFd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) {
    return sys_error(fmt::format("replace '{}'", name));
  }
  CMP_TRY(const std::vector<std::string> names, names_in(directory.get()));
  for (const std::string& inner : names) {
    CMP_CHECK(remove_at(directory.get(), inner));
  }
  return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 ? Status() : sys_error(fmt::format("replace '{}'", name));
}

/// Runs `make`, which returns as system calls do; where something has the name, removes that and runs it again.
template <typename Make>
Result<int> make_new(int parent, const std::string& name, std::string_view what, Make make) {
  int result = make();
  if (result < 0 && errno == EEXIST) {
    CMP_CHECK(remove_at(parent, name));
    result = make();
  }
  if (result < 0) {
    return sys_error(fmt::format("{} '{}'", what, name));
  }
  return result;
}

Status set_attributes(int fd, const Metadata& metadata) {
  for (const auto& [name, value] : metadata.attributes) {
    // A file system without the user's attributes takes the file without them.
    if (may_have_attribute(name) && ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0 &&
        errno != EOPNOTSUPP) {
      return sys_error(fmt::format("attribute '{}'", name));
    }
  }
  return {};
}

/// The owner first: changing it takes set-id bits and capabilities away.
Status set_owner_and_mode(int fd, const Metadata& metadata) {
  if (::fchown(fd, metadata.uid, metadata.gid) != 0) {
    return sys_error("change owner");
  }
  if (::fchmod(fd, metadata.mode) != 0) {
    return sys_error("change mode");
  }
  return set_attributes(fd, metadata);
}

std::array<timespec, 2> times_of(const timespec& modified) {
  return {timespec{.tv_sec = 0, .tv_nsec = UTIME_NOW}, modified};
}

struct Harmless {
  unsigned major, minor;
};

constexpr std::array kHarmless = {Harmless{1, 3}, Harmless{1, 5}, Harmless{1, 7},
                                  Harmless{1, 8}, Harmless{1, 9}, Harmless{5, 0}};

bool is_harmless(mode_t type, dev_t device) {
  return type == S_IFIFO || (type == S_IFCHR && std::ranges::any_of(kHarmless, [&](const Harmless& known) {
                               return known.major == major(device) && known.minor == minor(device);
                             }));
}

bool is_whiteout(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == 0;
}

}  // namespace

Result<std::vector<std::string>> components_of(std::string_view name) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < name.size();) {
    const auto slash = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, slash - at);
    if (part == ".." || part.find('\0') != std::string_view::npos) {
      return make_error(Code::kInvalid, fmt::format("'{}' leaves the layer", name));
    }
    if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
    at = slash + 1;
  }
  if (parts.size() > kMaxDepth) {
    return make_error(Code::kInvalid,
                      fmt::format("'{}…' is more than {} directories deep", name.substr(0, 60), kMaxDepth));
  }
  return parts;
}

bool may_have_attribute(std::string_view name) {
  return name == "security.capability" || (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

Result<LayerTree> LayerTree::open(const std::string& root) {
  LayerTree tree;
  tree.root_ = UniqueFd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!tree.root_) {
    return sys_error(fmt::format("open '{}'", root));
  }
  return tree;
}

Result<LayerTree> LayerTree::at(int directory) {
  LayerTree tree;
  tree.root_ = UniqueFd(::openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return tree.root_ ? Result<LayerTree>(std::move(tree)) : sys_error("open directory");
}

Result<UniqueFd> LayerTree::parent_directory(const std::string& path) {
  return sys::open_or_make_in_root(root_.get(), path.empty() ? "/" : path, sys::Missing::kDirectory, 0755);
}

Result<LayerTree::Place> LayerTree::place(std::string_view name) {
  CMP_TRY(const std::vector<std::string> parts, components_of(name));
  if (parts.empty()) {
    return make_error(Code::kInvalid, "the layer's root must be a directory");
  }
  Place place;
  place.name = parts.back();
  place.path = joined(parts, parts.size());
  CMP_TRY(place.parent, parent_directory(joined(parts, parts.size() - 1)));
  return place;
}

Status LayerTree::directory(std::string_view name, const Metadata& metadata) {
  CMP_TRY(const std::vector<std::string> parts, components_of(name));
  UniqueFd fd;
  std::string path;
  if (parts.empty()) {
    fd = UniqueFd(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  } else {
    CMP_TRY(const Place at, place(name));
    path = at.path;
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    fd = UniqueFd(::openat(at.parent.get(), at.name.c_str(), kFlags));
    if (!fd) {
      CMP_TRY(const int made, make_new(at.parent.get(), at.name, "make directory",
                                       [&] { return ::mkdirat(at.parent.get(), at.name.c_str(), 0700); }));
      static_cast<void>(made);
      fd = UniqueFd(::openat(at.parent.get(), at.name.c_str(), kFlags));
    }
  }
  if (!fd) {
    return sys_error(fmt::format("open '{}'", name));
  }
  CMP_CHECK(set_owner_and_mode(fd.get(), metadata));
  times_.emplace_back(path, metadata.modified);
  // Hidden by a whiteout of this layer and there again: nothing of the lower one shows through.
  return hidden_.contains(path) ? set_opaque(fd.get(), path) : Status();
}

Result<UniqueFd> LayerTree::file(std::string_view name) {
  CMP_TRY(const Place at, place(name));
  CMP_TRY(const int fd, make_new(at.parent.get(), at.name, "make file", [&] {
            return ::openat(at.parent.get(), at.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            0600);
          }));
  return UniqueFd(fd);
}

Status LayerTree::finish_file(int fd, const Metadata& metadata) {
  CMP_CHECK(set_owner_and_mode(fd, metadata));
  return ::futimens(fd, times_of(metadata.modified).data()) == 0 ? Status() : sys_error("set time");
}

Status LayerTree::symbolic_link(std::string_view name, const std::string& target, const Metadata& metadata) {
  CMP_TRY(const Place at, place(name));
  CMP_TRY(const int made, make_new(at.parent.get(), at.name, "make link",
                                   [&] { return ::symlinkat(target.c_str(), at.parent.get(), at.name.c_str()); }));
  static_cast<void>(made);
  if (::fchownat(at.parent.get(), at.name.c_str(), metadata.uid, metadata.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
      ::utimensat(at.parent.get(), at.name.c_str(), times_of(metadata.modified).data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error(fmt::format("set owner and time of '{}'", name));
  }
  return {};
}

Status LayerTree::hard_link(std::string_view name, std::string_view target) {
  CMP_TRY(const std::vector<std::string> parts, components_of(target));
  if (parts.empty()) {
    return make_error(Code::kInvalid, fmt::format("hard link '{}' to the root", name));
  }
  const std::string parent = joined(parts, parts.size() - 1);
  CMP_TRY(const UniqueFd from,
          sys::open_in_root(root_.get(), parent.empty() ? "/" : parent, O_PATH | O_DIRECTORY)
              .context(fmt::format("hard link '{}' to '{}', which is not in this layer", name, target)));

  struct stat info {};

  if (::fstatat(from.get(), parts.back().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error(fmt::format("hard link '{}' to '{}', which is not in this layer", name, target));
  }
  CMP_TRY(const Place at, place(name));

  struct stat existing {};

  const bool same = ::fstatat(at.parent.get(), at.name.c_str(), &existing, AT_SYMLINK_NOFOLLOW) == 0 &&
                    existing.st_dev == info.st_dev && existing.st_ino == info.st_ino;
  if (same) {
    return {};
  }
  if (S_ISDIR(info.st_mode) || is_whiteout(info)) {
    return make_error(Code::kInvalid, fmt::format("hard link '{}' to '{}', which is no file", name, target));
  }
  CMP_TRY(const int made, make_new(at.parent.get(), at.name, "make hard link", [&] {
            return ::linkat(from.get(), parts.back().c_str(), at.parent.get(), at.name.c_str(), 0);
          }));
  static_cast<void>(made);
  return {};
}

Status LayerTree::node(std::string_view name, mode_t type, dev_t device, const Metadata& metadata) {
  if (!is_harmless(type, device)) {
    return make_error(Code::kUnsupported, fmt::format("device node '{}' is not made", name));
  }
  CMP_TRY(const Place at, place(name));
  CMP_TRY(const int made, make_new(at.parent.get(), at.name, "make node",
                                   [&] { return ::mknodat(at.parent.get(), at.name.c_str(), type | 0600, device); }));
  static_cast<void>(made);
  const UniqueFd fd(::openat(at.parent.get(), at.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const std::string path = fmt::format("/proc/self/fd/{}", fd.get());
  if (!fd || ::fchownat(fd.get(), "", metadata.uid, metadata.gid, AT_EMPTY_PATH) != 0 ||
      ::chmod(path.c_str(), metadata.mode) != 0 ||
      ::utimensat(AT_FDCWD, path.c_str(), times_of(metadata.modified).data(), 0) != 0) {
    return sys_error(fmt::format("set owner, mode and time of '{}'", name));
  }
  return {};
}

Status LayerTree::whiteout(std::string_view directory, const std::string& name) {
  if (name.empty() || name == "." || name == "..") {
    return make_error(Code::kInvalid, fmt::format("whiteout '.wh.{}' in '{}' hides nothing", name, directory));
  }
  CMP_TRY(const Place at, place(fmt::format("{}/{}", directory, name)));
  hidden_.insert(at.path);

  struct stat info {};

  if (::fstatat(at.parent.get(), at.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
    // It is in this layer too: only what lower layers have there is hidden.
    const UniqueFd fd(::openat(at.parent.get(), at.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return fd ? set_opaque(fd.get(), at.path) : Status();
  }
  return ::mknodat(at.parent.get(), at.name.c_str(), S_IFCHR, 0) == 0
             ? Status()
             : sys_error(fmt::format("make whiteout '{}'", at.path));
}

Status LayerTree::set_opaque(int fd, const std::string& path) {
  opaque_.insert(path);
  return ::fsetxattr(fd, "trusted.overlay.opaque", "y", 1, 0) == 0 ? Status()
                                                                   : sys_error(fmt::format("make '{}' opaque", path));
}

Status LayerTree::opaque(std::string_view directory) {
  CMP_TRY(const std::vector<std::string> parts, components_of(directory));
  const std::string path = joined(parts, parts.size());
  CMP_TRY(const UniqueFd at, parent_directory(path));
  const UniqueFd fd(::openat(at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd ? set_opaque(fd.get(), path) : sys_error(fmt::format("open '{}'", path));
}

/// Where nothing shows through, a whiteout would itself be seen (readdir does not filter such a directory).
Status LayerTree::remove_whiteouts(int directory) {
  CMP_TRY(const std::vector<std::string> names, names_in(directory));
  for (const std::string& name : names) {
    struct stat info {};

    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return sys_error(fmt::format("stat '{}'", name));
    }
    if (is_whiteout(info) && ::unlinkat(directory, name.c_str(), 0) != 0) {
      return sys_error(fmt::format("remove '{}'", name));
    }
    if (S_ISDIR(info.st_mode)) {
      const UniqueFd inner(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!inner) {
        return sys_error(fmt::format("open '{}'", name));
      }
      CMP_CHECK(remove_whiteouts(inner.get()));
    }
  }
  return {};
}

Status LayerTree::finish() {
  for (const std::string& path : opaque_) {
    const auto fd = sys::open_in_root(root_.get(), path.empty() ? "/" : path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd) {
      CMP_CHECK(remove_whiteouts(fd->get()));
    }
  }
  for (auto it = times_.rbegin(); it != times_.rend(); ++it) {
    // A later entry may have put something else there.
    const auto fd =
        sys::open_in_root(root_.get(), it->first.empty() ? "/" : it->first, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd) {
      static_cast<void>(::futimens(fd->get(), times_of(it->second).data()));
    }
  }
  return {};
}

}  // namespace cmp::transfer
