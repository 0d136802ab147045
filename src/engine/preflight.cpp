#include "engine/preflight.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/capabilities.hpp"
#include "container/labels.hpp"
#include "engine/devices.hpp"
#include "engine/logging.hpp"
#include "engine/neighbours.hpp"
#include "engine/records.hpp"
#include "engine/seccomp.hpp"
#include "engine/storage.hpp"
#include "sys/file.hpp"
#include "sys/kernel_module.hpp"
#include "sys/lsm.hpp"
#include "sys/privilege.hpp"
#include "sys/process.hpp"

namespace cmp::engine {

namespace {

SourcePos position(const model::Service& service, const std::string& key) {
  const auto it = service.positions.find(key);
  return it == service.positions.end() ? service.where : it->second;
}

void check_rootfs(const Context& context, const model::Service& service, std::vector<Error>& errors) {
  // A dry run may come before the image does.
  if (service.rootfs.empty() && !service.image_id.empty()) {
    if (auto layers = image_layers(context.paths, service); !layers) {
      errors.push_back(std::move(layers).error().at(position(service, "image")));
    }
  } else if (!service.rootfs.empty() && service.rootfs != "host" && !sys::exists(service.rootfs)) {
    errors.push_back(make_error(Code::kNotFound,
                                fmt::format("service '{}': x-rootfs '{}' does not exist", service.name, service.rootfs))
                         .at(position(service, "x-rootfs")));
  }
}

/// There is no image that could name a program.
void check_command(const model::Service& service, std::vector<Error>& errors) {
  const auto argv = command_line(service);
  if (!service.rootfs.empty() && (argv.empty() || argv.front().empty())) {
    errors.push_back(make_error(Code::kInvalid, fmt::format("service '{}': x-rootfs needs a command or an entrypoint: "
                                                            "there is no image to name one",
                                                            service.name))
                         .at(argv.empty() ? service.where : position(service, "command")));
  }
}

/// Waiting for the health of a service that nobody probes would never end.
void check_conditions(const model::Project& project, const model::Service& service, std::vector<Error>& errors) {
  for (const auto& [name, edge] : service.depends_on) {
    const auto dependency = project.services.find(name);
    if (edge.condition == model::Condition::kHealthy && dependency != project.services.end() &&
        !dependency->second.rootfs.empty() && !dependency->second.healthcheck.enabled()) {
      errors.push_back(make_error(Code::kInvalid, fmt::format("service '{}' waits for '{}' to be healthy, which has no "
                                                              "healthcheck",
                                                              service.name, name))
                           .at(edge.where.known() ? edge.where : position(service, "depends_on")));
    }
  }
}

/// Names of containers are unique on a host, across projects.
void check_name(const Context& context, const model::Service& service, const std::string& container,
                std::vector<Error>& errors) {
  const std::string owner = neighbour_with_container(context.paths, container);
  if (!owner.empty()) {
    errors.push_back(make_error(Code::kConflict, fmt::format("service '{}': the container name '{}' is in use by "
                                                             "project '{}'",
                                                             service.name, container, owner))
                         .at(position(service, "container_name")));
  }
}

void check_signal(const model::Service& service, std::vector<Error>& errors) {
  if (service.stop_signal.empty()) {
    return;
  }
  if (auto signal = sys::parse_signal(service.stop_signal); !signal) {
    errors.push_back(std::move(signal)
                         .error()
                         .context(fmt::format("service '{}': stop_signal", service.name))
                         .at(position(service, "stop_signal")));
  }
}

void check_limits(const Context& context, const model::Service& service, std::vector<Error>& errors) {
  for (const cgroup::Unsupported& limit : cgroup::unsupported(service.limits, context.cgroups)) {
    errors.push_back(make_error(Code::kUnsupported, fmt::format("service '{}': {} can't be had on this host: {}",
                                                                service.name, limit.key, limit.reason))
                         .at(position(service, limit.key)));
  }
}

Status check_labels(const Context& context, const model::Service& service) {
  CMP_TRY(const container::SecurityOptions options, container::security_options(service));
  container::Facts facts;
  facts.has_apparmor = context.host.has_apparmor;
  facts.has_selinux = context.host.has_selinux;
  CMP_TRY(const container::Labels labels, container::labels_for(service, options, facts));
  if (!labels.apparmor.empty() && !sys::apparmor_profile_loaded(labels.apparmor)) {
    return container::blame(
        service, "security_opt", Code::kNotFound,
        fmt::format("the kernel has no AppArmor profile '{}': apparmor_parser -r FILE loads one", labels.apparmor));
  }
  return {};
}

/// Security options, capabilities and the seccomp profile, which is compiled here already.
void check_security(Context& context, const model::Service& service, std::vector<Error>& errors) {
  const std::uint64_t capabilities = available_capabilities(context, service);
  if (auto filter = choose_filter(context.filters, service, capabilities, ""); !filter) {
    errors.push_back(std::move(filter).error());
  } else if (auto confined = check_labels(context, service); !confined) {
    errors.push_back(std::move(confined).error());
  }
}

void check_logging(const model::Service& service, std::vector<Error>& errors) {
  if (auto bounds = log_bounds(service.logging); !bounds) {
    errors.push_back(
        std::move(bounds).error().context(fmt::format("service '{}'", service.name)).at(position(service, "logging")));
  }
}

void check_devices_of(Context& context, const model::Service& service, plan::Plan& plan, std::vector<Error>& errors) {
  std::string warning;
  if (auto checked = check_devices(context, service, warning); !checked) {
    errors.push_back(std::move(checked).error());
  }
  if (!warning.empty() && std::ranges::find(plan.warnings, warning) == plan.warnings.end()) {
    plan.warnings.push_back(std::move(warning));
  }
}

/// Overlay as a module is loaded by the first mount; only a kernel that has neither says so.
bool has_overlay() {
  const auto known = sys::read_file("/proc/filesystems");
  return !known || known->find("\toverlay\n") != std::string::npos || sys::can_load_module("overlay");
}

constexpr sys::CapabilityMask bit(unsigned capability) {
  return sys::CapabilityMask{1} << capability;
}

/// Namespaces and mounts, devices of the network, other users' files, another identity: what every container takes.
constexpr sys::CapabilityMask kNeeded = bit(CAP_SYS_ADMIN) | bit(CAP_NET_ADMIN) | bit(CAP_SETUID) | bit(CAP_SETGID) |
                                        bit(CAP_SETPCAP) | bit(CAP_MKNOD) | bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE);

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

Status check_privileges(std::uint64_t effective) {
  const auto missing = container::capability_names(kNeeded & ~effective);
  if (missing.empty()) {
    return {};
  }
  return make_error(Code::kPermission,
                    fmt::format("this process may not make containers: it is root without {}", listed(missing)));
}

Status check_host() {
  CMP_CHECK(check_privileges(sys::effective_capabilities()));
  if (!has_overlay()) {
    return make_error(Code::kUnsupported,
                      "this kernel has no overlay file system, which every container's root is made of");
  }
  if (auto cgroups = cgroup::detect(); !cgroups) {
    return std::move(cgroups).error();
  }
  return {};
}

Status preflight(Context& context, const model::Project& project, plan::Plan& plan) {
  std::vector<Error> errors;
  std::set<std::string> seen;
  for (const plan::Step& step : plan.steps) {
    const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op);
    if (prepare != nullptr && prepare->fresh) {
      check_name(context, project.services.at(prepare->service), prepare->container, errors);
    }
    if (prepare == nullptr || !seen.insert(prepare->service).second) {
      continue;
    }
    const model::Service& service = project.services.at(prepare->service);
    check_rootfs(context, service, errors);
    check_command(service, errors);
    check_conditions(project, service, errors);
    check_signal(service, errors);
    check_logging(service, errors);
    check_limits(context, service, errors);
    if (prepare->fresh) {
      check_security(context, service, errors);
      check_devices_of(context, service, plan, errors);
    }
    auto mounts = check_mounts(service);
    errors.insert(errors.end(), std::make_move_iterator(mounts.begin()), std::make_move_iterator(mounts.end()));
  }
  if (errors.empty()) {
    return {};
  }
  Error first = std::move(errors.front());
  first.others.assign(std::make_move_iterator(errors.begin() + 1), std::make_move_iterator(errors.end()));
  return first;
}

}  // namespace cmp::engine
