#pragma once
// What the user asked for: plain values, resolved and typed, no YAML and no kernel. Maps are sorted, so that the
// same project always gives the same plan. `compose/` makes it; model/codec.hpp turns it into JSON and back.
// Field names are the Compose Specification's. A field that is absent in the file has the specification's default.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace cmp::model {

/// A condition a dependant waits for (spec: depends_on, long syntax).
enum class Condition { kStarted, kHealthy, kCompletedSuccessfully };

struct Dependency {
  Condition condition = Condition::kStarted;
  bool required = true;
  bool restart = false;
  SourcePos where;
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

/// What x-ready asks for, by cmp itself: a listener, an answer to GET with 2xx or 3xx, a line of the log, a file.
enum class ReadyKind { kTcp, kHttp, kLog, kFile };

struct ReadyCheck {
  ReadyKind kind = ReadyKind::kTcp;
  std::string address;     ///< tcp, http: a literal address in the container's network namespace
  std::uint16_t port = 0;  ///< tcp, http
  std::string text;        ///< http: "/healthz"; log: a regular expression (ECMAScript); file: an absolute path
  friend bool operator==(const ReadyCheck&, const ReadyCheck&) = default;
};

/// healthcheck and x-ready. `test` starts with CMD or CMD-SHELL; empty means none is declared, {"NONE"} that it is
/// switched off. With both, a probe is the x-ready checks and then the test.
struct HealthCheck {
  std::vector<std::string> test;
  std::vector<ReadyCheck> ready;
  Nanoseconds interval{std::chrono::seconds(30)};
  Nanoseconds timeout{std::chrono::seconds(30)};
  Nanoseconds start_period{0};
  Nanoseconds start_interval{std::chrono::seconds(5)};
  int retries = 3;

  /// True if probes are to be run.
  [[nodiscard]] bool enabled() const { return has_test() || !ready.empty(); }

  /// True if a probe runs a program in the container.
  [[nodiscard]] bool has_test() const { return !test.empty() && test.front() != "NONE"; }

  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

enum class RestartMode { kNo, kAlways, kOnFailure, kUnlessStopped };

/// restart: no | always | on-failure[:max_attempts] | unless-stopped, or deploy.restart_policy. `max_attempts` 0 means
/// without end.
struct RestartPolicy {
  RestartMode mode = RestartMode::kNo;
  int max_attempts = 0;
  std::optional<Nanoseconds> delay;   ///< before each start; absent: one that grows
  std::optional<Nanoseconds> window;  ///< a run as long as this has succeeded: attempts count from none again
  bool unhealthy = false;             ///< x-restart-unhealthy: health is liveness
  friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

/// What is done when a new container does not come up in an update.
enum class FailureAction { kPause, kContinue, kRollback };

/// deploy.update_config, deploy.rollback_config: how the containers of a changed service are replaced.
struct UpdateConfig {
  int parallelism = 1;     ///< containers at a time; 0 is all of them
  Nanoseconds delay{0};    ///< between one batch and the next
  Nanoseconds monitor{0};  ///< how long a new container has to stay up, once it is ready
  FailureAction failure_action = FailureAction::kPause;
  double max_failure_ratio = 0;  ///< of the service's containers; more of them is a failure of the update
  bool start_first = false;      ///< order: there is one container more while it lasts
  friend bool operator==(const UpdateConfig&, const UpdateConfig&) = default;
};

/// deploy.mode. One machine is the whole cluster, so that global is one container; jobs run to completion.
enum class DeployMode { kReplicated, kGlobal, kReplicatedJob, kGlobalJob };

/// A number for one block device: a weight, or bytes or operations a second.
struct DeviceRate {
  std::string path;  ///< "/dev/sda"
  std::uint64_t value = 0;
  SourcePos where;
  friend bool operator==(const DeviceRate&, const DeviceRate&) = default;
};

/// blkio_config.
struct BlockIo {
  std::uint64_t weight = 0;  ///< 10..1000; 0 is not given
  std::vector<DeviceRate> weight_device, read_bps, read_iops, write_bps, write_iops;

  [[nodiscard]] bool empty() const { return *this == BlockIo(); }

