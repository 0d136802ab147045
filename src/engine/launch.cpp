#include "engine/launch.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "container/storage.hpp"
#include "engine/container_files.hpp"
#include "engine/devices.hpp"
#include "engine/etc_files.hpp"
#include "engine/link_of.hpp"
#include "engine/relabel.hpp"
#include "engine/seccomp.hpp"
#include "engine/sharing.hpp"
#include "engine/storage.hpp"
#include "engine/volumes.hpp"
#include "rootfs/directories.hpp"
#include "rootfs/host.hpp"
#include "rootfs/quota.hpp"
#include "state/log_store.hpp"
#include "sys/file.hpp"
#include "sys/namespaces.hpp"
#include "sys/packet.hpp"

namespace cmp::engine {

namespace {

std::string fifo_path(const Context& context, const state::ContainerRecord& record, std::string_view stream) {
  return fmt::format("{}/{}", context.paths.container_run_dir(record.name), stream);
}

bool mounts_images(const std::vector<container::ResolvedMount>& mounts) {
  return std::ranges::any_of(
      mounts, [](const container::ResolvedMount& resolved) { return resolved.mount.type == model::MountType::kImage; });
}

/// A named pipe, so that whoever supervises next can open it again by name.
Result<UniqueFd> open_fifo_reader(const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("make FIFO '{}'", path));
  }
  return sys::open_file(path, O_RDONLY | O_NONBLOCK);
}

/// The service's end is open for reading too: it gets no SIGPIPE while nobody supervises, its lines wait in the pipe.
Result<UniqueFd> open_fifo_writer(const std::string& path) {
  return sys::open_file(path, O_RDWR);
}

/// stdin_open: a named pipe for `attach` to write to. Open for writing too, so that it does not end with the first
/// writer; a terminal takes its place as soon as it is there.
Result<UniqueFd> open_input(const Context& context, const LaunchInputs& inputs) {
  if (!inputs.service.stdin_open || inputs.service.tty) {
    return sys::open_file("/dev/null", O_RDONLY);
  }
  const std::string path = fifo_path(context, inputs.record, "in");
  if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("make FIFO '{}'", path));
  }
  return sys::open_file(path, O_RDWR);
}

Status write_etc_files(const Context& context, const LaunchInputs& inputs) {
  const std::string directory = context.paths.container_run_dir(inputs.record.name);
  if (inputs.record.etc_dir != directory) {
    return {};  // those of whoever has the network
  }
  const auto write = [&](const char* name, const std::string& text) {
    return sys::write_file_atomically(fmt::format("{}/{}", directory, name), text, 0644);
  };
  CMP_CHECK(write("hosts", hosts_file(inputs.record, context.host.hosts)));
  CMP_CHECK(write("hostname", hostname_of(inputs.record) + "\n"));
  return write("resolv.conf", resolv_file(inputs.service, context.host.resolv_conf));
}

/// Secret files of the host that would be seen: not those on whose place the service has mounted its own.
std::vector<std::string> host_secrets(const LaunchInputs& inputs) {
  auto files = rootfs::existing_secret_files();
  std::erase_if(files, [&](const std::string& file) {
    return std::ranges::any_of(inputs.mounts, [&](const container::ResolvedMount& own) {
      return file == own.mount.target || file.starts_with(own.mount.target + "/");
    });
  });
  return files;
}

