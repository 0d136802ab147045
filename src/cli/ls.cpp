#include <algorithm>
#include <map>
#include <regex>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"
#include "supervisor/desired.hpp"

namespace cmp::cli {

namespace {

struct ProjectRow {
  std::string name, status, files;
};

/// "exited(1), running(2)".
std::string count_states(const std::vector<state::ContainerRecord>& containers) {
  std::map<std::string, int> counts;
  for (const auto& record : containers) {
    ++counts[std::string(state::to_string(record.state))];
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : counts) {
    parts.push_back(fmt::format("{}({})", state, count));
  }
  return join(parts);
}

/// Where the project came from, as its supervisor has written it down; "" if that is not there.
std::string config_files(const state::Paths& paths) {
  const auto desired = supervisor::read_desired(paths);
  return desired ? join(desired->project.files, ",") : std::string();
}

/// Whether a project is called like one of the filters, "name=EXPRESSION"; anything is if there are none.
class NameFilter {
 public:
  static Result<NameFilter> parse(const std::vector<std::string>& filters) {
    NameFilter out;
    for (const std::string& filter : filters) {
      if (!filter.starts_with("name=")) {
        return make_error(Code::kInvalid, fmt::format("invalid filter '{}'", filter.substr(0, filter.find('='))));
      }
      try {
        out.expressions_.emplace_back(filter.substr(sizeof("name=") - 1));
      } catch (const std::regex_error&) {
        return make_error(Code::kInvalid, fmt::format("invalid filter '{}': no regular expression", filter));
      }
    }
    return out;
  }

  [[nodiscard]] bool matches(const std::string& name) const {
    const auto fits = [&](const std::regex& expression) { return std::regex_search(name, expression); };
    return expressions_.empty() || std::any_of(expressions_.begin(), expressions_.end(), fits);
  }

 private:
  std::vector<std::regex> expressions_;
};

Result<std::vector<ProjectRow>> list(bool all, const NameFilter& filter) {
  const state::Roots roots = state::roots_from_environment();
  CMP_TRY(const auto names, state::list_projects(roots));
  std::vector<ProjectRow> rows;
  for (const std::string& name : names) {
    if (!filter.matches(name)) {
      continue;
    }
    const state::Paths paths(roots, name);
    CMP_TRY(const auto containers, current_containers(paths));
    const std::string status = count_states(containers);
    const bool runs = status.find("running") != std::string::npos || status.find("restarting") != std::string::npos;
    if (!containers.empty() && (runs || all)) {
      rows.push_back({name, status, config_files(paths)});
    }
  }
  return rows;
}

std::string json_array(const std::vector<ProjectRow>& rows) {
  auto out = nlohmann::json::array();
  for (const ProjectRow& row : rows) {
    out.push_back({{"Name", row.name}, {"Status", row.status}, {"ConfigFiles", row.files}});
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string names_of(const std::vector<ProjectRow>& rows) {
  std::string out;
  for (const ProjectRow& row : rows) {
    out += row.name + '\n';
  }
  return out;
}

std::string table_of(const std::vector<ProjectRow>& rows) {
  constexpr std::size_t kMinimumWidth = 20;
  std::vector<TableRow> cells;
  for (const ProjectRow& row : rows) {
    cells.push_back({row.name, row.status, row.files});
  }
  return render_table({"NAME", "STATUS", "CONFIG FILES"}, cells, kMinimumWidth);
}

}  // namespace

Result<int> run_command(const Context&, const LsOptions& options) {
  if (!options.format.empty() && options.format != "table" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither table nor json", options.format));
  }
  CMP_TRY(const auto filter, NameFilter::parse(options.filters));
  CMP_TRY(const auto rows, list(options.all, filter));
  CMP_CHECK(print(options.quiet ? names_of(rows) : options.format == "json" ? json_array(rows) : table_of(rows)));
  return 0;
}

}  // namespace cmp::cli
