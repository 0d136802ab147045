#include "init/replay.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/namespaces.hpp"

namespace cmp::init {

namespace step = container::step;

Status Replay::apply(const container::Step& step) {
  return std::visit([this](const auto& one) { return carry_out(one); }, step);
}

Status Replay::carry_out(const step::JoinCgroups& join) {
  for (const std::string& file : join.procs_files) {
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

}  // namespace cmp::init
