#include "engine/host.hpp"

#include <charconv>

#include <fmt/core.h>

#include "rootfs/host.hpp"
#include "sys/file.hpp"
#include "sys/host_devices.hpp"
#include "sys/lsm.hpp"
#include "sys/namespaces.hpp"
#include "sys/privilege.hpp"

namespace cmp::engine {

namespace {

std::string read_or_empty(const std::string& path) {
  return sys::read_file(path).value_or("");
}

int read_oom_score_adj() {
  const std::string text = read_or_empty("/proc/self/oom_score_adj");
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// One mask a processor (security.md SB8); machines without the driver have none.
std::vector<std::string> thermal_throttle_directories() {
  std::vector<std::string> found;
  const std::string base = "/sys/devices/system/cpu";
  const auto names = sys::list_directory(base);
  if (!names) {
    return found;
  }
  for (const std::string& name : *names) {
    const std::string path = fmt::format("{}/{}/thermal_throttle", base, name);
    if (name.starts_with("cpu") && sys::exists(path)) {
      found.push_back(path);
    }
  }
  return found;
}

std::vector<container::step::MakeDevice> read_devices() {
  std::vector<container::step::MakeDevice> devices;
  for (const sys::HostDevice& device : sys::host_devices()) {
    devices.push_back({device.path, device.major, device.minor, device.mode, device.type, device.uid, device.gid});
  }
  return devices;
}

}  // namespace

Result<Host> Host::read(const state::Paths& paths) {
  Host host;
  host.resolv_conf = read_or_empty("/etc/resolv.conf");
  host.hosts = read_or_empty("/etc/hosts");
  host.has_kcore = sys::exists("/proc/kcore");
  host.has_time_namespaces = sys::has_time_namespaces();
  host.extra_masked = thermal_throttle_directories();
  host.devices = read_devices();
  host.capabilities = sys::bounding_capabilities();
  host.oom_score_adj = read_oom_score_adj();
  host.read_modules();
  CMP_TRY(auto layers, rootfs::host_layers({paths.roots().run, paths.roots().state}));
  host.host_layers = std::move(layers.lower);
  host.hidden = std::move(layers.hidden);
  return host;
}

void Host::read_modules() {
  constexpr const char* kDockersProfile = "docker-default";
  has_selinux = sys::lsm_active(sys::LabelledBy::kSelinux);
  has_apparmor = sys::lsm_active(sys::LabelledBy::kAppArmor);
  apparmor_default = has_apparmor && sys::apparmor_profile_loaded(kDockersProfile) ? kDockersProfile : "";
}

std::vector<std::string> Host::lower_for(const std::string& rootfs) const {
  return rootfs == "host" ? host_layers : std::vector<std::string>{rootfs};
}

std::vector<std::string> lxcfs_files() {
  std::vector<std::string> found;
  for (const char* name : {"cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "uptime"}) {
    const std::string path = fmt::format("/var/lib/lxcfs/proc/{}", name);
    if (sys::exists(path)) {
      found.push_back(path);
    }
  }
  return found;
}

}  // namespace cmp::engine
