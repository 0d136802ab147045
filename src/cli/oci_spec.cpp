// `spec` writes a config.json to begin with; `features` tells what this runtime can do.

#include <fcntl.h>
#include <unistd.h>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cgroup/cgroup.hpp"
#include "cli/oci.hpp"
#include "cli/output.hpp"
#include "container/capabilities.hpp"
#include "oci/compile.hpp"
#include "oci/mount_options.hpp"
#include "sys/file.hpp"
#include "sys/privilege.hpp"

namespace cmp::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson mount(const char* destination, const char* type, const char* source, std::vector<std::string> options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

OrderedJson default_mounts() {
  return OrderedJson::array(
      {mount("/proc", "proc", "proc", {}),
       mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
       mount("/dev/pts", "devpts", "devpts",
             {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
       mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
       mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
       mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
       mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"})});
}

OrderedJson default_process() {
  const std::vector<std::string> few = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  return {{"terminal", true},
          {"user", {{"uid", 0}, {"gid", 0}}},
          {"args", {"sh"}},
          {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}},
          {"cwd", "/"},
          {"capabilities", {{"bounding", few}, {"effective", few}, {"permitted", few}}},
          {"rlimits", OrderedJson::array({{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}})},
          {"noNewPrivileges", true}};
}

/// As runc has it: on v1 a container's groups are seen from the host's root.
bool is_unified_host() {
  const auto layout = cgroup::detect();
  return layout && layout->hierarchies.size() == 1 && layout->version == cgroup::Version::kV2;
}

OrderedJson default_linux() {
  OrderedJson namespaces = OrderedJson::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount"}) {
    namespaces.push_back({{"type", type}});
  }
  if (is_unified_host()) {
    namespaces.push_back({{"type", "cgroup"}});
  }
  return {{"resources", {{"devices", OrderedJson::array({{{"allow", false}, {"access", "rwm"}}})}}},
          {"namespaces", namespaces},
          {"maskedPaths",
           {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
            "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"}},
          {"readonlyPaths", {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
}

OrderedJson default_config() {
  return {{"ociVersion", oci::kSpecVersion},
          {"process", default_process()},
          {"root", {{"path", "rootfs"}, {"readonly", true}}},
          {"hostname", "cmp"},
          {"mounts", default_mounts()},
          {"linux", default_linux()}};
}

OrderedJson linux_features() {
  return {{"namespaces", oci::namespace_types()},
          {"capabilities", container::capability_names(~std::uint64_t{0} >> 23U)},
          {"cgroup", {{"v1", true}, {"v2", true}, {"systemd", false}, {"systemdUser", false}, {"rdma", true}}},
          {"intelRdt", {{"enabled", false}}},
          {"mountExtensions", {{"idmap", {{"enabled", true}}}}}};
}

}  // namespace

Result<int> oci_features(const OciArguments& /*arguments*/, const runtime::Store& /*store*/) {
  const OrderedJson features = {
      {"ociVersionMin", "1.0.0"},
      {"ociVersionMax", oci::kSpecVersion},
      {"hooks", {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}},
      {"mountOptions", oci::known_mount_options()},
      {"linux", linux_features()},
      {"annotations", {{"cmp.version", CMP_VERSION}}}};
  CMP_CHECK(print(features.dump(2) + "\n"));
  return 0;
}

Result<int> oci_spec(const OciArguments& arguments, const runtime::Store& /*store*/) {
  const std::string bundle = arguments.text("bundle");
  const std::string path = (bundle.empty() ? "." : bundle) + "/config.json";
  auto file = sys::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!file) {
    return std::move(file).error();
  }
  CMP_CHECK(sys::write_all(file->get(), default_config().dump(4) + "\n"));
  return 0;
}

}  // namespace cmp::cli
