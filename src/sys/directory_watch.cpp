#include "sys/directory_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace cmp::sys {

Result<DirectoryWatch> DirectoryWatch::open(const std::string& directory) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) {
    return sys_error("inotify_init1");
  }
  if (::inotify_add_watch(fd.get(), directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
    return sys_error("watch '" + directory + "'");
  }
  return DirectoryWatch(std::move(fd));
}

DirectoryWatch::Changes DirectoryWatch::take() {
  Changes changes;
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      return changes;
    }
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      changes.lost = changes.lost || (event->mask & IN_Q_OVERFLOW) != 0;
      if (event->len > 0) {
        changes.names.insert(event->name);
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace cmp::sys