Result<container::LaunchSpec> compile_spec(Context& context, const LaunchInputs& inputs, const seccomp::Filter& filter,
                                           std::vector<container::ResolvedDevice> devices) {
  const state::Paths& paths = context.paths;
  const rootfs::ContainerDirectories directories = directories_of(paths, inputs.record.name);
  container::Facts facts;
  facts.name = inputs.record.name;
  facts.id = inputs.record.id;
  facts.default_hostname = inputs.record.hostname;
  if (inputs.service.rootfs.empty()) {
    CMP_TRY(facts.lower, image_layers(paths, inputs.service));
    facts.fill_volumes = true;
  } else {
    facts.lower = context.host.lower_for(inputs.service.rootfs);
  }
  facts.upper = directories.upper;
  facts.work = directories.work;
  facts.root = directories.root;
  facts.extra_masked = context.host.extra_masked;
  if (inputs.service.rootfs == "host") {
    facts.hidden = context.host.hidden;
    const auto secrets = host_secrets(inputs);
    facts.extra_masked.insert(facts.extra_masked.end(), secrets.begin(), secrets.end());
  }
  facts.mounts = inputs.mounts;
  facts.shown_images = paths.images_dir(inputs.record.name);
  CMP_TRY(facts.image_layers, mounted_layers(paths, inputs.service, inputs.mounts));
  facts.granted_dir = paths.granted_dir(inputs.record.name);
  facts.granted = inputs.granted;
  facts.hosts_file = inputs.record.etc_dir + "/hosts";
  facts.hostname_file = inputs.record.etc_dir + "/hostname";
  facts.resolv_file = inputs.record.etc_dir + "/resolv.conf";
  facts.has_kcore = context.host.has_kcore;
  facts.has_time_namespaces = context.host.has_time_namespaces;
  facts.devices = std::move(devices);
  if (inputs.service.privileged) {
    facts.host_devices = context.host.devices;
  }
  if (inputs.service.lxcfs) {
    facts.lxcfs_files = lxcfs_files();
  }
  const cgroup::Group group{inputs.record.cgroup};
  facts.cgroup_join_files = cgroup::join_files(context.cgroups, group);
  facts.cgroup_v2 = context.cgroups.version == cgroup::Version::kV2;
  for (const cgroup::Hierarchy& hierarchy : context.cgroups.hierarchies) {
    if (hierarchy.version == cgroup::Version::kV1) {
      facts.cgroup_v1_controllers.push_back(hierarchy.mount_point);
    }
  }
  facts.owners = owners_of(inputs.record);
  facts.available_capabilities = available_capabilities(context, inputs.service);
  facts.seccomp = as_launch_data(filter);
  facts.has_apparmor = context.host.has_apparmor;
  facts.has_selinux = context.host.has_selinux;
  facts.apparmor_default = context.host.apparmor_default;
  facts.own_oom_score_adj = context.host.oom_score_adj;
  return container::compile(inputs.service, facts);
}

/// clone_process() in the pid namespace of another container.
Result<sys::Child> clone_beside(const container::Owner& owner, const sys::CloneOptions& options) {
  CMP_TRY(const UniqueFd own, sys::open_file("/proc/self/ns/pid_for_children", O_RDONLY));
  CMP_TRY(const UniqueFd theirs, sys::open_namespace_of({owner.pid, owner.start_ticks}, "pid"));
  CMP_CHECK(sys::join_namespace(theirs.get(), "pid"));
  auto child = sys::clone_process(options);
  if (child && child->pid == 0) {
    return child;
  }
  // Whoever cannot come back would put every container from now on in there.
  if (!sys::join_namespace(own.get(), "pid")) {
    std::abort();
  }
  return child;
}

/// \returns twice, as clone_process() does.
Result<sys::Child> clone_init(const container::LaunchSpec& spec, int cgroup_fd) {
  const sys::CloneOptions options{.flags = spec.born_in_new | CLONE_PARENT, .cgroup_fd = cgroup_fd};
  return spec.pid_owner
             ? clone_beside(*spec.pid_owner, options).context("pid namespace of " + spec.pid_owner->container)
             : sys::clone_process(options);
}

/// The container's ends of its own streams.
struct Streams {
  UniqueFd in, out, err;
};

Result<Streams> make_streams(const Context& context, const LaunchInputs& inputs, Launched& launched) {
  const std::string out = fifo_path(context, inputs.record, "out");
  const std::string err = fifo_path(context, inputs.record, "err");
  Streams streams;
  CMP_TRY(launched.out, open_fifo_reader(out));
  CMP_TRY(launched.err, open_fifo_reader(err));
  CMP_TRY(streams.out, open_fifo_writer(out));
  CMP_TRY(streams.err, open_fifo_writer(err));
  CMP_TRY(streams.in, open_input(context, inputs));
  return streams;
}

