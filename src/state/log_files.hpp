#pragma once
// What writer and reader of a log share: the names of its files and the form of an index. log_store.hpp tells the rest.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::state::log {

/// One entry of an index: bytes from `offset` on were captured at `time_ns`.
struct Mark {
  std::uint64_t offset;
  std::uint64_t time_ns;
};

static_assert(sizeof(Mark) == 16);

/// "web-1.out" is being written to, "web-1.out.1" was before, "web-1.out.2" before that.
[[nodiscard]] std::string generation(const std::string& file, int number);

/// The index of one such file.
[[nodiscard]] std::string index_of(const std::string& file);

/// pread(2) of everything from `offset` on, at most so many bytes.
[[nodiscard]] Result<std::string> read_from(int fd, std::uint64_t offset, std::uint64_t most = UINT64_MAX);

}  // namespace cmp::state::log
