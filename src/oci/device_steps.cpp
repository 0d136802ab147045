// config-linux.md, Default Devices, Devices and /dev symbolic links.

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

#include "oci/compile.hpp"
#include "oci/mount_options.hpp"

namespace cmp::oci {

namespace step = container::step;

namespace {

using Steps = std::vector<container::Step>;

constexpr std::array<std::pair<std::string_view, unsigned>, 5> kMemoryDevices = {
    {{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/random", 8}, {"/dev/urandom", 9}}};

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
  for (const auto& [path, minor] : kMemoryDevices) {
    if (!is_asked_for(config, path)) {
      add_node(steps, {.path = std::string(path), .major = 1, .minor = minor}, bound);
    }
  }
  if (!is_asked_for(config, "/dev/tty")) {
    add_node(steps, {.path = "/dev/tty", .major = 5, .minor = 0}, bound);
  }
  steps.emplace_back(step::Symlink{.target = "pts/ptmx", .path = "/dev/ptmx"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd", .path = "/dev/fd"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/0", .path = "/dev/stdin"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/1", .path = "/dev/stdout"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/2", .path = "/dev/stderr"});
  if (facts.has_kcore) {
    steps.emplace_back(step::Symlink{.target = "/proc/kcore", .path = "/dev/core"});
  }
  return steps;
}

}  // namespace cmp::oci
