#include "init/fill_volume.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <vector>

#include <fmt/core.h>

#include "sys/copy_tree.hpp"
#include "sys/file.hpp"

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

Status fill_volume(int from, int volume, const std::string& mark) {
  if (::flock(volume, LOCK_EX) != 0) {
    return sys_error("lock it");
  }
  if (sys::exists(mark)) {
    CMP_CHECK(empty(volume));
  }
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(path_of(volume)));
  if (!names.empty()) {
    return {};
  }
  CMP_CHECK(sys::write_file_atomically(mark, ""));
  CMP_CHECK(sys::copy_tree(from, volume, {.devices = sys::Devices::kLeftOut}));
  return ::unlink(mark.c_str()) == 0 ? Status() : sys_error(fmt::format("remove '{}'", mark));
}

}  // namespace cmp::init
