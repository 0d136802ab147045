// `list` and `ps` of the OCI runtime.

#include <algorithm>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/oci.hpp"
#include "cli/output.hpp"
#include "runtime/lifecycle.hpp"
#include "sys/file.hpp"

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

/// The fields of /proc/PID/stat after the name, which may hold anything.
std::vector<std::string> stat_fields(int pid) {
  const std::string stat = sys::read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
  const auto end_of_name = stat.rfind(')');
  std::istringstream stream(end_of_name == std::string::npos ? "" : stat.substr(end_of_name + 1));
  std::vector<std::string> fields;
  for (std::string field; stream >> field;) {
    fields.push_back(field);
  }
  return fields;
}

std::string user_of(int pid) {
  const std::string status = sys::read_file(fmt::format("/proc/{}/status", pid)).value_or("");
  const auto at = status.find("\nUid:\t");
  return at == std::string::npos ? "?" : status.substr(at + 6, status.find_first_of("\t\n", at + 6) - at - 6);
}

std::string command_of(int pid) {
  std::string command = sys::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  std::ranges::replace(command, '\0', ' ');
  return command.empty() ? sys::read_file(fmt::format("/proc/{}/comm", pid)).value_or("?\n") : command + "\n";
}

std::string row_of(int pid) {
  const auto fields = stat_fields(pid);
  constexpr std::size_t kParent = 1;
  return fields.size() <= kParent
             ? ""
             : fmt::format("{:<8} {:>7} {:>7} {}", user_of(pid), pid, fields[kParent], command_of(pid));
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
  std::string text =
      json ? OrderedJson(pids).dump() + "\n" : fmt::format("{:<8} {:>7} {:>7} CMD\n", "UID", "PID", "PPID");
  for (const int pid : pids) {
    text += json ? "" : row_of(pid);
  }
  CMP_CHECK(print(text));
  return 0;
}

}  // namespace cmp::cli
