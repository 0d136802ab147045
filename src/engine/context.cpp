#include "engine/context.hpp"

namespace cmp::engine {

Result<Context> Context::open(state::Paths paths) {
  CMP_TRY(auto cgroups, cgroup::detect());
  CMP_TRY(auto links, net::Links::open());
  CMP_TRY(auto host, Host::read(paths));
  seccomp::Library filters(state::seccomp_dir(paths.roots()));
  return Context{std::move(paths), std::move(cgroups), std::move(links), std::move(host), std::move(filters), {}, {}};
}

}  // namespace cmp::engine
