#include "init/replay.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "init/hooks.hpp"
#include "init/init.hpp"
#include "sys/file.hpp"
#include "sys/namespaces.hpp"
#include "sys/packet.hpp"
#include "sys/privilege.hpp"

namespace cmp::init {

namespace step = container::step;

Status Replay::apply(const container::Step& step) {
  return std::visit([this](const auto& one) { return carry_out(one); }, step);
}

Status Replay::carry_out(const step::JoinCgroups& join) {
  for (const std::string& file : join.join_files) {
    CMP_CHECK(sys::write_kernel_file(file, "0").context("join cgroup"));
  }
  return {};
}

Status Replay::carry_out(const step::Unshare& unshare) {
  return sys::unshare(unshare.flags);
}

Status Replay::carry_out(const step::ShareNamespaces& share) {
  const std::string noun = fmt::format("share namespaces of container {}", share.owner.container);
  for (const std::string& kind : share.kinds) {
    CMP_TRY(const UniqueFd fd, sys::open_namespace_of({share.owner.pid, share.owner.start_ticks}, kind).context(noun));
    CMP_CHECK(sys::join_namespace(fd.get(), kind).context(noun));
  }
  return {};
}

Status Replay::carry_out(const step::JoinNamespaces& join) {
  return sys::join_namespaces(join.files);
}

Status Replay::carry_out(const step::SetHostname& name) {
  return sys::set_hostname(name.hostname, name.domainname);
}

Status Replay::carry_out(const step::WriteSysctl& sysctl) {
  std::string path = sysctl.key;
  std::ranges::replace(path, '.', '/');
  return sys::write_kernel_file("/proc/sys/" + path, sysctl.value).context(fmt::format("sysctl '{}'", sysctl.key));
}

Status Replay::carry_out(const step::SetRlimit& limit) {
  return sys::set_limit(limit.resource, limit.soft, limit.hard);
}

Status Replay::carry_out(const step::SetOomScore& score) {
  auto written = sys::write_kernel_file("/proc/self/oom_score_adj", fmt::format("{}", score.value));
  if (!written && written.error().os_errno == EACCES) {
    written.error().message += " (lowering it needs CAP_SYS_RESOURCE)";
  }
  return std::move(written).context("oom_score_adj");
}

Status Replay::carry_out(const step::Rendezvous& rendezvous) {
  CMP_CHECK(sys::send_packet(sync_, encode({Message::kReached, 0, {}})));
  CMP_TRY(const std::string answer, sys::receive_packet(sync_).context(rendezvous.place));
  if (answer.empty()) {
    ::_exit(0);  // the parent is gone, or wants this container no more
  }
  return {};
}

Status Replay::carry_out(const step::BecomeRoot& /*step*/) {
  return sys::become({.uid = 0, .gid = 0, .groups = {}});
}

Status Replay::carry_out(const step::RunHooks& hooks) {
  return run_hooks(hooks, ::getpid());
}

}  // namespace cmp::init
