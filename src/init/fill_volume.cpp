#include "init/fill_volume.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <vector>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "init/copy_tree.hpp"
#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::init {

namespace {

std::string path_of(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

Status empty(int directory) {
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(path_of(directory)));
  for (const std::string& name : names) {
    CMP_CHECK(sys::remove_tree(path_of(directory) + '/' + name));
  }
  return {};
}

}  // namespace

Status fill_volume(int root, const std::string& target, const std::string& volume) {
  const auto from = sys::open_in_root(root, target, O_RDONLY | O_DIRECTORY);
  if (!from) {
    return {};
  }
  CMP_TRY(const UniqueFd to, sys::open_file(volume, O_RDONLY | O_DIRECTORY));
  if (::flock(to.get(), LOCK_EX) != 0) {
    return sys_error(fmt::format("lock '{}'", volume));
  }
  const std::string mark = volume + ".filling";
  if (sys::exists(mark)) {
    CMP_CHECK(empty(to.get()));
  }
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(volume));
  if (!names.empty()) {
    return {};
  }
  CMP_CHECK(sys::write_file_atomically(mark, ""));
  CMP_CHECK(copy_tree(from->get(), to.get(), Devices::kLeftOut).context(fmt::format("copy '{}'", target)));
  return ::unlink(mark.c_str()) == 0 ? Status() : sys_error(fmt::format("remove '{}'", mark));
}

}  // namespace cmp::init
