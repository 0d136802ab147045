#include "engine/exec.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "container/compile.hpp"
#include "engine/host.hpp"
#include "engine/seccomp.hpp"
#include "sys/file.hpp"
#include "sys/namespaces.hpp"
#include "sys/packet.hpp"
#include "sys/privilege.hpp"

namespace cmp::engine {

namespace {

std::vector<std::string> namespace_files(pid_t pid) {
  std::vector<std::string> files;
  for (const char* name : {"ipc", "uts", "net", "cgroup", "mnt"}) {
    files.push_back(fmt::format("/proc/{}/ns/{}", pid, name));
  }
  if (sys::has_time_namespaces()) {
    files.push_back(fmt::format("/proc/{}/ns/time", pid));
  }
  return files;
}

Result<container::LaunchSpec> compile_spec(const state::ContainerRecord& record, const ExecOptions& options,
                                           const cgroup::Layout& cgroups) {
  seccomp::Library filters(state::seccomp_dir(state::roots_from_environment()));
  container::Facts facts;
  facts.name = record.name;
  facts.id = record.id;
  facts.default_hostname = record.hostname;
  facts.available_capabilities = sys::bounding_capabilities();
  // On a host without device rules the container has not got this one: what enters it must not have it either.
  constexpr std::uint64_t kMknod = std::uint64_t{1} << unsigned{CAP_MKNOD};
  if (!options.privileged && (sys::bounding_capabilities_of(record.process.pid) & kMknod) == 0) {
    facts.available_capabilities &= ~kMknod;
  }
  CMP_TRY(const seccomp::Kept filter,
          choose_filter(filters, record.service_definition, facts.available_capabilities, record.seccomp));
  facts.seccomp = as_launch_data(filter.filter);
  Host host;
  host.read_modules();
  facts.has_apparmor = host.has_apparmor;
  facts.has_selinux = host.has_selinux;
  facts.apparmor_default = host.apparmor_default;
  container::RunningContainer running;
  running.name = record.name;
  running.namespace_files = namespace_files(record.process.pid);
  running.cgroup_join_files = cgroup::join_files(cgroups, {record.cgroup});
  container::EnterRequest request;
  request.argv = options.argv;
  request.env = options.env;
  request.user = options.user;
  request.working_dir = options.working_dir;
  request.terminal = options.terminal;
  request.privileged = options.privileged;
  return container::compile_exec(record.service_definition, facts, running, request);
}

/// Children of the caller are born in the container's pid namespace from now on; back with enter(own).
Status enter_pid_namespace(int fd) {
  if (::setns(fd, CLONE_NEWPID) != 0) {
    return sys_error("enter pid namespace");
  }
  return {};
}

}  // namespace

Result<Running> exec_in_container(const state::ContainerRecord& record, const ExecOptions& options,
                                  const init::Files& files) {
  const auto process = sys::open_same_process(record.process);
  if (!process || sys::has_exited(process->get())) {
    return make_error(Code::kNotFound, fmt::format("service \"{}\" is not running", record.service));
  }
  CMP_TRY(const cgroup::Layout cgroups, cgroup::detect());
  CMP_TRY(const container::LaunchSpec spec, compile_spec(record, options, cgroups));
  CMP_TRY(const UniqueFd born_in, cgroup::open_for_clone(cgroups, {record.cgroup}));
  CMP_TRY(const UniqueFd own, sys::open_file("/proc/self/ns/pid_for_children", O_RDONLY));
  CMP_TRY(const UniqueFd target, sys::open_file(fmt::format("/proc/{}/ns/pid", record.process.pid), O_RDONLY));
  CMP_TRY(auto sync, sys::packet_pair());

  CMP_CHECK(enter_pid_namespace(target.get()));
  auto child = sys::clone_process({.flags = 0, .cgroup_fd = born_in.get()});
  if (child && child->pid == 0) {
    sync.first.reset();
    init::run(spec, {.sync = sync.second.get(), .in = files.in, .out = files.out, .err = files.err}, false);
  }
  CMP_CHECK(enter_pid_namespace(own.get()));
  if (!child) {
    return std::move(child).error();
  }
  return Running{*std::move(child), std::move(sync.first)};
}

}  // namespace cmp::engine
