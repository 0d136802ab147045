#pragma once
// What is, as files: one record a container and a network, replaced atomically, readable by `ps` and `logs` without a
// supervisor. A pid stands with its start time. Records are written before the thing they tell of is made.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"
#include "sys/process.hpp"

namespace cmp::state {

/// Docker's words. kCreated: made, its program not started yet. kRestarting: waiting for its next start. kPaused: its
/// processes are frozen.
enum class ContainerState { kCreated, kRunning, kRestarting, kExited, kRemoving, kPaused };
[[nodiscard]] std::string_view to_string(ContainerState state);

enum class Health { kNone, kStarting, kHealthy, kUnhealthy };
[[nodiscard]] std::string_view to_string(Health health);

struct EndpointRecord {
  std::string network;  ///< key in the file
  std::string network_name;
  std::string bridge, host_device, container_device;
  std::string address;  ///< "10.89.0.2"
  int prefix = 24;
  std::string gateway;   ///< "" unless the default route goes this way
  std::string address6;  ///< "fd0a:…::2"; "" on a network without IPv6
  int prefix6 = 64;
  std::string gateway6;
  std::string virtual_address, virtual_address6;  ///< of the whole service (endpoint_mode vip); "" has none
  int mtu = 0;                                    ///< 0 is the kernel's default
  std::vector<std::string> link_local;            ///< further addresses, of link-local networks
  std::map<std::string, std::string> sysctls;     ///< of the interface: "net.ipv4.conf.eth0.log_martians" → "1"
  std::string driver;        ///< "" is a veth pair on the bridge; macvlan, ipvlan: a device on the host's `parent`
  std::string parent, mode;  ///< of macvlan and ipvlan; mode: bridge, private, l2, …
  bool isolated = false;     ///< reaches nobody on the bridge but the host
  bool shared = false;       ///< the network is another project's
  std::vector<std::string> aliases;
  friend bool operator==(const EndpointRecord&, const EndpointRecord&) = default;
};

/// One run of a health check.
struct ProbeRecord {
  WallTime start, end;
  int exit_code = 0;   ///< -1: it had to be killed or could not begin
  std::string output;  ///< what it wrote, the first 4 KiB
  friend bool operator==(const ProbeRecord&, const ProbeRecord&) = default;
};

/// So many of them are kept, as Docker does.
inline constexpr std::size_t kKeptProbes = 5;

/// Who has brought a run to its end. kDeaf: a stop, without waiting, as its PID 1 could not hear the signal. kGrace: a
/// stop that it had not followed in time. kOwner: whoever owns a namespace it shares was started anew.
enum class EndedBy { kItself, kStop, kDeaf, kGrace, kKill, kUnhealthy, kOwner };

struct PublishedPort {
  std::string host_ip;
  int host_port = 0, target = 0;
  std::string protocol = "tcp";
  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

/// A namespace that belongs to another container's process.
struct SharedNamespace {
  std::string container;
  sys::ProcessId process;
  friend bool operator==(const SharedNamespace&, const SharedNamespace&) = default;
};

struct ContainerRecord {
  std::string project, service, name, id, image;
  int number = 1;
  std::vector<std::string> command;  ///< what is executed
  std::string config_hash;
  std::map<std::string, std::string> labels;
  std::vector<std::string> mounts;         ///< sources, for `ps`
  std::vector<std::string> local_volumes;  ///< names of the volumes among them
  std::vector<int> exposed;                ///< target ports merely exposed
  std::string cgroup;
  std::string seccomp;  ///< key of its filter (seccomp/library.hpp); "" is none, or not chosen yet
  std::vector<EndpointRecord> endpoints;
  std::vector<PublishedPort> ports;
  std::string hostname;                           ///< what it was told, or that of whoever's network it shares
  std::string etc_dir;                            ///< with its hosts, hostname and resolv.conf, on this host
  std::map<std::string, SharedNamespace> shares;  ///< by kind: "net", "pid", "ipc", "uts"
  model::Service service_definition;              ///< what it was made from: restarts and `down` need no file

  bool auto_remove = false;  ///< it goes when it has ended: `run --rm`
  bool own_streams = true;   ///< false: its output is its caller's and not logged

