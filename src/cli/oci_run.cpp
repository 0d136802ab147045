// `run`: create, start, wait, delete. `exec`: a further process.

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "cli/oci.hpp"
#include "cli/oci_streams.hpp"
#include "runtime/exec.hpp"
#include "sys/file.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

/// Deletes whatever the reason is that we leave for.
void clean_up(const OciArguments& arguments, const runtime::Store& store, const std::string& id) {
  std::vector<std::string> warnings;
  if (auto removed = runtime::remove(store, id, runtime::Force::kYes, warnings); !removed) {
    warnings.push_back(removed.error().message);
  }
  oci_warn(arguments, warnings);
}

Result<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || rest != text.data() + text.size()) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no numeric id", text));
  }
  return id;
}

Status set_user(oci::Process& process, const std::string& user) {
  if (user.empty()) {
    return {};
  }
  const auto colon = std::min(user.find(':'), user.size());
  CMP_TRY(process.uid, parse_id(std::string_view(user).substr(0, colon)).context("--user"));
  if (colon < user.size()) {
    CMP_TRY(process.gid, parse_id(std::string_view(user).substr(colon + 1)).context("--user"));
  }
  return {};
}

void add_capabilities(oci::Process& process, const std::vector<std::string>& names) {
  if (names.empty()) {
    return;
  }
  oci::Capabilities& sets = process.capabilities ? *process.capabilities : process.capabilities.emplace();
  for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) {
    set->insert(set->end(), names.begin(), names.end());
  }
  if (!sets.inheritable.empty()) {  // as runc: of these those that are inheritable
    sets.ambient.insert(sets.ambient.end(), names.begin(), names.end());
  }
}

/// In the place of one of the same name: programs see the first.
void set_variable(std::vector<std::string>& env, const std::string& entry) {
  const std::string_view name = std::string_view(entry).substr(0, entry.find('=') + 1);
  std::erase_if(env, [&](const std::string& other) { return other.starts_with(name); });
  env.push_back(entry);
}

/// The container's own process with what the options change of it.
Result<oci::Process> altered(const OciArguments& arguments, const oci::Config& config) {
  oci::Process process = config.process.value_or(oci::Process{});
  process.args.assign(arguments.operands.begin() + 1, arguments.operands.end());
  process.terminal = arguments.flag("tty");
  process.rlimits = config.process ? config.process->rlimits : process.rlimits;
  if (process.args.empty()) {
    return make_error(Code::kInvalid, "neither a command nor --process is given");
  }
  if (const std::string cwd = arguments.text("cwd"); !cwd.empty()) {
    process.cwd = cwd;
  }
  for (const std::string& entry : arguments.all("env")) {
    if (entry.find('=') == std::string::npos || entry.front() == '=') {
      return make_error(Code::kInvalid, fmt::format("--env: '{}' is not NAME=VALUE", entry));
    }
    set_variable(process.env, entry);
  }
  CMP_CHECK(set_user(process, arguments.text("user")));
  for (const std::string& text : arguments.all("additional-gids")) {
    CMP_TRY(const std::uint32_t gid, parse_id(text).context("--additional-gids"));
    process.additional_gids.push_back(gid);
  }
  process.no_new_privileges = process.no_new_privileges || arguments.flag("no-new-privs");
  add_capabilities(process, arguments.all("cap"));
  if (arguments.has("apparmor")) {
    process.apparmor_profile = arguments.text("apparmor");
  }
  if (arguments.has("process-label")) {
    process.selinux_label = arguments.text("process-label");
  }
  return process;
}

Result<oci::Process> process_for(const OciArguments& arguments, const oci::Config& config) {
  const std::string file = arguments.text("process");
  if (file.empty()) {
    return altered(arguments, config);
  }
  CMP_TRY(const std::string text, sys::read_file(file));
  return oci::parse_process(text).context(fmt::format("'{}'", file));
}

}  // namespace

Result<int> oci_run(const OciArguments& arguments, const runtime::Store& store) {
  CMP_TRY(runtime::CreateRequest request, oci_create_request(arguments));
  const bool detach = arguments.flag("detach");
  request.streams.keep_terminal = !detach && request.streams.console_socket.empty();
  request.streams.plain_line_ends = request.streams.keep_terminal && !sys::is_terminal(STDOUT_FILENO);
  CMP_TRY(auto signals, queue_forwarded_signals());
  CMP_TRY(const runtime::Created created, runtime::create(store, request));
  ScopeExit undo([&] { clean_up(arguments, store, request.id); });
  oci_warn(arguments, created.warnings);
  std::vector<std::string> warnings;
  auto started = runtime::start(store, request.id, warnings);
  oci_warn(arguments, warnings);
  CMP_CHECK(std::move(started));
  if (detach) {
    undo.release();
    return 0;
  }
  CMP_TRY(const int code, stand_in_front(signals, created));
  if (arguments.flag("keep")) {
    undo.release();
  }
  return code;
}

Result<int> oci_exec(const OciArguments& arguments, const runtime::Store& store) {
  runtime::ExecRequest request;
  request.id = arguments.operands.front();
  CMP_TRY(const runtime::Container container, store.load(request.id));
  CMP_TRY(request.process, process_for(arguments, container.config));
  CMP_TRY(request.streams, oci_streams(arguments));
  const bool detach = arguments.flag("detach");
  request.process.terminal = request.process.terminal || arguments.flag("tty");
  request.streams.keep_terminal = !detach && request.streams.console_socket.empty();
  request.streams.plain_line_ends = request.streams.keep_terminal && !sys::is_terminal(STDOUT_FILENO);
  request.ignore_paused = arguments.flag("ignore-paused");
  request.groups = arguments.all("cgroup");
  CMP_TRY(auto signals, queue_forwarded_signals());
  CMP_TRY(const runtime::Created created, runtime::exec(store, request));
  oci_warn(arguments, created.warnings);
  return detach ? Result<int>(0) : stand_in_front(signals, created);
}

}  // namespace cmp::cli
