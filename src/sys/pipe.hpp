#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

struct Pipe {
  UniqueFd read, write;
};

/// pipe2(2), both ends close-on-exec.
[[nodiscard]] Result<Pipe> open_pipe();

/// Reads and forgets what is in a non-blocking descriptor.
void discard_input(int fd);

}  // namespace cmp::sys
