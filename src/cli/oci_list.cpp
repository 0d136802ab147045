// `list` and `ps` of the OCI runtime.

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/oci.hpp"
#include "cli/output.hpp"
#include "cli/process_table.hpp"
#include "runtime/lifecycle.hpp"

namespace cmp::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;

struct Listed {
  oci::Record record;
  std::string status;
  int pid = 0;
};

Result<std::vector<Listed>> all_containers(const runtime::Store& store) {
  std::vector<Listed> out;
  CMP_TRY(const auto ids, store.list());
  for (const std::string& id : ids) {
    const auto container = store.load(id);
    if (!container) {
      continue;  // removed meanwhile
    }
    const auto status = runtime::status_of(store, *container);
    const int pid = status == runtime::ContainerStatus::kStopped ? 0 : container->record.pid;
    out.push_back({container->record, std::string(to_string(status)), pid});
  }
  return out;
}

Result<bool> wants_json(const OciArguments& arguments) {
  const std::string format = arguments.text("format");
  if (!format.empty() && format != "table" && format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither table nor json", format));
  }
  return format == "json";
}

std::string table_of(const std::vector<Listed>& containers) {
  std::size_t width = 2;
  for (const Listed& one : containers) {
    width = std::max(width, one.record.id.size());
  }
  std::string text =
      fmt::format("{:<{}}  {:<8}  {:<8}  {:<24}  {:<20}  OWNER\n", "ID", width, "PID", "STATUS", "BUNDLE", "CREATED");
  for (const Listed& one : containers) {
    text += fmt::format("{:<{}}  {:<8}  {:<8}  {:<24}  {:<20}  {}\n", one.record.id, width, one.pid, one.status,
                        one.record.bundle, one.record.created, one.record.owner);
  }
  return text;
}

}  // namespace

Result<int> oci_list(const OciArguments& arguments, const runtime::Store& store) {
  CMP_TRY(const bool json, wants_json(arguments));
  CMP_TRY(const auto containers, all_containers(store));
  std::string text;
  if (arguments.flag("quiet")) {
    for (const Listed& one : containers) {
      text += one.record.id + "\n";
    }
  } else if (json) {
    OrderedJson list = OrderedJson::array();
    for (const Listed& one : containers) {
      list.push_back(OrderedJson::parse(oci::state_text(one.record, one.status, one.pid)));
    }
    text = list.dump() + "\n";
  } else {
    text = table_of(containers);
  }
  CMP_CHECK(print(text));
  return 0;
}

Result<int> oci_ps(const OciArguments& arguments, const runtime::Store& store) {
  CMP_TRY(const bool json, wants_json(arguments));
  CMP_TRY(const auto pids, runtime::processes(store, arguments.operands.front()));
  if (json) {
    CMP_CHECK(print(OrderedJson(pids).dump() + "\n"));
    return 0;
  }
  const ProcessTable table;
  std::vector<TableRow> rows;
  for (const int pid : pids) {
    if (auto row = table.row(pid)) {
      rows.push_back(*std::move(row));
    }
  }
  CMP_CHECK(print(ProcessTable::text(rows)));
  return 0;
}

}  // namespace cmp::cli
