#include "container/compile.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/labels.hpp"
#include "container/mounts.hpp"
#include "container/namespaces.hpp"
#include "container/process.hpp"
#include "container/sandbox.hpp"
#include "container/security.hpp"
#include "model/namespaces.hpp"

namespace cmp::container {

namespace {

// sethostname(2): the kernel keeps 64 bytes.
constexpr std::size_t kMaxHostname = 64;

void append(std::vector<Step>& steps, std::vector<Step> more) {
  steps.insert(steps.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Status check_hostname(const model::Service& service, const std::string& key, const std::string& name) {
  if (name.size() > kMaxHostname || name.find_first_of(std::string_view("\n\0/ ", 4)) != std::string::npos) {
    return blame(service, key, Code::kInvalid, fmt::format("'{}' is no host name of at most 64 characters", name));
  }
  return {};
}

/// What comes before the mounts: what must be done while the host's files are still there.
Result<std::vector<Step>> entry_steps(const model::Service& service, const Facts& facts) {
  std::vector<Step> steps;
  if (const int wanted = service.oom_score_adj.value_or(0); wanted != facts.own_oom_score_adj) {
    steps.emplace_back(step::SetOomScore{wanted});
  }
  if (!facts.cgroup_join_files.empty()) {
    steps.emplace_back(step::JoinCgroups{facts.cgroup_join_files});
  }
  CMP_TRY(std::vector<Step> namespaces, namespace_steps(service, facts));
  append(steps, std::move(namespaces));
  return steps;
}

std::vector<Step> root_steps(const Facts& facts) {
  std::vector<Step> steps = pin_steps(facts);
  steps.emplace_back(step::IsolateMounts{wants_host_mounts(facts)});
  if (!facts.granted.empty()) {
    steps.emplace_back(step::GrantFiles{facts.granted_dir, facts.granted});
  }
  if (!facts.image_layers.empty()) {
    steps.emplace_back(step::ShowImages{facts.shown_images, facts.image_layers});
  }
  std::vector<std::string> lower = facts.lower;
  if (!facts.hidden.empty()) {
    steps.emplace_back(step::HideHost{facts.root, facts.hidden});
    lower.insert(lower.begin(), facts.root);
  }
  steps.emplace_back(step::MountOverlay{std::move(lower), facts.upper, facts.work, facts.root});
  return steps;
}

/// What comes once the container's root is the root.
Result<std::vector<Step>> inside_steps(const model::Service& service, const Facts& facts) {
  CMP_TRY(const SecurityOptions options, security_options(service));
  CMP_TRY(std::vector<Step> sysctls, sysctl_steps(service));
  CMP_TRY(std::vector<Step> limits, limit_steps(service));
  const std::string hostname = hostname_of(service, facts);
  CMP_CHECK(check_hostname(service, "hostname", hostname));
  CMP_CHECK(check_hostname(service, "domainname", service.domainname));

  std::vector<Step> steps;
  if (service.read_only) {
    steps.emplace_back(step::ReadOnlyRoot{});
  }
  if (model::namespace_mode(service.uts).own()) {
    steps.emplace_back(step::SetHostname{hostname, service.domainname});
  }
  append(steps, std::move(sysctls));
  if (!service.privileged && !options.unconfined_paths) {
    append(steps, path_guards(facts.extra_masked));
  }
  append(steps, std::move(limits));
  return steps;
}

}  // namespace

Result<LaunchSpec> compile(const model::Service& service, const Facts& facts) {
  LaunchSpec spec;
  spec.container = facts.name;
  spec.reaper = service.init;
  CMP_CHECK(add_birth(service, facts, spec));
  CMP_TRY(spec.steps, entry_steps(service, facts));
  append(spec.steps, root_steps(facts));
  CMP_TRY(std::vector<Step> mounts, mount_steps(service, facts));
  append(spec.steps, std::move(mounts));
  const std::string working_dir = working_dir_of(service);
  if (working_dir != "/") {
    spec.steps.emplace_back(step::MakeDir{working_dir});
  }
  spec.steps.emplace_back(step::PivotRoot{facts.root});
  CMP_TRY(std::vector<Step> inside, inside_steps(service, facts));
  append(spec.steps, std::move(inside));

  CMP_TRY(const SecurityOptions options, security_options(service));
  CMP_TRY(const Labels labels, labels_for(service, options, facts));
  if (!labels.selinux_mount.empty()) {
    label_mounts(spec.steps, labels.selinux_mount);
  }
  CMP_TRY(spec.credentials, credentials_for(service, facts));
  CMP_TRY(spec.exec.argv, argv_of(service));
  CMP_TRY(spec.exec.env, environment_of(service, facts));
  spec.exec.working_dir = working_dir;
  spec.exec.terminal = service.tty;
  return spec;
}

Result<LaunchSpec> compile_exec(const model::Service& service, const Facts& facts, const RunningContainer& container,
                                const EnterRequest& request) {
  if (request.argv.empty() || request.argv.front().empty()) {
    return make_error(Code::kInvalid, "no program to run").context(container.name);
  }
  LaunchSpec spec;
  spec.container = container.name;
  if (const int wanted = service.oom_score_adj.value_or(0); wanted != facts.own_oom_score_adj) {
    spec.steps.emplace_back(step::SetOomScore{wanted});
  }
  if (!container.cgroup_join_files.empty()) {
    spec.steps.emplace_back(step::JoinCgroups{container.cgroup_join_files});
  }
  CMP_TRY(std::vector<Step> limits, limit_steps(service));
  append(spec.steps, std::move(limits));
  spec.steps.emplace_back(step::JoinNamespaces{container.namespace_files});

  CMP_TRY(spec.credentials, credentials_for(service, facts));
  if (!request.user.empty()) {
    spec.credentials.user = request.user;
  }
  if (request.privileged) {
    spec.credentials.bounding = spec.credentials.permitted_for_root = facts.available_capabilities;
  }
  spec.exec.argv = request.argv;
  CMP_TRY(spec.exec.env, environment_of(service, facts));
  for (const auto& [key, value] : request.env) {
    set_variable(spec.exec.env, key, value);
  }
  spec.exec.working_dir = request.working_dir.empty() ? working_dir_of(service) : clean_path(request.working_dir);
  spec.exec.terminal = request.terminal;
  return spec;
}

}  // namespace cmp::container
