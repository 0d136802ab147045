#include "cgroup/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/core.h>

#include "base/words.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

constexpr const char* kMark = "trusted.cmp.made";
constexpr int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

void parse_pids(std::string_view text, std::vector<int>& pids) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    int pid = 0;
    std::from_chars(text.data(), text.data() + end, pid);
    // 0 is a process of another pid namespace: nobody we could name.
    if (pid > 0) {
      pids.push_back(pid);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::string path_of(const Hierarchy& hierarchy, const Group& group, std::string_view file) {
  return fmt::format("{}{}/{}{}{}", hierarchy.mount_point, hierarchy.base == "/" ? "" : hierarchy.base, group.path,
                     file.empty() ? "" : "/", file);
}

std::set<std::string> words_in(const std::string& path) {
  const std::string text = sys::read_file(path).value_or("");
  const auto words = words_of(text);
  return {words.begin(), words.end()};
}

bool is_gone(const Error& error) {
  return error.os_errno == ENOENT || error.os_errno == ENODEV;
}

Result<UniqueFd> open_group(const Hierarchy& hierarchy, const Group& group) {
  auto fd = sys::open_file(path_of(hierarchy, group), kOpenDirectory);
  if (!fd && is_gone(fd.error())) {
    return UniqueFd();
  }
  return fd;
}

Result<std::vector<OpenGroup>> open_everywhere(const Layout& layout, const Group& group) {
  std::vector<OpenGroup> out;
  for (const auto& hierarchy : layout.hierarchies) {
    CMP_TRY(UniqueFd fd, open_group(hierarchy, group));
    if (fd) {
      out.push_back({&hierarchy, std::move(fd)});
    }
  }
  return out;
}

Result<std::vector<std::string>> children_of(int directory) {
  struct stat info {};

  std::vector<std::string> names;
  // Every directory in it counts as a link; two are its own.
  if (::fstat(directory, &info) != 0 || info.st_nlink == 2) {
    return names;
  }
  CMP_TRY(UniqueFd again, sys::open_at(directory, ".", kOpenDirectory));
  const std::unique_ptr<DIR, DirCloser> dir(::fdopendir(again.get()));
  if (!dir) {
    return sys_error("open directory");
  }
  static_cast<void>(again.release());
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): one thread, own DIR
    std::string name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") {
      names.push_back(std::move(name));
    }
  }
  std::ranges::sort(names);
  return names;
}

void mark_as_made(const std::string& path) {
  static_cast<void>(::setxattr(path.c_str(), kMark, "1", 1, 0));
}

bool is_marked(const std::string& path) {
  return ::getxattr(path.c_str(), kMark, nullptr, 0) >= 0;
}

Status collect_pids(int directory, std::vector<int>& pids) {
  const auto text = sys::read_file_at(directory, "cgroup.procs");
  if (!text) {
    return is_gone(text.error()) ? Status() : text.error();
  }
  parse_pids(*text, pids);
  CMP_TRY(const auto names, children_of(directory));
  for (const auto& name : names) {
    const auto child = sys::open_at(directory, name, kOpenDirectory);
    if (child) {
      CMP_CHECK(collect_pids(child->get(), pids));
    } else if (!is_gone(child.error())) {
      return child.error();
    }
  }
  return {};
}

void make_set(std::vector<int>& pids) {
  std::ranges::sort(pids);
  // Not std::ranges::unique: the subrange it returns is more than clang 14 can read in libstdc++ 12.
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
}

}  // namespace cmp::cgroup
