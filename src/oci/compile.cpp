#include "oci/compile.hpp"

#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "oci/mount_options.hpp"

namespace cmp::oci {

namespace step = container::step;

namespace {

struct Kind {
  std::string_view type, file;
  std::uint64_t flag;
};

// In the order in which they are joined: the mount namespace hides the files of the others, the user namespace takes
// away the privileges over them.
constexpr std::array kKinds = {Kind{"cgroup", "cgroup", CLONE_NEWCGROUP}, Kind{"ipc", "ipc", CLONE_NEWIPC},
                               Kind{"uts", "uts", CLONE_NEWUTS},          Kind{"network", "net", CLONE_NEWNET},
                               Kind{"pid", "pid", CLONE_NEWPID},          Kind{"time", "time", CLONE_NEWTIME},
                               Kind{"mount", "mnt", CLONE_NEWNS},         Kind{"user", "user", CLONE_NEWUSER}};

bool is_new(const Config& config, std::string_view type) {
  const Namespace* one = config.find_namespace(type);
  return one != nullptr && one->path.empty();
}

Status check_namespaces(const Config& config) {
  const Linux& linux_part = config.linux_part;
  const bool mapped = !linux_part.uid_mappings.empty() || !linux_part.gid_mappings.empty();
  if (config.find_namespace("mount") == nullptr) {
    return make_error(Code::kUnsupported,
                      "linux.namespaces: a mount namespace is needed: the container's mounts would be the host's");
  }
  if (mapped && !is_new(config, "user")) {
    return make_error(Code::kInvalid, "linux.uidMappings: there is no new user namespace to be mapped");
  }
  if (is_new(config, "user") && (linux_part.uid_mappings.empty() || linux_part.gid_mappings.empty())) {
    return make_error(Code::kInvalid, "linux.uidMappings: a new user namespace needs uidMappings and gidMappings");
  }
  if (!linux_part.time_offsets.empty() && !is_new(config, "time")) {
    return make_error(Code::kInvalid, "linux.timeOffsets: there is no new time namespace to be set");
  }
  return {};
}

/// sched_setattr(2) refuses who may not run everywhere.
Status check_scheduler(const Config& config) {
  const bool deadline =
      config.process && config.process->scheduler && config.process->scheduler->policy == SCHED_DEADLINE;
  return deadline && !config.linux_part.resources.cpus.empty()
             ? make_error(Code::kInvalid,
                          "process scheduler can't be used together with AllowedCPUs: "
                          "SCHED_DEADLINE and linux.resources.cpu.cpus")
             : Status();
}

void plan_namespaces(const Config& config, Launch& launch) {
  for (const Kind& kind : kKinds) {
    const Namespace* one = config.find_namespace(kind.type);
    if (one != nullptr && !one->path.empty()) {
      launch.joins.push_back({kind.flag, one->path});
    }
  }
  for (const Kind& kind : kKinds) {
    if (is_new(config, kind.type) && kind.type != "cgroup" && kind.type != "time") {
      launch.clone_flags |= kind.flag;
    }
  }
  launch.new_time = is_new(config, "time");
}

std::uint64_t propagation_flags(const std::string& word) {
  const auto options = parse_mount_options({word});
  return options && !options->bound.propagation.empty() ? options->bound.propagation.front() : 0;
}

void add_root(std::vector<container::Step>& steps, const Config& config, const Facts& facts) {
  const std::string& word = config.linux_part.rootfs_propagation;
  const bool shared = word == "shared" || word == "rshared";
  if (!shared) {
    steps.emplace_back(step::IsolateMounts{.slave = word != "private" && word != "rprivate"});
  }
  steps.emplace_back(step::BindRoot{.path = facts.rootfs, .parent_private = shared});
}

/// What is left to be done once nothing of the host is to be seen any more.
void add_finish(std::vector<container::Step>& steps, const Config& config) {
  const Linux& linux_part = config.linux_part;
  if (!config.hostname.empty() || !config.domainname.empty()) {
    steps.emplace_back(step::SetHostname{config.hostname, config.domainname});
  }
  for (const auto& [key, value] : linux_part.sysctl) {
    steps.emplace_back(step::WriteSysctl{key, value});
  }
  for (const Mount& mount : config.mounts) {
    const auto options = parse_mount_options(mount.options);
    if (clean_path(mount.destination) == "/dev" && options && !options->bind && (options->flags & MS_RDONLY) != 0) {
      steps.emplace_back(step::SetMountFlags{"/dev", {.set = MOUNT_ATTR_RDONLY}});
    }
  }
  if (config.root_readonly) {
    steps.emplace_back(step::ReadOnlyRoot{});
  }
  if (const std::uint64_t flags = propagation_flags(linux_part.rootfs_propagation); flags != 0) {
    steps.emplace_back(step::SetMountFlags{"/", {.propagation = {flags}}});
  }
  for (const std::string& path : linux_part.readonly_paths) {
    steps.emplace_back(step::ReadOnlyPath{path});
  }
  for (const std::string& path : linux_part.masked_paths) {
    steps.emplace_back(step::MaskPath{path});
  }
}

container::Exec exec_of(const Process& process, const Config& config) {
  container::Exec exec;
  exec.argv = process.args;
  exec.env = process.env;
  exec.working_dir = process.cwd;
  exec.terminal = process.terminal;
  exec.umask = process.umask.value_or(0022);
  exec.personality = config.linux_part.personality;
  return exec;
}

void add_birth(std::vector<container::Step>& steps, bool in_user_namespace) {
  steps.emplace_back(step::Rendezvous{"cgroups and id mappings"});
  if (in_user_namespace) {
    steps.emplace_back(step::BecomeRoot{});
  }
}

}  // namespace

std::uint64_t namespace_flag(std::string_view type) {
  const auto it = std::ranges::find(kKinds, type, &Kind::type);
  return it == kKinds.end() ? 0 : it->flag;
}

std::string namespace_file(std::string_view type) {
  const auto it = std::ranges::find(kKinds, type, &Kind::type);
  return it == kKinds.end() ? "" : std::string(it->file);
}

std::vector<std::string> namespace_types() {
  std::vector<std::string> out;
  for (const Kind& kind : kKinds) {
    out.emplace_back(kind.type);
  }
  return out;
}

Result<Launch> compile_create(const Config& config, const Facts& facts, const Record& record) {
  CMP_CHECK(check_namespaces(config));
  CMP_CHECK(check_sysctls(config));
  CMP_CHECK(check_scheduler(config));
  Launch launch;
  plan_namespaces(config, launch);
  launch.prepares_binds = config.find_namespace("user") != nullptr && is_new(config, "mount");
  launch.spec.container = record.id;
  auto& steps = launch.spec.steps;
  add_birth(steps, config.find_namespace("user") != nullptr);
  if (is_new(config, "cgroup")) {
    steps.emplace_back(step::Unshare{CLONE_NEWCGROUP});
  }
  add_root(steps, config, facts);
  CMP_TRY(auto mounts, mount_steps(config, facts));
  std::ranges::move(mounts, std::back_inserter(steps));
  std::ranges::move(device_steps(config, facts), std::back_inserter(steps));
  launch.waits_for_hooks = !config.hooks.prestart.empty() || !config.hooks.create_runtime.empty();
  if (launch.waits_for_hooks) {
    steps.emplace_back(step::Rendezvous{"hooks"});
  }
  if (!config.hooks.create_container.empty()) {
    steps.emplace_back(with_state("createContainer", config.hooks.create_container, record, "created"));
  }
  if (config.process) {
    steps.emplace_back(step::MakeDir{clean_path(config.process->cwd)});
    launch.spec.exec = exec_of(*config.process, config);
    launch.spec.credentials = credentials_of(*config.process, facts.available_capabilities, launch.warnings);
  } else {
    launch.spec.credentials.exactly.emplace();
  }
  steps.emplace_back(step::PivotRoot{.root = facts.rootfs, .by_move = facts.no_pivot});
  add_finish(steps, config);
  launch.spec.before_exec = with_state("startContainer", config.hooks.start_container, record, "created");
  return launch;
}

Result<Launch> compile_exec(const Config& config, const Process& process, const Facts& facts, std::vector<Join> joins) {
  Launch launch;
  const bool in_user_namespace =
      std::ranges::any_of(joins, [](const Join& join) { return join.flag == CLONE_NEWUSER; });
  launch.joins = std::move(joins);
  add_birth(launch.spec.steps, in_user_namespace);
  launch.spec.exec = exec_of(process, config);
  Process filled = process;
  if (!filled.capabilities && config.process) {
    filled.capabilities = config.process->capabilities;
  }
  launch.spec.credentials = credentials_of(filled, facts.available_capabilities, launch.warnings);
  return launch;
}

}  // namespace cmp::oci
