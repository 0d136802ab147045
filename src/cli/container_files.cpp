#include "cli/container_files.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "engine/container_root.hpp"

namespace cmp::cli {

Result<std::vector<state::ContainerRecord>> containers_of(const Context& context, const state::Paths& paths,
                                                          const std::string& service, int index, bool one_offs) {
  CMP_TRY(auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, {service}, containers));
  std::erase_if(containers, [&](const state::ContainerRecord& record) {
    return record.service != service || (state::is_one_off(record) && !one_offs) ||
           (index != 0 && record.number != index);
  });
  if (containers.empty()) {
    return make_error(Code::kNotFound, index == 0 ? fmt::format("no container found for service \"{}\"", service)
                                                  : fmt::format("service \"{}\" has no container #{}", service, index));
  }
  return containers;
}

Result<RootOfContainer> root_of(const state::Paths& paths, const state::ContainerRecord& record) {
  RootOfContainer out;
  CMP_TRY(out.fd, engine::open_container_root(paths, record));
  out.path = fmt::format("/proc/{}/fd/{}", ::getpid(), out.fd.get());
  return out;
}

std::string path_for_worker(const Context& context, const std::string& path, int standard_stream) {
  if (path.empty() || path == "-") {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), standard_stream);
  }
  return path.starts_with('/') ? path : fmt::format("{}/{}", load_options(context).cwd, path);
}

}  // namespace cmp::cli
