#include <algorithm>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/process_table.hpp"
#include "cli/table.hpp"

namespace cmp::cli {

Result<int> run_command(const Context& context, const TopOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  std::ranges::sort(containers, {}, &state::ContainerRecord::name);
  CMP_TRY(const auto layout, cgroup::detect());
  const ProcessTable table;
  std::vector<TableRow> rows;
  for (const state::ContainerRecord& record : containers) {
    if (!is_wanted(options.services, record.service) || !state::has_program(record.state)) {
      continue;
    }
    CMP_TRY(const auto pids, cgroup::processes(layout, {record.cgroup}));
    for (const int pid : pids) {
      if (auto row = table.row(pid)) {
        row->insert(row->begin(), {record.service, std::to_string(record.number)});
        rows.push_back(*std::move(row));
      }
    }
  }
  CMP_CHECK(rows.empty() ? Status() : print(ProcessTable::text(rows, {"SERVICE", "#"})));
  return 0;
}

}  // namespace cmp::cli
