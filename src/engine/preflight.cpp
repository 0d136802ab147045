#include "engine/preflight.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "container/blame.hpp"
#include "container/capabilities.hpp"
#include "container/labels.hpp"
#include "container/namespaces.hpp"
#include "container/storage.hpp"
#include "engine/devices.hpp"
#include "engine/grants.hpp"
#include "engine/life_checks.hpp"
#include "engine/logging.hpp"
#include "engine/mount_checks.hpp"
#include "engine/neighbours.hpp"
#include "engine/network_warnings.hpp"
#include "engine/port_checks.hpp"
#include "engine/records.hpp"
#include "engine/seccomp.hpp"
#include "engine/sharing.hpp"
#include "engine/storage.hpp"
#include "model/namespaces.hpp"
#include "rootfs/quota.hpp"
#include "sys/file.hpp"
#include "sys/kernel_module.hpp"
#include "sys/lsm.hpp"
#include "sys/privilege.hpp"

namespace cmp::engine {

namespace {

using container::position;

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

void check_size(const Context& context, const model::Service& service, std::vector<Error>& errors) {
  if (!container::storage_size(service)) {
    return;
  }
  if (Status here = rootfs::check_quotas(context.paths.state_dir()); !here) {
    errors.push_back(std::move(here)
                         .error()
                         .context(fmt::format("service '{}': storage_opt: size", service.name))
                         .at(position(service, "storage_opt")));
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

/// Names become names of files, which have room for 255 bytes, what we put behind them included.
void check_length(const std::string& what, const std::string& name, const SourcePos& where,
                  std::vector<Error>& errors) {
  constexpr std::size_t kLongest = 200;
  if (name.size() > kLongest) {
    errors.push_back(make_error(Code::kInvalid, fmt::format("{} '{}…' has {} characters: there is room for {}", what,
                                                            name.substr(0, 40), name.size(), kLongest))
                         .at(where));
  }
}

void check_lengths(const model::Project& project, const model::Service& service, std::vector<Error>& errors) {
  check_length("the name of container", model::container_name(project, service, service.scale), service.where, errors);
  for (const auto& [key, attachment] : service.networks) {
    check_length("the name of network", key, service.where, errors);
  }
  for (const model::Mount& mount : service.volumes) {
    if (const auto volume = project.volumes.find(mount.source);
        mount.type == model::MountType::kVolume && volume != project.volumes.end()) {
      check_length("the name of volume", volume->second.name, volume->second.where, errors);
    }
  }
}

void append(std::vector<Error>& errors, std::vector<Error> more) {
  errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void append_warnings(plan::Plan& plan, const std::vector<Error>& warnings) {
  std::ranges::transform(warnings, std::back_inserter(plan.warnings), &Error::str);
}

void check_mac(const model::Service& service, std::vector<Error>& errors) {
  const auto refuse = [&](const std::string& address, const SourcePos& where) {
    if (!address.empty() && !net::is_mac(address)) {
      errors.push_back(make_error(Code::kInvalid, fmt::format("service '{}': mac_address '{}' is no address that an "
                                                              "interface can have",
                                                              service.name, address))
                           .at(where));
    }
  };
  refuse(service.mac_address, position(service, "mac_address"));
  for (const auto& [network, attachment] : service.networks) {
    refuse(attachment.mac_address, attachment.where);
  }
}

/// An owner of another project must be there now; one of this project is made.
void check_owners(const Context& context, const model::Project& project, const model::Service& service,
                  std::vector<Error>& errors) {
  std::map<std::string, const model::Service*> ours;
  for (const auto& [name, other] : project.services) {
    for (int number = 1; number <= other.scale; ++number) {
      ours.emplace(model::container_name(project, other, number), &other);
    }
  }
  const auto owner = ours.find(model::owner_of(project, model::namespace_mode(service.ipc)));
  if (owner != ours.end()) {
    if (Status may = check_shareable(service, owner->first, *owner->second); !may) {
      errors.push_back(std::move(may).error());
    }
  }
  state::ContainerRecord trial;
  trial.service_definition = service;
  model::Service& tried = trial.service_definition;
  for (std::string* text : {&tried.network_mode, &tried.pid, &tried.ipc, &tried.uts}) {
    const model::NamespaceMode mode = model::namespace_mode(*text);
    if (mode.sharing != model::Sharing::kContainer || ours.contains(mode.name)) {
      text->clear();
    }
  }
  if (Status found = find_owners(context, project, trial); !found) {
    errors.push_back(std::move(found).error());
  }
}

void check_limits(const Context& context, const model::Service& service, std::vector<Error>& errors) {
  auto limits = cgroup::unsupported(service.limits, context.cgroups);
  const auto missing = cgroup::unavailable(service.limits, context.cgroups);
  limits.insert(limits.end(), missing.begin(), missing.end());
  for (const cgroup::Unsupported& limit : limits) {
    errors.push_back(make_error(Code::kUnsupported, fmt::format("service '{}': {} can't be had on this host: {}",
                                                                service.name, limit.key, limit.reason))
                         .at(limit.where.known() ? limit.where : position(service, limit.key)));
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

void check_devices_of(Context& context, const model::Service& service, plan::Plan& plan, std::vector<Error>& errors) {
  std::string warning;
  if (auto checked = check_devices(context, service, warning); !checked) {
    errors.push_back(std::move(checked).error());
  }
  if (!warning.empty() && std::ranges::find(plan.warnings, warning) == plan.warnings.end()) {
    plan.warnings.push_back(std::move(warning));
  }
}

/// Services of which containers are prepared; true if one of them is made anew.
std::map<std::string, bool> prepared_services(const plan::Plan& plan) {
  std::map<std::string, bool> services;
  for (const plan::Step& step : plan.steps) {
    if (const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op)) {
      services[prepare->service] |= prepare->fresh;
    } else if (const auto* update = std::get_if<plan::op::UpdateContainer>(&step.op)) {
      services[update->service] |= false;
    }
  }
  return services;
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

std::vector<Error> service_warnings(const model::Service& service) {
  constexpr std::size_t kMostInADnsName = 63;
  std::vector<Error> warnings;
  if (service.name.size() > kMostInADnsName) {
    warnings.push_back(make_error(Code::kInvalid, fmt::format("service '{}': no other service can look this name up: "
                                                              "the DNS has room for {} characters",
                                                              service.name, kMostInADnsName))
                           .at(service.where));
  }
  for (const std::string& option : log_options_without_effect(service.logging)) {
    warnings.push_back(make_error(Code::kUnsupported,
                                  fmt::format("service '{}': logging.options without effect: {}", service.name, option))
                           .at(position(service, "logging")));
  }
  if (service.positions.contains("x-restart-unhealthy") && service.restart.unhealthy &&
      !service.healthcheck.enabled()) {
    warnings.push_back(
        make_error(
            Code::kInvalid,
            fmt::format("service '{}': x-restart-unhealthy has no effect: there is no healthcheck", service.name))
            .at(position(service, "x-restart-unhealthy")));
  }
  if (service.lxcfs && lxcfs_files().empty()) {
    warnings.push_back(make_error(Code::kUnsupported,
                                  fmt::format("service '{}': x-lxcfs has no effect: lxcfs does not run on this host "
                                              "(nothing in /var/lib/lxcfs/proc)",
                                              service.name))
                           .at(position(service, "x-lxcfs")));
  }
  return warnings;
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
  for (const plan::Step& step : plan.steps) {
    const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op);
    if (prepare != nullptr && prepare->fresh) {
      check_name(context, project.services.at(prepare->service), prepare->container, errors);
    }
  }
  for (const auto& [name, fresh] : prepared_services(plan)) {
    const model::Service& service = project.services.at(name);
    check_lengths(project, service, errors);
    check_rootfs(context, service, errors);
    check_size(context, service, errors);
    check_command(service, errors);
    check_conditions(project, service, errors);
    append(errors, life_errors(service));
    check_limits(context, service, errors);
    if (fresh) {
      check_security(context, service, errors);
      check_devices_of(context, service, plan, errors);
    }
    check_mac(service, errors);
    append(errors, port_errors(service));
    check_owners(context, project, service, errors);
    append(errors, container::check_namespaces(service));
    append(errors, container::check_platform(service));
    append(errors, check_mounts(context.paths, project, service));
    append_warnings(plan, mount_warnings(context.host, service));
    append(errors, check_grants(service));
  }
  return combined(std::move(errors));
}

std::vector<std::string> preflight_warnings(const model::Project& project, const plan::Plan& plan) {
  std::vector<Error> found;
  std::set<std::string> networks;
  for (const auto& [name, fresh] : prepared_services(plan)) {
    const model::Service& service = project.services.at(name);
    append(found, service_warnings(service));
    for (const auto& [key, attachment] : service.networks) {
      networks.insert(key);
    }
  }
  for (const std::string& key : networks) {
    if (const auto network = project.networks.find(key); network != project.networks.end()) {
      append(found, network_warnings(network->second));
    }
  }
  std::vector<std::string> warnings;
  std::ranges::transform(found, std::back_inserter(warnings), &Error::str);
  return warnings;
}

}  // namespace cmp::engine
