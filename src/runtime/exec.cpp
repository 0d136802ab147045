#include "runtime/exec.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/resources.hpp"
#include "container/mounts.hpp"
#include "init/init.hpp"
#include "runtime/conversation.hpp"
#include "runtime/facts.hpp"
#include "runtime/spawn.hpp"
#include "sys/file.hpp"
#include "sys/packet.hpp"
#include "sys/scheduling.hpp"
#include "sys/terminal.hpp"

namespace cmp::runtime {

namespace {

bool is_same(const std::string& a, const std::string& b) {
  struct stat first {};

  struct stat second {};

  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_ino == second.st_ino &&
         first.st_dev == second.st_dev;
}

/// The namespaces of the container that are not the caller's own.
std::vector<oci::Join> joins_of(pid_t pid) {
  std::vector<oci::Join> joins;
  for (const std::string& type : oci::namespace_types()) {
    const std::string name = oci::namespace_file(type);
    const std::string theirs = fmt::format("/proc/{}/ns/{}", pid, name);
    if (sys::exists(theirs) && !is_same(theirs, "/proc/self/ns/" + name)) {
      joins.push_back({oci::namespace_flag(type), theirs});
    }
  }
  return joins;
}

Status check(const Store& store, const Container& container, const ExecRequest& request) {
  const ContainerStatus status = status_of(store, container);
  const bool paused = status == ContainerStatus::kPaused;
  if (paused && !request.ignore_paused) {
    return make_error(Code::kConflict,
                      fmt::format("cannot exec in a paused container: '{}' (see --ignore-paused)", request.id));
  }
  if (status == ContainerStatus::kStopped || status == ContainerStatus::kCreating) {
    return make_error(Code::kConflict,
                      fmt::format("cannot exec in container '{}': it is {}", request.id, to_string(status)));
  }
  const Streams& streams = request.streams;
  if (!request.process.terminal && !streams.console_socket.empty()) {
    return make_error(Code::kInvalid, "--console-socket: no terminal is asked for");
  }
  if (request.process.terminal && streams.console_socket.empty() && !streams.keep_terminal) {
    return make_error(Code::kInvalid, "nobody to give the terminal to: --console-socket is needed");
  }
  return {};
}

Result<sys::PseudoTerminal> make_terminal(pid_t pid, const oci::Process& process) {
  CMP_TRY(const UniqueFd root, sys::open_file(fmt::format("/proc/{}/root", pid), O_PATH | O_DIRECTORY));
  CMP_TRY(sys::PseudoTerminal pty, sys::open_pseudo_terminal(root.get()));
  if (process.rows && process.columns) {
    CMP_CHECK(sys::set_terminal_size(pty.controller.get(), {static_cast<unsigned short>(*process.rows),
                                                            static_cast<unsigned short>(*process.columns)}));
  }
  return pty;
}

init::Files files_for(const ExecRequest& request, const sys::PseudoTerminal& pty, int sync) {
  init::Files files{.sync = sync, .in = 0, .out = 1, .err = 2};
  if (request.process.terminal) {
    files.in = files.out = files.err = pty.terminal.get();
  }
  files.inherited = request.streams.preserved;
  files.own_keyring = false;  // the container's, which its processes share
  return files;
}

/// Where below the container's group, "/PATH" or "": the last entry that names the hierarchy or none at all.
Result<std::string> group_below(const cgroup::Hierarchy& hierarchy, const std::vector<std::string>& groups) {
  std::string found;
  for (const std::string& entry : groups) {
    const auto colon = entry.find(':');
    const std::string controllers = colon == std::string::npos ? "" : entry.substr(0, colon);
    const std::string path = container::clean_path(colon == std::string::npos ? entry : entry.substr(colon + 1));
    if (entry.find("..") != std::string::npos) {
      return make_error(Code::kInvalid, fmt::format("--cgroup: {} is not a sub cgroup path", entry));
    }
    const bool meant = std::ranges::any_of(hierarchy.controllers, [&](const std::string& name) {
      return ("," + controllers + ",").find("," + name + ",") != std::string::npos;
    });
    if (controllers.empty() || meant) {
      found = path == "/" ? "" : path;
    }
  }
  return found;
}

Status check_groups(const cgroup::Layout& layout, const std::vector<std::string>& groups) {
  for (const std::string& entry : groups) {
    std::string controllers = entry.substr(0, entry.find(':') == std::string::npos ? 0 : entry.find(':'));
    for (std::size_t at = 0; at < controllers.size();) {
      const auto comma = std::min(controllers.find(',', at), controllers.size());
      const std::string name = controllers.substr(at, comma - at);
      at = comma + 1;
      if (!layout.has(name)) {
        return make_error(Code::kInvalid, fmt::format("--cgroup: unknown controller {} in {}", name, entry));
      }
    }
  }
  return {};
}

/// A cgroup v1 or v2 that sets processors of its own takes an affinity for a request only: it may be narrowed again.
Status join_group(const cgroup::Layout& layout, const std::string& group, const ExecRequest& request, pid_t pid) {
  const oci::Affinity& affinity = request.process.exec_affinity;
  CMP_CHECK(sys::set_affinity(pid, affinity.initial).context("process.execCPUAffinity.initial"));
  for (const cgroup::Hierarchy& hierarchy : layout.hierarchies) {
    CMP_TRY(const std::string below, group_below(hierarchy, request.groups));
    CMP_CHECK(cgroup::move_into({.hierarchies = {hierarchy}}, {group + below}, pid));
  }
  return sys::set_affinity(pid, affinity.final).context("process.execCPUAffinity.final");
}

}  // namespace

Result<Created> exec(const Store& store, const ExecRequest& request) {
  CMP_TRY(const Container container, store.load(request.id));
  CMP_CHECK(check(store, container, request));
  const oci::Record& record = container.record;
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  CMP_CHECK(check_groups(layout, request.groups));
  CMP_TRY(oci::Launch launch, oci::compile_exec(container.config, request.process,
                                                gather_facts(container.config, layout, record), joins_of(record.pid)));
  CMP_CHECK(confine(launch.spec.credentials, container.config, request.process));
  sys::PseudoTerminal pty;
  if (request.process.terminal) {
    CMP_TRY(pty, make_terminal(record.pid, request.process));
    if (request.streams.plain_line_ends) {
      CMP_CHECK(sys::keep_line_ends(pty.controller.get()));
    }
  }
  CMP_TRY(auto sync, sys::packet_pair());
  Created created;
  CMP_TRY(created.child, spawn(launch, {}));
  if (created.child.pid == 0) {
    sync.first.reset();
    init::run(launch.spec, files_for(request, pty, sync.second.get()), false);
  }
  sync.second.reset();
  pty.terminal.reset();
  const Answers answers{.at_birth = [&]() -> Status {
                          CMP_CHECK(limit_process(request.process, created.child.pid));
                          return join_group(layout, record.cgroup, request, created.child.pid);
                        },
                        .before_pivot = [] { return Status(); },
                        .with_controller = [](const UniqueFd&) { return Status(); }};
  auto ended = converse(sync.first.get(), answers);
  Status done = ended ? Status() : std::move(ended).error();
  if (done && request.process.terminal && !request.streams.keep_terminal) {
    done = send_to_console(request.streams.console_socket, pty.controller);
  }
  if (done) {
    done = write_pid_file(request.streams.pid_file, created.child.pid);
  }
  if (done) {
    done = send_pidfd(request.streams.pidfd_socket, created.child.pidfd);
  }
  if (!done) {
    put_down(created.child);
    return std::move(done).error();
  }
  created.controller = std::move(pty.controller);
  created.warnings = std::move(launch.warnings);
  return created;
}

}  // namespace cmp::runtime
