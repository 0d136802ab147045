#pragma once
// Facts of this host that every launch needs, read once when a supervisor starts.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "model/host_view.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

struct Host {
  std::string resolv_conf;  ///< the text of /etc/resolv.conf; "" if there is none
  std::string hosts;        ///< that of /etc/hosts
  bool has_kcore = false;
  bool has_time_namespaces = false;       ///< Linux 5.6 with CONFIG_TIME_NS
  std::vector<std::string> extra_masked;  ///< thermal_throttle directories of the processors
  std::vector<container::step::MakeDevice> devices;
  std::uint64_t capabilities = 0;  ///< the bounding set
  int oom_score_adj = 0;
  bool has_apparmor = false, has_selinux = false;
  std::string apparmor_default;          ///< what Docker confines its containers with, if the kernel has it
  std::vector<std::string> host_layers;  ///< overlay lower directories of x-rootfs: host
  std::vector<model::HiddenDirectory> hidden;

  /// The three above: what exec needs of a host.
  void read_modules();

  /// Overlay lower directories for a service's x-rootfs: "host" or a directory.
  [[nodiscard]] std::vector<std::string> lower_for(const std::string& rootfs) const;

  [[nodiscard]] static Result<Host> read(const state::Paths& paths);
};

/// What lxcfs has, now, in place of files of /proc: meminfo, cpuinfo … None where it does not run.
[[nodiscard]] std::vector<std::string> lxcfs_files();

}  // namespace cmp::engine
