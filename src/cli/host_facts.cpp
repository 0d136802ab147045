#include "cli/host_facts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/devices.hpp"
#include "cli/build_process.hpp"
#include "cli/transfer.hpp"
#include "engine/host.hpp"
#include "net/net.hpp"
#include "net/packet_filter.hpp"
#include "rootfs/directories.hpp"
#include "sys/file.hpp"
#include "sys/kernel_module.hpp"
#include "sys/lsm.hpp"
#include "sys/namespaces.hpp"
#include "sys/privilege.hpp"

namespace cmp::cli {

namespace {

std::string problem_of(const Status& status) {
  return status ? std::string() : status.error().str();
}

void find_namespaces(HostFacts& facts) {
  for (const char* kind : {"mnt", "pid", "net", "uts", "ipc", "cgroup", "user", "time"}) {
    if (sys::exists(std::string("/proc/self/ns/") + kind)) {
      facts.namespaces.emplace_back(kind);
    }
  }
  const auto most = sys::read_file("/proc/sys/user/max_user_namespaces");
  facts.user_namespaces = sys::exists("/proc/self/ns/user") && (!most || *most != "0\n");
}

void find_control_groups(HostFacts& facts) {
  const auto layout = cgroup::detect();
  if (!layout) {
    facts.cgroup_problem = layout.error().str();
    return;
  }
  std::set<std::string> controllers;
  bool v1 = false, v2 = false;
  for (const cgroup::Hierarchy& hierarchy : layout->hierarchies) {
    controllers.insert(hierarchy.controllers.begin(), hierarchy.controllers.end());
    (hierarchy.version == cgroup::Version::kV2 ? v2 : v1) = true;
  }
  facts.controllers = {controllers.begin(), controllers.end()};
  facts.cgroup_version = layout->version == cgroup::Version::kV2 ? 2 : 1;
  facts.cgroup_hybrid = v1 && v2;
  facts.limits_swap = layout->swap;
  facts.cgroup_why = layout->why;
  // Any list that is no default will do: whether rules can be had at all is the question.
  const std::vector<model::DeviceRule> rules = {{.type = 'c', .major = 1, .minor = 3, .access = "rwm"}};
  facts.device_rules_problem = problem_of(cgroup::DeviceControl().prepare(*layout, rules));
}

void find_file_systems(HostFacts& facts) {
  const auto known = sys::read_file("/proc/filesystems");
  facts.overlay = (known && known->find("\toverlay\n") != std::string::npos) || sys::can_load_module("overlay");
  facts.state_dir = state::roots_from_environment().state;
  std::string nearest = facts.state_dir;  // the first cmp to run here makes it
  while (!sys::exists(nearest) && nearest.size() > 1) {
    nearest.erase(std::max<std::size_t>(nearest.rfind('/'), 1));
  }
  facts.state_dir_problem = problem_of(rootfs::check_file_system(nearest));
}

void find_security(HostFacts& facts) {
  facts.seccomp = sys::exists("/proc/sys/kernel/seccomp/actions_avail");
  facts.apparmor = sys::lsm_active(sys::LabelledBy::kAppArmor);
  facts.apparmor_profile = facts.apparmor && sys::apparmor_profile_loaded("docker-default");
  facts.selinux = sys::lsm_active(sys::LabelledBy::kSelinux);
}

/// Chains of others that could end what services send.
std::vector<std::string> dropping_chains() {
  auto filter = net::PacketFilter::open();
  const auto chains = filter ? filter->base_chains() : Result<std::vector<net::ForeignChain>>(filter.error());
  std::vector<std::string> out;
  for (const net::ForeignChain& chain : chains ? *chains : std::vector<net::ForeignChain>()) {
    if (chain.forward && chain.drops && !chain.table.starts_with("cmp-")) {
      out.push_back(fmt::format("{} {} {}", chain.family, chain.table, chain.name));
    }
  }
  return out;
}

/// The rules of a project with a network and a published port, as `up` would make them.
Status try_filter() {
  const net::filter::Range range{.address = std::string("\x0a\0\0\0", 4), .prefix = 24};
  const net::filter::Target target{.address = std::string("\x0a\0\0\x02", 4), .port = 80};
  const net::filter::Filter wanted{.table = "cmp-doctor",
                                   .networks = {{.bridge = "cmp-doctor", .range = range}},
                                   .ports = {{.host = "", .port = 80, .targets = {target}}},
                                   .services = {}};
  CMP_TRY(auto filter, net::PacketFilter::open());
  net::filter::Batch batch;
  batch.replace(net::filter::project_table(wanted));
  return filter.apply(std::move(batch));
}

Status try_bridge() {
  CMP_TRY(auto links, net::Links::open());
  return links.create_bridge({.name = "cmp-doctor", .gateway = 0x0a000001U, .gateway6 = {}});
}

void try_networks(HostFacts& facts) {
  facts.dropping_chains = dropping_chains();
  // What is made from here on is gone with this process.
  if (const auto entered = sys::unshare(CLONE_NEWNET); !entered) {
    facts.bridge_problem = facts.filter_problem = entered.error().str();
    return;
  }
  facts.bridge_problem = problem_of(try_bridge());
  facts.filter_problem = problem_of(try_filter());
}

}  // namespace

HostFacts find_host_facts(const Context& context) {
  HostFacts facts;
  facts.root = ::geteuid() == 0;
  facts.capabilities = sys::bounding_capabilities();
  find_namespaces(facts);
  find_control_groups(facts);
  find_file_systems(facts);
  find_security(facts);
  facts.lxcfs = !engine::lxcfs_files().empty();
  facts.systemd = sys::exists("/run/systemd/system");
  facts.buildah = need_buildah(context).has_value();
  facts.transfer = find_transfer_program().has_value();
  if (facts.root) {
    try_networks(facts);
  }
  return facts;
}

}  // namespace cmp::cli