  ContainerState state = ContainerState::kCreated;
  sys::ProcessId process;               ///< of its PID 1; 0 if none
  std::optional<sys::ExitStatus> exit;  ///< of the last run; none while unknown
  bool exit_unknown = false;            ///< it ended while nobody looked
  bool oom_killed = false;              ///< the kernel has killed something of it for want of memory
  std::uint64_t memory_peak = 0;        ///< bytes, of the last run; 0 if the kernel does not say
  std::string error;                    ///< why it could not start
  Health health = Health::kNone;
  int failing_streak = 0;           ///< failed probes since the last success
  std::vector<ProbeRecord> probes;  ///< the last kKeptProbes, oldest first
  int restart_count = 0;
  int attempts = 0;                     ///< restarts that count towards the policy's limit
  int crashes = 0;                      ///< restarts since a run that was long enough
  EndedBy ended_by = EndedBy::kItself;  ///< the last run
  std::string last_end;                 ///< the cause of the end of the run before the present one, in words
  std::string held_by;                  ///< "db (healthy after 3.2 s)": what its start has waited for last
  bool draining = false;        ///< another one takes its place: it gets no new connections while others are there
  bool stop_requested = false;  ///< `stop` or `down`: no restart policy brings it back
  WallTime created_at, started_at, finished_at, next_start_at;
};

/// Its program runs, frozen or not.
[[nodiscard]] constexpr bool has_program(ContainerState state) {
  return state == ContainerState::kRunning || state == ContainerState::kPaused;
}

/// It runs, or will again by itself.
[[nodiscard]] constexpr bool is_live(ContainerState state) {
  return has_program(state) || state == ContainerState::kRestarting;
}

/// The ports that it publishes are taken: it is live, or there and not started yet.
[[nodiscard]] bool holds_ports(const ContainerRecord& record);

/// Made by `run`: no replica of its service.
[[nodiscard]] bool is_one_off(const ContainerRecord& record);

struct NetworkRecord {
  std::string key, name, project, bridge, subnet, gateway, config_hash;
  std::string subnet6, gateway6;  ///< "" without IPv6
  std::string driver;             ///< "" is bridge; macvlan and ipvlan have no bridge
  std::string parent;             ///< the device of the host that carries a macvlan or ipvlan
  bool internal = false;
  std::map<std::string, std::string> options;  ///< driver_opts
  std::map<std::string, std::string> labels;
};

struct VolumeRecord {
  std::string key, name, config_hash;
  std::string project;                         ///< "" if it was made by itself (`volume create`, `volume fork`)
  std::string driver;                          ///< "" is local
  std::map<std::string, std::string> options;  ///< driver_opts
  std::map<std::string, std::string> labels;
  WallTime created_at;
};

/// Whose process something is: guardian.json, supervisor.json.
struct RoleRecord {
  sys::ProcessId process;
  std::string version;
};

[[nodiscard]] Status write_record(const Paths& paths, const ContainerRecord& record);
[[nodiscard]] Status write_record(const Paths& paths, const NetworkRecord& record);
[[nodiscard]] Status write_record(const Paths& paths, const VolumeRecord& record);
[[nodiscard]] Status write_role(const std::string& file, const RoleRecord& record);

/// Whether what a record says of a process is held against the kernel.
enum class Check { kWithKernel, kAsWritten };

/// Every container of the project, sorted by service and number. A project without a run directory has none.
/// With kWithKernel, what a record says of a living process is checked against the kernel (pid and start time): a
/// record that says running and whose process is gone is given back as kExited with exit_unknown. With `service`, only
/// that one's: the others' records, which take most of the time in a large project, are not taken apart.
[[nodiscard]] Result<std::vector<ContainerRecord>> read_containers(const Paths& paths, Check check = Check::kWithKernel,
                                                                   const std::string& service = {});
[[nodiscard]] Result<std::vector<NetworkRecord>> read_networks(const Paths& paths);
[[nodiscard]] Result<std::vector<VolumeRecord>> read_volumes(const Roots& roots);
/// The record of one volume, in `directory`; nothing if there is none.
[[nodiscard]] std::optional<VolumeRecord> read_volume(const std::string& directory);
[[nodiscard]] Status write_volume(const std::string& directory, const VolumeRecord& record);
[[nodiscard]] std::optional<RoleRecord> read_role(const std::string& file);
/// True if the recorded process lives.
[[nodiscard]] bool alive(const RoleRecord& record);

/// A container by its name or by its id or the beginning of it (12 digits or more): of this project, else of any.
[[nodiscard]] std::optional<ContainerRecord> find_container(const Paths& paths, const std::string& name);

/// Removes what write_record made; missing is success.
[[nodiscard]] Status remove_container_record(const Paths& paths, const std::string& name);
[[nodiscard]] Status remove_network_record(const Paths& paths, const std::string& key);

/// Names of all projects with a run directory, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_projects(const Roots& roots);

}  // namespace cmp::state
