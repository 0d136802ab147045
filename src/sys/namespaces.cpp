#include "sys/namespaces.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

Status unshare(std::uint64_t flags) {
  if (::unshare(static_cast<int>(flags)) != 0) {
    const int err = errno;
    Error error = sys_error("make namespaces", err);
    if (err == ENOSPC) {
      error.message += " (the limit is reached: sysctl user.max_*_namespaces)";
    }
    return error;
  }
  return {};
}

Status join_namespaces(const std::vector<std::string>& files) {
  std::vector<UniqueFd> opened;
  opened.reserve(files.size());
  for (const std::string& file : files) {
    CMP_TRY(UniqueFd fd, open_file(file, O_RDONLY));
    opened.push_back(std::move(fd));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (::setns(opened[i].get(), 0) != 0) {
      return sys_error(fmt::format("join namespace '{}'", files[i]));
    }
  }
  return {};
}

Result<UniqueFd> open_namespace_of(const ProcessId& id, const std::string& kind) {
  const auto gone = [&] { return make_error(Code::kNotFound, fmt::format("process {} is gone", id.pid)); };
  if (id.pid <= 0) {
    return gone();
  }
  const auto directory = open_file(fmt::format("/proc/{}", id.pid), O_PATH | O_DIRECTORY);
  const auto stat = directory ? read_file_at(directory->get(), "stat") : Result<std::string>(gone());
  if (!stat || start_ticks_in(*stat) != id.start_ticks) {
    return gone();
  }
  auto fd = open_at(directory->get(), "ns/" + kind, O_RDONLY);
  if (!fd && (fd.error().os_errno == ENOENT || fd.error().os_errno == ESRCH)) {
    return gone();
  }
  return fd;
}

bool has_time_namespaces() {
  return exists("/proc/self/ns/time");
}

Status join_namespace(int fd, std::string_view what) {
  return ::setns(fd, 0) == 0 ? Status() : sys_error(fmt::format("join {} namespace", what));
}

Status set_hostname(const std::string& hostname, const std::string& domainname) {
  if (::sethostname(hostname.data(), hostname.size()) != 0) {
    return sys_error(fmt::format("set hostname '{}'", hostname));
  }
  if (!domainname.empty() && ::setdomainname(domainname.data(), domainname.size()) != 0) {
    return sys_error(fmt::format("set domain name '{}'", domainname));
  }
  return {};
}

Status set_limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit limit{.rlim_cur = soft, .rlim_max = hard};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) {
    const int err = errno;
    Error error = sys_error(fmt::format("set resource limit {} to {}:{}", resource, soft, hard), err);
    if (err == EPERM) {
      error.message += " (raising a hard limit needs CAP_SYS_RESOURCE, and nofile may not pass sysctl fs.nr_open)";
    }
    return error;
  }
  return {};
}

}  // namespace cmp::sys
