#include "sys/tree_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY;

bool is_real_directory(const std::string& path) {
  struct stat info {};

  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<TreeWatch> TreeWatch::open(LeaveOut leave_out) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) {
    return sys_error("inotify_init1");
  }
  return TreeWatch(std::move(fd), std::move(leave_out));
}

Status TreeWatch::add(const std::string& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return make_error(Code::kNotFound, "'" + path + "' is not there");
  }
  if (S_ISDIR(info.st_mode)) {
    return add_directory(path, nullptr);
  }
  // Editors put a new file in the old one's place: its directory sees that.
  files_.insert(path);
  const std::string parent = path.substr(0, path.rfind('/'));
  const int watch = ::inotify_add_watch(fd_.get(), parent.c_str(), kChanges | IN_ONLYDIR);
  if (watch < 0) {
    return sys_error("watch '" + parent + "'");
  }
  directories_.try_emplace(watch, parent);
  return {};
}

Status TreeWatch::add_directory(const std::string& path, std::set<std::string>* found) {
  const int watch = ::inotify_add_watch(fd_.get(), path.c_str(), kChanges | IN_ONLYDIR);
  if (watch < 0 && errno == ENOSPC) {
    return make_error(Code::kSystem, "no more directories can be watched: raise fs.inotify.max_user_watches");
  }
  if (watch < 0) {
    return errno == ENOENT ? Status() : sys_error("watch '" + path + "'");
  }
  directories_[watch] = path;
  const auto names = list_directory(path);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const std::string inner = path + "/" + name;
    if (found != nullptr) {
      found->insert(inner);
    }
    if (is_real_directory(inner) && !leave_out_(inner)) {
      CMP_CHECK(add_directory(inner, found));
    }
  }
  return {};
}

void TreeWatch::note(int watch, std::uint32_t mask, const std::string& name, std::set<std::string>& changed) {
  const auto directory = directories_.find(watch);
  if (directory == directories_.end()) {
    return;
  }
  if ((mask & IN_IGNORED) != 0) {
    directories_.erase(directory);
    return;
  }
  if (name.empty()) {
    return;
  }
  const std::string path = directory->second + "/" + name;
  changed.insert(path);
  if ((mask & IN_ISDIR) != 0 && (mask & (IN_CREATE | IN_MOVED_TO)) != 0 && !leave_out_(path)) {
    static_cast<void>(add_directory(path, &changed));
  }
}

std::set<std::string> TreeWatch::take() {
  std::set<std::string> changed;
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      return changed;
    }
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      note(event->wd, event->mask, event->len > 0 ? event->name : "", changed);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace cmp::sys
