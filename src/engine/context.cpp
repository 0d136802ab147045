#include "engine/context.hpp"

#include <fcntl.h>

#include "sys/file.hpp"

namespace cmp::engine {

Result<Context> Context::open(state::Paths paths) {
  CMP_TRY(auto cgroups, cgroup::detect());
  CMP_TRY(auto links, net::Links::open());
  CMP_TRY(auto own_netns, sys::open_file("/proc/self/ns/net", O_RDONLY));
  return Context{std::move(paths), std::move(cgroups), std::move(links), std::move(own_netns)};
}

}  // namespace cmp::engine
