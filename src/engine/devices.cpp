#include "engine/devices.hpp"

#include <linux/capability.h>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/devices.hpp"
#include "container/mounts.hpp"
#include "sys/host_devices.hpp"

namespace cmp::engine {

namespace {

Error wrong(const model::Service& service, const model::Device& device, Code code, const std::string& why) {
  return make_error(code, why)
      .context(fmt::format("service '{}': device '{}'", service.name, device.source))
      .at(device.where.known() ? device.where : service.where);
}

Status check(const model::Service& service, const model::Device& device) {
  if (container::is_cdi_name(device.source)) {
    return wrong(service, device, Code::kUnsupported,
                 "is a name of the Container Device Interface, whose files cmp does not read: name the device's own "
                 "files under /dev");
  }
  if (!container::is_device_access(device.permissions)) {
    return wrong(service, device, Code::kInvalid,
                 fmt::format("'{}' are no permissions: of r, w and m, each at most once", device.permissions));
  }
  if (!device.target.starts_with('/') || container::clean_path(device.target) == "/") {
    return wrong(service, device, Code::kInvalid,
                 fmt::format("'{}' is no absolute path in the container", device.target));
  }
  return {};
}

container::step::MakeDevice node_of(const sys::HostDevice& device, std::string path) {
  return {.path = std::move(path),
          .major = device.major,
          .minor = device.minor,
          .mode = device.mode,
          .type = device.type,
          .uid = device.uid,
          .gid = device.gid};
}

Status refuse_requests(const model::Service& service) {
  for (const model::DeviceRequest& request : service.device_requests) {
    std::string words;
    for (const std::string& capability : request.capabilities) {
      words += (words.empty() ? "" : ", ") + capability;
    }
    return make_error(
               Code::kUnsupported,
               fmt::format("service '{}': could not select device driver \"{}\" with capabilities: [[{}]]: cmp has "
                           "no device drivers; name the device files under 'devices'",
                           service.name, request.driver, words))
        .at(request.where.known() ? request.where : service.where);
  }
  return {};
}

bool asks_for_devices(const model::Service& service) {
  return !service.devices.empty() || !service.device_cgroup_rules.empty();
}

}  // namespace

Result<std::vector<container::ResolvedDevice>> find_devices(const model::Service& service) {
  std::vector<container::ResolvedDevice> found;
  for (const model::Device& device : service.devices) {
    CMP_CHECK(check(service, device));
    auto nodes = sys::find_host_devices(device.source);
    if (!nodes) {
      return wrong(service, device, nodes.error().code, nodes.error().message);
    }
    const std::string target = container::clean_path(device.target);
    for (const sys::HostDevice& node : *nodes) {
      found.push_back({node_of(node, target + node.path.substr(node.below)), device.permissions});
    }
  }
  return found;
}

Status check_devices(Context& context, const model::Service& service, std::string& warning) {
  CMP_CHECK(refuse_requests(service));
  CMP_TRY(const auto devices, find_devices(service));
  CMP_TRY(const auto rules, container::device_rules(service, devices));
  if (!rules) {
    return {};
  }
  auto prepared = context.devices.prepare(context.cgroups, *rules);
  if (!prepared && asks_for_devices(service)) {
    return container::blame(service, service.devices.empty() ? "device_cgroup_rules" : "devices", prepared.error().code,
                            prepared.error().message);
  }
  if (!prepared) {
    warning = fmt::format("{}: services that are not privileged get no CAP_MKNOD", prepared.error().message);
  }
  return {};
}

Status restrict_devices(Context& context, const model::Service& service, const cgroup::Group& group,
                        const std::vector<container::ResolvedDevice>& devices) {
  CMP_TRY(const auto rules, container::device_rules(service, devices));
  if (!rules || !context.devices.prepare(context.cgroups, *rules)) {
    return {};
  }
  return context.devices.apply(context.cgroups, group, *rules);
}

std::uint64_t available_capabilities(Context& context, const model::Service& service) {
  constexpr std::uint64_t kMknod = std::uint64_t{1} << unsigned{CAP_MKNOD};
  const bool restricted = service.privileged || context.devices.prepare(context.cgroups, {}).has_value();
  return restricted ? context.host.capabilities : context.host.capabilities & ~kMknod;
}

}  // namespace cmp::engine
