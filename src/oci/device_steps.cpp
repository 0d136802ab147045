// config-linux.md, Default Devices, Devices and /dev symbolic links.

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <iterator>

#include "container/devices.hpp"
#include "oci/compile.hpp"
#include "oci/mount_options.hpp"

namespace cmp::oci {

namespace step = container::step;

namespace {

using Steps = std::vector<container::Step>;

/// A user namespace may make no nodes: the host's are bound.
void add_node(Steps& steps, const step::MakeDevice& device, bool bound) {
  if (!bound) {
    steps.emplace_back(device);
    return;
  }
  steps.emplace_back(step::BindMount{.source = device.path,
                                     .target = device.path,
                                     .recursive = false,
                                     .propagation = "",
                                     .label = "device '" + device.path + "'",
                                     .subpath = "",
                                     .flags = {}});
}

step::MakeDevice asked_for(const Device& device) {
  return {.path = clean_path(device.path),
          .major = device.major,
          .minor = device.minor,
          .mode = device.file_mode.value_or(0666) & 07777U,
          .type = device.type,
          .uid = device.uid,
          .gid = device.gid,
          .must_match = true};
}

bool is_asked_for(const Config& config, std::string_view path) {
  return std::ranges::any_of(config.linux_part.devices,
                             [&](const Device& device) { return clean_path(device.path) == path; });
}

bool shows_hosts_devices(const Config& config) {
  return std::ranges::any_of(config.mounts, [](const Mount& mount) {
    const auto options = parse_mount_options(mount.options);
    return clean_path(mount.destination) == "/dev" && (mount.type == "bind" || (options && options->bind));
  });
}

}  // namespace

Steps device_steps(const Config& config, const Facts& facts) {
  Steps steps;
  if (shows_hosts_devices(config)) {
    return steps;
  }
  const bool bound = config.find_namespace("user") != nullptr;
  for (const Device& device : config.linux_part.devices) {
    add_node(steps, asked_for(device), bound);
  }
  for (const step::MakeDevice& node : container::default_nodes()) {
    if (!is_asked_for(config, node.path)) {
      add_node(steps, node, bound);
    }
  }
  if (config.process && config.process->terminal) {
    // The terminal is bound on it when /dev may be read-only already.
    steps.emplace_back(step::MakeDevice{.path = "/dev/console", .mode = 0600, .type = 'f'});
  }
  std::ranges::move(container::device_links(facts.has_kcore), std::back_inserter(steps));
  return steps;
}

}  // namespace cmp::oci