init::Files files_of(const LaunchInputs& inputs, const Streams& own, int sync) {
  if (inputs.streams.size() == 3) {
    return {.sync = sync, .in = inputs.streams[0], .out = inputs.streams[1], .err = inputs.streams[2]};
  }
  return {.sync = sync, .in = own.in.get(), .out = own.out.get(), .err = own.err.get()};
}

}  // namespace

Result<Launched> launch(Context& context, const LaunchInputs& inputs) {
  const rootfs::ContainerDirectories directories = directories_of(context.paths, inputs.record.name);
  CMP_CHECK(rootfs::make_container_directories(directories));
  if (const auto size = container::storage_size(inputs.service)) {
    CMP_CHECK(rootfs::limit_size(directories, rootfs::quota_project(inputs.record.id), *size));
  }
  CMP_CHECK(attach_volumes(context.paths, inputs.mounts));
  CMP_CHECK(create_mount_sources(inputs.mounts));
  CMP_CHECK(relabel_sources(context.host, inputs.service, inputs.mounts));
  if (!inputs.granted.empty()) {
    CMP_CHECK(sys::make_directories(context.paths.granted_dir(inputs.record.name), 0700));
  }
  if (mounts_images(inputs.mounts)) {
    CMP_CHECK(sys::make_directories(context.paths.images_dir(inputs.record.name), 0700));
  }
  CMP_CHECK(write_etc_files(context, inputs));
  const cgroup::Group group{inputs.record.cgroup};
  CMP_CHECK(cgroup::create(context.cgroups, group, inputs.service.limits));
  CMP_TRY(auto devices, find_devices(inputs.service));
  CMP_CHECK(restrict_devices(context, inputs.service, group, devices));
  CMP_TRY(const seccomp::Kept filter,
          choose_filter(context.filters, inputs.service, available_capabilities(context, inputs.service),
                        inputs.record.seccomp));
  CMP_TRY(const container::LaunchSpec spec, compile_spec(context, inputs, filter.filter, std::move(devices)));

  Launched launched;
  launched.seccomp = filter.key;
  Streams own;
  if (inputs.streams.empty()) {
    CMP_TRY(own, make_streams(context, inputs, launched));
  }
  CMP_TRY(auto sync, sys::packet_pair());
  CMP_TRY(const UniqueFd born_in, cgroup::open_for_clone(context.cgroups, group));
  CMP_TRY(launched.child, clone_init(spec, born_in.get()));
  if (launched.child.pid == 0) {
    sync.first.reset();
    init::run(spec, files_of(inputs, own, sync.second.get()), true);
  }
  launched.sync = std::move(sync.first);
  return launched;
}

Status attach_network(Context& context, const state::ContainerRecord& record, pid_t pid) {
  CMP_TRY(const UniqueFd netns, sys::open_file(fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  std::vector<net::Endpoint> endpoints;
  for (const state::EndpointRecord& endpoint : record.endpoints) {
    CMP_TRY(net::Endpoint out, link_of(endpoint));
    const auto attachment = record.service_definition.networks.find(endpoint.network);
    if (attachment != record.service_definition.networks.end() && !attachment->second.mac_address.empty()) {
      out.mac = attachment->second.mac_address;
    } else if (!record.service_definition.mac_address.empty() && endpoints.empty()) {
      out.mac = record.service_definition.mac_address;  // of the first network, as in Docker
    }
    endpoints.push_back(std::move(out));
  }
  return context.links.attach(netns.get(), endpoints);
}

Status go(int sync) {
  return sys::send_packet(sync, init::encode({.type = init::Message::kGo, .exit_code = 0, .error = {}, .key = {}}));
}

Result<Launched> reopen_output(Context& context, const state::ContainerRecord& record) {
  Launched launched;
  CMP_TRY(launched.out, open_fifo_reader(fifo_path(context, record, "out")));
  CMP_TRY(launched.err, open_fifo_reader(fifo_path(context, record, "err")));
  return launched;
}

std::vector<std::string> devices_of(const state::ContainerRecord& record) {
  std::vector<std::string> devices;
  for (const state::EndpointRecord& endpoint : record.endpoints) {
    if (!endpoint.host_device.empty()) {
      devices.push_back(endpoint.host_device);
    }
  }
  return devices;
}

}  // namespace cmp::engine
