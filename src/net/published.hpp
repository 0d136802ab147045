#pragma once
// The host's side of published ports: binding them, and finding out who holds one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

enum class Protocol { kTcp, kUdp, kSctp };
[[nodiscard]] std::string_view protocol_name(Protocol protocol);
/// That of compose's word: "tcp", "udp" or "sctp"; nothing for other words.
[[nodiscard]] std::optional<Protocol> protocol_of(std::string_view name);
/// Its number in an IP header.
[[nodiscard]] std::uint8_t protocol_number(Protocol protocol);

/// A non-blocking socket on an address of the host: listening for kTcp, able to tell which address a datagram was sent
/// to for kUdp, holding the port and no more for kSctp. `ip` is IPv4 or IPv6 (without brackets; an IPv6 one takes no
/// IPv4 traffic), "" is 0.0.0.0; port 0 is any free one. Errors: kConflict says who holds the port; kPermission,
/// kNotFound (no such address here), kUnsupported (a host without IPv6 or SCTP).
[[nodiscard]] Result<UniqueFd> bind_published(const std::string& ip, std::uint16_t port, Protocol protocol);

/// The port a socket is bound to, of either family.
[[nodiscard]] Result<std::uint16_t> bound_port(int fd);

/// Who holds a port that `ip`:`port` needs, in this network namespace: "nginx (pid 123)"; "" when nobody is found, be
/// it that the holder is in another pid namespace or hidden from us.
[[nodiscard]] std::string port_holder(const std::string& ip, std::uint16_t port, Protocol protocol);

/// One socket of /proc/net/{tcp,tcp6,udp,udp6} (proc(5)).
struct SocketEntry {
  std::string local;  ///< the address's bytes in network order, 4 or 16
  std::uint16_t port = 0;
  bool holds_port = false;  ///< TCP: is listening; UDP: always
  std::uint64_t inode = 0;
};

/// Reads such a file; lines that make no sense are passed over.
[[nodiscard]] std::vector<SocketEntry> parse_socket_table(std::string_view text, Protocol protocol);
/// Whether a socket bound to one of the addresses (bytes as in SocketEntry) keeps one from being bound to the other on
/// the same port: equal ones, and a wildcard of either family with everything.
[[nodiscard]] bool addresses_collide(const std::string& a, const std::string& b);

}  // namespace cmp::net
