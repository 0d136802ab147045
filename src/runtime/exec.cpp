#include "runtime/exec.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/core.h>

#include "cgroup/resources.hpp"
#include "init/init.hpp"
#include "runtime/conversation.hpp"
#include "runtime/facts.hpp"
#include "runtime/spawn.hpp"
#include "sys/file.hpp"
#include "sys/packet.hpp"
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
  if (status == ContainerStatus::kStopped || status == ContainerStatus::kCreating ||
      (paused && !request.ignore_paused)) {
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
  for (int i = 0; i < request.streams.preserve_fds; ++i) {
    files.inherited.push_back(3 + i);
  }
  files.own_keyring = false;  // the container's, which its processes share
  return files;
}

}  // namespace

Result<Created> exec(const Store& store, const ExecRequest& request) {
  CMP_TRY(const Container container, store.load(request.id));
  CMP_CHECK(check(store, container, request));
  const oci::Record& record = container.record;
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  CMP_TRY(oci::Launch launch, oci::compile_exec(container.config, request.process,
                                                gather_facts(container.config, layout, record), joins_of(record.pid)));
  CMP_CHECK(confine(launch.spec.credentials, container.config, request.process));
  sys::PseudoTerminal pty;
  if (request.process.terminal) {
    CMP_TRY(pty, make_terminal(record.pid, request.process));
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
                          return cgroup::move_into(layout, {record.cgroup}, created.child.pid);
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
  if (!done) {
    put_down(created.child);
    return std::move(done).error();
  }
  created.controller = std::move(pty.controller);
  created.warnings = std::move(launch.warnings);
  return created;
}

}  // namespace cmp::runtime
