#pragma once
// Namespaces and what belongs to one: unshare(2), setns(2), host and domain name.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sys/process.hpp"

namespace cmp::sys {

/// unshare(2); `flags` are CLONE_NEW*.
[[nodiscard]] Status unshare(std::uint64_t flags);

/// setns(2) into every namespace file (/proc/PID/ns/*), in order. All are opened before the first is entered, because
/// entering a mount namespace hides the rest.
[[nodiscard]] Status join_namespaces(const std::vector<std::string>& files);

/// A namespace of exactly this process: "net", "mnt" …, even if its pid should have been given to another one since:
/// the directory in /proc stays bound to the process. Errors: kNotFound, it is gone.
[[nodiscard]] Result<UniqueFd> open_namespace_of(const ProcessId& id, const std::string& kind);

/// setns(2).
[[nodiscard]] Status join_namespace(int fd, std::string_view what);

/// Whether this kernel has time namespaces (Linux 5.6, CONFIG_TIME_NS).
[[nodiscard]] bool has_time_namespaces();

/// sethostname(2), setdomainname(2); an empty domain name is left alone.
[[nodiscard]] Status set_hostname(const std::string& hostname, const std::string& domainname);

/// setrlimit(2) of this process. EPERM says that raising a hard limit needs CAP_SYS_RESOURCE.
[[nodiscard]] Status set_limit(int resource, std::uint64_t soft, std::uint64_t hard);

}  // namespace cmp::sys