  friend bool operator==(const BlockIo&, const BlockIo&) = default;
};

/// What a service may use. Absent means not limited. Units as in the specification.
struct Limits {
  std::optional<double> cpus;                     ///< processors' worth of time, 0.001 and more
  std::optional<std::uint64_t> cpu_shares;        ///< 2..262144, v1 scale
  std::optional<std::int64_t> cpu_quota_us;       ///< per period; -1 is no limit
  std::optional<std::uint64_t> cpu_period_us;     ///< 1000..1000000
  std::optional<std::int64_t> cpu_rt_runtime_us;  ///< real-time processor time, per cpu_rt_period_us
  std::optional<std::uint64_t> cpu_rt_period_us;
  std::optional<std::string> cpuset;        ///< "0-2,4"
  std::optional<Bytes> memory;              ///< hard limit
  std::optional<Bytes> memory_reservation;  ///< soft limit
  std::optional<Bytes> memswap;             ///< memory and swap together; -1 is no limit
  std::optional<int> mem_swappiness;        ///< 0..100
  std::optional<std::int64_t> pids;         ///< -1 is no limit
  std::optional<bool> oom_kill_disable;
  BlockIo blkio;
  friend bool operator==(const Limits&, const Limits&) = default;
};

enum class MountType { kBind, kVolume, kTmpfs, kImage, kNpipe, kCluster };

/// Whom something on the host belongs to.
struct HostOwner {
  unsigned uid = 0, gid = 0;
  friend bool operator==(const HostOwner&, const HostOwner&) = default;
};

/// One entry of services.*.volumes (or tmpfs), long form.
struct Mount {
  MountType type = MountType::kVolume;
  /// bind: absolute host path; volume: key of Project::volumes, "" if anonymous; image: its reference.
  std::string source;
  std::string target;  ///< absolute path in the container
  bool read_only = false;
  bool create_host_path = false;  ///< bind: make a missing source a directory
  std::string propagation;        ///< bind: rprivate (default) | private | rshared | shared | rslave | slave
  std::string recursive;          ///< bind: "" | enabled | disabled | writable | readonly
  std::string selinux;            ///< bind: z | Z
  std::string volume_name;        ///< volume: its name on the host, "" if anonymous
  std::string subpath;            ///< volume, image: a folder inside it
  bool nocopy = false;            ///< volume: do not fill an empty one from the image
  std::map<std::string, std::string> labels;  ///< volume: of an anonymous one
  std::optional<Bytes> tmpfs_size;
  std::optional<unsigned> tmpfs_mode;
  std::vector<std::string> tmpfs_options;  ///< further ones, as mount(8) takes them: "uid=1000", "exec"
  bool for_caller = false;                 ///< x-owner: me
  std::optional<HostOwner> owner;  ///< then: who that is; what the service writes as its own user belongs to them
  std::string inherited_from;      ///< volumes_from: the container that has it, whose anonymous volume it may be
  std::string image_id;            ///< image: what its reference leads to; filled in by who resolves it
  SourcePos where;
  friend bool operator==(const Mount&, const Mount&) = default;
};

/// One entry of services.*.volumes_from.
struct VolumesFrom {
  std::string service;    ///< whose mounts are among the service's own already
  std::string container;  ///< or a container, which is looked up when this one is launched
  bool read_only = false;
  SourcePos where;
  friend bool operator==(const VolumesFrom&, const VolumesFrom&) = default;
};

/// One published or merely exposed port, long form, one number a record (ranges are unrolled).
struct Port {
  std::string host_ip;           ///< "" is every address
  std::uint16_t target = 0;      ///< in the container
  std::string published;         ///< on the host: "8080", a range "8000-8010" to choose from, "" any free one
  std::string protocol = "tcp";  ///< tcp | udp | sctp
  std::string mode = "ingress";
  SourcePos where;
  friend bool operator==(const Port&, const Port&) = default;
};

/// A service's membership in a network.
struct Attachment {
  std::vector<std::string> aliases;
  std::string ipv4_address;  ///< "" is: allocate
  std::string ipv6_address;
  std::string mac_address;
  std::string interface_name;
  std::vector<std::string> link_local_ips;
  std::map<std::string, std::string> driver_opts;
  int priority = 0;
  int gw_priority = 0;
  SourcePos where;
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct Ulimit {
  std::int64_t soft = 0;  ///< -1 is no limit
  std::int64_t hard = 0;
  friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

/// One entry of services.*.devices, long form.
struct Device {
  std::string source;       ///< on the host: a device, or a directory of devices
  std::string target;       ///< in the container
  std::string permissions;  ///< of r, w and m
  SourcePos where;
  friend bool operator==(const Device&, const Device&) = default;
};

/// A device that a driver is to choose: `gpus`, deploy.resources.reservations.devices.
struct DeviceRequest {
  std::string driver;  ///< "" is any
  std::vector<std::string> capabilities;
  SourcePos where;
  friend bool operator==(const DeviceRequest&, const DeviceRequest&) = default;
};

/// A file from `secrets:` or `configs:` granted to a service.
struct FileGrant {
  std::string source;  ///< key in Project::secrets or Project::configs
  std::string target;  ///< absolute path in the container
  std::string uid, gid;
  std::optional<unsigned> mode;
  std::string digest;  ///< SHA-256 of what it gives, in hex, once that has been read
  SourcePos where;
  friend bool operator==(const FileGrant&, const FileGrant&) = default;
};

/// services.*.logging as written; the engine says what the driver makes of it.
struct Logging {
  std::string driver;  ///< "" means json-file
  std::map<std::string, std::string> options;
  friend bool operator==(const Logging&, const Logging&) = default;
};

/// When an image is fetched (pull_policy). A maximum age is asked for with kMissing.
enum class PullPolicy { kMissing, kAlways, kNever, kBuild };

/// services.*.build: how its image is made. Paths are absolute.
struct Build {
  std::string context;     ///< a directory, or what the builder can fetch (git, https)
  std::string dockerfile;  ///< relative to the context unless absolute
  std::string dockerfile_inline;
  std::string target, network;
  std::map<std::string, std::optional<std::string>> args;  ///< no value: the caller's environment
  std::map<std::string, std::string> labels, additional_contexts, ssh;
  std::vector<std::string> cache_from, cache_to, tags, platforms, extra_hosts;
  std::vector<FileGrant> secrets;
  std::map<std::string, Ulimit> ulimits;
  std::optional<Bytes> shm_size;
  bool no_cache = false, pull = false, privileged = false;
  SourcePos where;
  friend bool operator==(const Build&, const Build&) = default;
};

/// One entry of pre_start, post_start or pre_stop.
struct Hook {
  std::optional<std::vector<std::string>> command;                ///< absent: the image's (pre_start only)
  std::string image;                                              ///< pre_start: "" is the service's
  std::string user, working_dir;                                  ///< "" is the service's
  std::map<std::string, std::optional<std::string>> environment;  ///< on top of the service's
  bool privileged = false;
  bool per_replica = false;  ///< pre_start: before each container, not once before the first
  SourcePos where;
  friend bool operator==(const Hook&, const Hook&) = default;
};

struct Service {
  std::string name;
  std::string image;
  std::string image_id;  ///< "sha256:…" of what the image's name leads to; filled in by who resolves it
  std::string platform;  ///< os[/arch[/variant]]; "" is this machine's
  PullPolicy pull_policy = PullPolicy::kMissing;
  std::optional<Nanoseconds> pull_max_age;  ///< pull_policy daily, weekly, every_…: an older one is fetched again
  std::optional<Build> build;
  std::string rootfs;          ///< x-rootfs: "host", or an absolute directory; "" means use the image
  std::string container_name;  ///< "" means project-service-number
  std::optional<std::vector<std::string>> command;
  std::optional<std::vector<std::string>> entrypoint;
  std::map<std::string, std::optional<std::string>> environment;  ///< no value: not set at all
  std::string user;                                               ///< "" means the image's
  std::vector<std::string> group_add;
  std::string working_dir;
  std::string hostname, domainname;
  std::map<std::string, std::string> labels;
  std::map<std::string, Dependency> depends_on;
  HealthCheck healthcheck;
  RestartPolicy restart;
  std::string stop_signal;  ///< "SIGTERM", "TERM" or a number; "" means the image's or SIGTERM
  Nanoseconds stop_grace_period{std::chrono::seconds(10)};
  Limits limits;
  int scale = 1;
  DeployMode deploy_mode = DeployMode::kReplicated;
  std::optional<UpdateConfig> update_config, rollback_config;
  std::vector<Mount> volumes;  ///< those of other services (volumes_from) included
  std::vector<VolumesFrom> volumes_from;
  std::vector<Port> ports;
  std::vector<std::string> expose;
  std::string endpoint_mode;                       ///< deploy.endpoint_mode: vip | dnsrr; "" is as dnsrr
  std::string network_mode;                        ///< "" | none | host | service:X | container:X
  std::string pid, ipc, uts, cgroup;               ///< the same words; see model/namespaces.hpp
  std::string userns_mode;                         ///< "" | host
  std::string mac_address;                         ///< of its first network
  std::map<std::string, Attachment> networks;      ///< key of Project::networks
  std::vector<std::string> links, external_links;  ///< "NAME" or "NAME:ALIAS", of a service and of a container
  std::vector<std::string> dns, dns_search, dns_opt;
  std::vector<std::string> extra_hosts;  ///< "host=ip"
  Logging logging;
  bool attach = true;  ///< show its logs in an attached `up`
  bool init = false, tty = false, stdin_open = false, read_only = false, privileged = false;
  std::vector<std::string> cap_add, cap_drop, security_opt;
  std::vector<Device> devices;
  std::vector<std::string> device_cgroup_rules;  ///< "c 1:3 rwm"
  std::vector<DeviceRequest> device_requests;
  std::map<std::string, std::string> sysctls;
  std::map<std::string, Ulimit> ulimits;
  std::optional<Bytes> shm_size;
  std::optional<int> oom_score_adj;
  std::string cgroup_parent;       ///< "" is cmp's own
  std::string runtime, isolation;  ///< "" is the default
  std::map<std::string, std::string> storage_opt;
  bool lxcfs = false;  ///< x-lxcfs: /proc/meminfo and its like from lxcfs
  std::vector<FileGrant> secrets, configs;
  std::vector<Hook> pre_start, post_start, pre_stop;

  std::string config_hash;  ///< hex SHA-256 over what makes a container differ; see compose/hash
  SourcePos where;
  std::map<std::string, SourcePos>
      positions;  ///< where a key of this service was written, by key path ("command", "user")
  friend bool operator==(const Service&, const Service&) = default;
};

struct IpamPool {
  std::string subnet, ip_range, gateway;
  std::map<std::string, std::string> aux_addresses;
  SourcePos where;
  friend bool operator==(const IpamPool&, const IpamPool&) = default;
};

struct Network {
  std::string key;     ///< its name in the file
  std::string name;    ///< its name on the host: project_key unless said otherwise
  std::string driver;  ///< "" means bridge
  std::map<std::string, std::string> driver_opts, labels;
  std::vector<IpamPool> ipam;
  bool external = false, internal = false, attachable = false;
  bool enable_ipv4 = true, enable_ipv6 = false;
  std::string config_hash;
  SourcePos where;
  friend bool operator==(const Network&, const Network&) = default;
};

struct Volume {
  std::string key, name, driver;
  std::map<std::string, std::string> driver_opts, labels;
  bool external = false;
  bool for_caller = false;  ///< x-owner: me, of every mount of it
  std::string config_hash;
  SourcePos where;
  friend bool operator==(const Volume&, const Volume&) = default;
};

/// A secret or a config: exactly one of file, environment, content or external.
struct FileSource {
  std::string key, name, file, environment;
  std::optional<std::string> content;
  bool external = false;
  SourcePos where;
  friend bool operator==(const FileSource&, const FileSource&) = default;
};

/// What one hook of pre_start runs as: a container of its own.
struct HookService {
  std::string of;  ///< the service that waits for it
  int index = 0;   ///< in its pre_start
  Service service;
  friend bool operator==(const HookService&, const HookService&) = default;
};

struct Project {
  std::string name;
  std::string separator = "-";  ///< in names of containers and images; "_" with --compatibility
  std::string working_dir;
  std::vector<std::string> files;
  std::map<std::string, Service> services;
  std::map<std::string, Network> networks;
  std::map<std::string, Volume> volumes;
  std::map<std::string, FileSource> secrets, configs;
  std::map<std::string, HookService> hooks;  ///< by name of the container; made by add_hooks
  friend bool operator==(const Project&, const Project&) = default;
};

/// It is to end by itself, and has done its work then.
[[nodiscard]] bool is_job(const Service& service);

/// `project-service-number` with the project's separator, or container_name where the file gives one
/// (compose-cli.md 5.3). The one container more of an update has that and its number.
[[nodiscard]] std::string container_name(const Project& project, const Service& service, int number);

}  // namespace cmp::model
