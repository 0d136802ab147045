#include "state/log_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace cmp::state::log {

std::string generation(const std::string& file, int number) {
  return number == 0 ? file : fmt::format("{}.{}", file, number);
}

std::string index_of(const std::string& file) {
  return file + ".idx";
}

Result<std::string> read_from(int fd, std::uint64_t offset, std::uint64_t most) {
  std::string out;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), most - out.size()));
    const ssize_t got = ::pread(fd, buffer.data(), wanted, static_cast<off_t>(offset + out.size()));
    if (got < 0 && errno != EINTR) {
      return sys_error("read");
    }
    if (got == 0) {
      return out;
    }
    if (got > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

}  // namespace cmp::state::log
