#include "sys/kernel_module.hpp"

#include <sys/utsname.h>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

bool can_load_module(std::string_view name) {
  utsname kernel{};
  if (::uname(&kernel) != 0) {
    return false;
  }
  const auto modules = read_file(fmt::format("/lib/modules/{}/modules.dep", kernel.release));
  return modules && modules->find(fmt::format("/{}.ko", name)) != std::string::npos;
}

}  // namespace cmp::sys
