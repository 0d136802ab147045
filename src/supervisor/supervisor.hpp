#pragma once
// The supervisor: one single-threaded epoll loop per project that keeps what runs as the file declares it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

/// What the guardian hands over.
struct Inheritance {
  UniqueFd listener;
  UniqueFd self_exe;
  UniqueFd link;
};

/// Takes over what is there, then serves until the project is down.
[[nodiscard]] Status run_supervisor(const state::Paths& paths, Inheritance inheritance);

}  // namespace cmp::supervisor
