#include "image/local.hpp"

#include <sys/stat.h>

#include <fmt/core.h>

namespace cmp::image {

std::string local_origin(const Reference& reference) {
  const std::string file = reference.source == Source::kOciLayout ? reference.path + "/index.json" : reference.path;

  struct stat info {};

  if (!reference.local() || ::stat(file.c_str(), &info) != 0) {
    return "";
  }
  return fmt::format("{}:{}:{}.{:09}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

}  // namespace cmp::image
