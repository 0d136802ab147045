#include "compose/input.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::compose {

namespace {

bool is_of_the_shell(std::string_view path) {
  constexpr std::array<std::string_view, 5> kPlaces = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/",
                                                       "/dev/stdin", "/dev/null"};
  return std::ranges::any_of(kPlaces, [path](std::string_view place) { return path.starts_with(place); });
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  struct stat info = {};
  const bool known = ::stat(path.c_str(), &info) == 0;
  if (known && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !is_of_the_shell(path)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not a file", path));
  }
  return sys::read_file(path);
}

}  // namespace cmp::compose
