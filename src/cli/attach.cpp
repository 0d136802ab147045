#include "cli/attachment.hpp"
#include "cli/commands.hpp"
#include "cli/log_session.hpp"
#include "cli/running_container.hpp"

namespace cmp::cli {

Result<int> run_command(const Context& context, const AttachOptions& options) {
  CMP_TRY(const DetachKeys keys, DetachKeys::parse(options.detach_keys));
  static_cast<void>(keys);  // a slip in them is told before anything else
  CMP_CHECK(need_root("attach"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, {options.service}, containers));
  CMP_TRY(state::ContainerRecord record, running_container(containers, options.service, options.index));
  CMP_TRY(auto watch, watch_project(paths));
  return stay_with(paths, watch, std::move(record),
                   {.detach_keys = options.detach_keys, .input = !options.no_stdin, .sig_proxy = options.sig_proxy});
}

}  // namespace cmp::cli
