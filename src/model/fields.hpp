#pragma once
// The lists of fields behind the JSON form of the model. For .cpp files that put model values into messages or records.

#include "base/json_fields.hpp"
#include "model/project.hpp"

namespace cmp::json {

template <>
struct Fields<SourcePos> {
  static constexpr auto list = std::make_tuple(field("file", &SourcePos::file), field("line", &SourcePos::line),
                                               field("column", &SourcePos::column));
};

template <>
struct Fields<model::Dependency> {
  using S = model::Dependency;
  static constexpr auto list = std::make_tuple(field("condition", &S::condition), field("required", &S::required),
                                               field("restart", &S::restart), field("where", &S::where));
};

template <>
struct Fields<model::ReadyCheck> {
  using S = model::ReadyCheck;
  static constexpr auto list = std::make_tuple(field("kind", &S::kind), field("address", &S::address),
                                               field("port", &S::port), field("text", &S::text));
};

template <>
struct Fields<model::HealthCheck> {
  using S = model::HealthCheck;
  static constexpr auto list =
      std::make_tuple(field("test", &S::test), field("ready", &S::ready), field("interval", &S::interval),
                      field("timeout", &S::timeout), field("start_period", &S::start_period),
                      field("start_interval", &S::start_interval), field("retries", &S::retries));
};

template <>
struct Fields<model::RestartPolicy> {
  using S = model::RestartPolicy;
  static constexpr auto list =
      std::make_tuple(field("mode", &S::mode), field("max_attempts", &S::max_attempts), field("delay", &S::delay),
                      field("window", &S::window), field("unhealthy", &S::unhealthy));
};

template <>
struct Fields<model::UpdateConfig> {
  using S = model::UpdateConfig;
  static constexpr auto list =
      std::make_tuple(field("parallelism", &S::parallelism), field("delay", &S::delay), field("monitor", &S::monitor),
                      field("failure_action", &S::failure_action), field("max_failure_ratio", &S::max_failure_ratio),
                      field("start_first", &S::start_first));
};

template <>
struct Fields<model::DeviceRate> {
  using S = model::DeviceRate;
  static constexpr auto list =
      std::make_tuple(field("path", &S::path), field("value", &S::value), field("where", &S::where));
};

template <>
struct Fields<model::BlockIo> {
  using S = model::BlockIo;
  static constexpr auto list = std::make_tuple(field("weight", &S::weight), field("weight_device", &S::weight_device),
                                               field("read_bps", &S::read_bps), field("read_iops", &S::read_iops),
                                               field("write_bps", &S::write_bps), field("write_iops", &S::write_iops));
};

template <>
struct Fields<model::Limits> {
  using S = model::Limits;
  static constexpr auto list = std::make_tuple(
      field("cpus", &S::cpus), field("cpu_shares", &S::cpu_shares), field("cpu_quota_us", &S::cpu_quota_us),
      field("cpu_period_us", &S::cpu_period_us), field("cpu_rt_runtime_us", &S::cpu_rt_runtime_us),
      field("cpu_rt_period_us", &S::cpu_rt_period_us), field("cpuset", &S::cpuset), field("memory", &S::memory),
      field("memory_reservation", &S::memory_reservation), field("memswap", &S::memswap),
      field("mem_swappiness", &S::mem_swappiness), field("pids", &S::pids),
      field("oom_kill_disable", &S::oom_kill_disable), field("blkio", &S::blkio));
};

template <>
struct Fields<model::HostOwner> {
  using S = model::HostOwner;
  static constexpr auto list = std::make_tuple(field("uid", &S::uid), field("gid", &S::gid));
};

template <>
struct Fields<model::Mount> {
  using S = model::Mount;
  static constexpr auto list = std::make_tuple(
      field("type", &S::type), field("source", &S::source), field("target", &S::target),
      field("read_only", &S::read_only), field("create_host_path", &S::create_host_path),
      field("propagation", &S::propagation), field("recursive", &S::recursive), field("selinux", &S::selinux),
      field("volume_name", &S::volume_name), field("subpath", &S::subpath), field("nocopy", &S::nocopy),
      field("labels", &S::labels), field("tmpfs_size", &S::tmpfs_size), field("tmpfs_mode", &S::tmpfs_mode),
      field("tmpfs_options", &S::tmpfs_options), field("for_caller", &S::for_caller), field("owner", &S::owner),
      field("inherited_from", &S::inherited_from), field("image_id", &S::image_id), field("where", &S::where));
};

template <>
struct Fields<model::VolumesFrom> {
  using S = model::VolumesFrom;
  static constexpr auto list = std::make_tuple(field("service", &S::service), field("container", &S::container),
                                               field("read_only", &S::read_only), field("where", &S::where));
};

template <>
struct Fields<model::Port> {
  using S = model::Port;
  static constexpr auto list =
      std::make_tuple(field("host_ip", &S::host_ip), field("target", &S::target), field("published", &S::published),
                      field("protocol", &S::protocol), field("mode", &S::mode), field("where", &S::where));
};

template <>
struct Fields<model::Attachment> {
  using S = model::Attachment;
  static constexpr auto list = std::make_tuple(
      field("aliases", &S::aliases), field("ipv4_address", &S::ipv4_address), field("ipv6_address", &S::ipv6_address),
      field("mac_address", &S::mac_address), field("interface_name", &S::interface_name),
      field("link_local_ips", &S::link_local_ips), field("driver_opts", &S::driver_opts),
      field("priority", &S::priority), field("gw_priority", &S::gw_priority), field("where", &S::where));
};

template <>
struct Fields<model::Ulimit> {
  using S = model::Ulimit;
  static constexpr auto list = std::make_tuple(field("soft", &S::soft), field("hard", &S::hard));
};

template <>
struct Fields<model::Device> {
  using S = model::Device;
  static constexpr auto list = std::make_tuple(field("source", &S::source), field("target", &S::target),
                                               field("permissions", &S::permissions), field("where", &S::where));
};

template <>
struct Fields<model::DeviceRequest> {
  using S = model::DeviceRequest;
  static constexpr auto list =
      std::make_tuple(field("driver", &S::driver), field("capabilities", &S::capabilities), field("where", &S::where));
};

template <>
struct Fields<model::FileGrant> {
  using S = model::FileGrant;
  static constexpr auto list = std::make_tuple(field("source", &S::source), field("target", &S::target),
                                               field("uid", &S::uid), field("gid", &S::gid), field("mode", &S::mode),
                                               field("digest", &S::digest), field("where", &S::where));
};

template <>
struct Fields<model::Logging> {
  using S = model::Logging;
  static constexpr auto list = std::make_tuple(field("driver", &S::driver), field("options", &S::options));
};

template <>
struct Fields<model::Build> {
  using S = model::Build;
  static constexpr auto list = std::make_tuple(
      field("context", &S::context), field("dockerfile", &S::dockerfile),
      field("dockerfile_inline", &S::dockerfile_inline), field("target", &S::target), field("network", &S::network),
      field("args", &S::args), field("labels", &S::labels), field("additional_contexts", &S::additional_contexts),
      field("ssh", &S::ssh), field("cache_from", &S::cache_from), field("cache_to", &S::cache_to),
      field("tags", &S::tags), field("platforms", &S::platforms), field("extra_hosts", &S::extra_hosts),
      field("secrets", &S::secrets), field("ulimits", &S::ulimits), field("shm_size", &S::shm_size),
      field("no_cache", &S::no_cache), field("pull", &S::pull), field("privileged", &S::privileged),
      field("where", &S::where));
};

template <>
struct Fields<model::Hook> {
  using S = model::Hook;
  static constexpr auto list = std::make_tuple(
      field("command", &S::command), field("image", &S::image), field("user", &S::user),
      field("working_dir", &S::working_dir), field("environment", &S::environment), field("privileged", &S::privileged),
      field("per_replica", &S::per_replica), field("where", &S::where));
};

template <>
struct Fields<model::Service> {
  using S = model::Service;
  static constexpr auto list = std::make_tuple(
      field("name", &S::name), field("image", &S::image), field("image_id", &S::image_id),
      field("platform", &S::platform), field("pull_policy", &S::pull_policy), field("pull_max_age", &S::pull_max_age),
      field("build", &S::build), field("rootfs", &S::rootfs), field("container_name", &S::container_name),
      field("command", &S::command), field("entrypoint", &S::entrypoint), field("environment", &S::environment),
      field("user", &S::user), field("group_add", &S::group_add), field("working_dir", &S::working_dir),
      field("hostname", &S::hostname), field("domainname", &S::domainname), field("labels", &S::labels),
      field("depends_on", &S::depends_on), field("healthcheck", &S::healthcheck), field("restart", &S::restart),
      field("stop_signal", &S::stop_signal), field("stop_grace_period", &S::stop_grace_period),
      field("limits", &S::limits), field("scale", &S::scale), field("deploy_mode", &S::deploy_mode),
      field("update_config", &S::update_config), field("rollback_config", &S::rollback_config),
      field("volumes", &S::volumes), field("volumes_from", &S::volumes_from), field("ports", &S::ports),
      field("expose", &S::expose), field("endpoint_mode", &S::endpoint_mode), field("network_mode", &S::network_mode),
      field("pid", &S::pid), field("ipc", &S::ipc), field("uts", &S::uts), field("cgroup", &S::cgroup),
      field("userns_mode", &S::userns_mode), field("mac_address", &S::mac_address), field("networks", &S::networks),
      field("links", &S::links), field("external_links", &S::external_links), field("dns", &S::dns),
      field("dns_search", &S::dns_search), field("dns_opt", &S::dns_opt), field("extra_hosts", &S::extra_hosts),
      field("logging", &S::logging), field("attach", &S::attach), field("init", &S::init), field("tty", &S::tty),
      field("stdin_open", &S::stdin_open), field("read_only", &S::read_only), field("privileged", &S::privileged),
      field("cap_add", &S::cap_add), field("cap_drop", &S::cap_drop), field("security_opt", &S::security_opt),
      field("devices", &S::devices), field("device_cgroup_rules", &S::device_cgroup_rules),
      field("device_requests", &S::device_requests), field("sysctls", &S::sysctls), field("ulimits", &S::ulimits),
      field("shm_size", &S::shm_size), field("oom_score_adj", &S::oom_score_adj),
      field("cgroup_parent", &S::cgroup_parent), field("runtime", &S::runtime), field("isolation", &S::isolation),
      field("storage_opt", &S::storage_opt), field("lxcfs", &S::lxcfs), field("secrets", &S::secrets),
      field("configs", &S::configs), field("pre_start", &S::pre_start), field("post_start", &S::post_start),
      field("pre_stop", &S::pre_stop), field("config_hash", &S::config_hash), field("where", &S::where),
      field("positions", &S::positions));
};

template <>
struct Fields<model::HookService> {
  using S = model::HookService;
  static constexpr auto list =
      std::make_tuple(field("of", &S::of), field("index", &S::index), field("service", &S::service));
};

template <>
struct Fields<model::IpamPool> {
  using S = model::IpamPool;
  static constexpr auto list =
      std::make_tuple(field("subnet", &S::subnet), field("ip_range", &S::ip_range), field("gateway", &S::gateway),
                      field("aux_addresses", &S::aux_addresses), field("where", &S::where));
};

template <>
struct Fields<model::Network> {
  using S = model::Network;
  static constexpr auto list = std::make_tuple(
      field("key", &S::key), field("name", &S::name), field("driver", &S::driver),
      field("driver_opts", &S::driver_opts), field("labels", &S::labels), field("ipam", &S::ipam),
      field("external", &S::external), field("internal", &S::internal), field("attachable", &S::attachable),
      field("enable_ipv4", &S::enable_ipv4), field("enable_ipv6", &S::enable_ipv6),
      field("config_hash", &S::config_hash), field("where", &S::where));
};

template <>
struct Fields<model::Volume> {
  using S = model::Volume;
  static constexpr auto list = std::make_tuple(
      field("key", &S::key), field("name", &S::name), field("driver", &S::driver),
      field("driver_opts", &S::driver_opts), field("labels", &S::labels), field("external", &S::external),
      field("for_caller", &S::for_caller), field("config_hash", &S::config_hash), field("where", &S::where));
};

template <>
struct Fields<model::FileSource> {
  using S = model::FileSource;
  static constexpr auto list = std::make_tuple(field("key", &S::key), field("name", &S::name), field("file", &S::file),
                                               field("environment", &S::environment), field("content", &S::content),
                                               field("external", &S::external), field("where", &S::where));
};

template <>
struct Fields<model::Project> {
  using S = model::Project;
  static constexpr auto list =
      std::make_tuple(field("name", &S::name), field("separator", &S::separator), field("working_dir", &S::working_dir),
                      field("files", &S::files), field("services", &S::services), field("networks", &S::networks),
                      field("volumes", &S::volumes), field("secrets", &S::secrets), field("configs", &S::configs),
                      field("hooks", &S::hooks));
};

}  // namespace cmp::json
