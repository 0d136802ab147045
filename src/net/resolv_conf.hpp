#pragma once
// resolv.conf(5): what the host says, and what a container is told. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace cmp::net {

struct ResolvConf {
  std::vector<std::string> nameservers;  ///< as written, IPv4 or IPv6
  std::vector<std::string> search;
  std::vector<std::string> options;  ///< "ndots:2", "rotate", …
};

/// The last `search` or `domain` line counts, `options` add up; what is unknown is passed over, as the C library does.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view text);

/// The file of a container whose names the supervisor serves at 127.0.0.11: the host's search domains, its options with
/// `ndots:0` (names are tried as they are first), as Docker writes it. What a service gives (`dns_search`, `dns_opt`)
/// replaces the host's; a search of "." means none.
[[nodiscard]] std::string container_resolv_conf(const ResolvConf& host, const std::vector<std::string>& service_search,
                                                const std::vector<std::string>& service_options);

}  // namespace cmp::net
