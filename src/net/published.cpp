#include "net/published.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>

#include "net/net.hpp"

namespace cmp::net {

namespace {

struct KnownProtocol {
  Protocol protocol;
  std::string_view name;
  std::uint8_t number;  ///< in an IP header
};

constexpr std::array kProtocols = {KnownProtocol{Protocol::kTcp, "tcp", IPPROTO_TCP},
                                   KnownProtocol{Protocol::kUdp, "udp", IPPROTO_UDP},
                                   KnownProtocol{Protocol::kSctp, "sctp", IPPROTO_SCTP}};

constexpr int kPublishedBacklog = 4096;

/// An address of either family, as bind(2) wants it.
struct BindAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<BindAddress> bind_address(const std::string& ip, std::uint16_t port) {
  BindAddress out;
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
    return out;
  }
  CMP_TRY(const std::uint32_t address, parse_ipv4(ip.empty() ? "0.0.0.0" : ip));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(address);
  std::memcpy(&out.storage, &v4, sizeof v4);
  out.size = sizeof v4;
  return out;
}

void set_option(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

void prepare(int fd, int family, Protocol protocol) {
  if (family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  }
  if (protocol == Protocol::kTcp) {
    // Connections of a former life that linger in TIME_WAIT must not keep the port.
    set_option(fd, SOL_SOCKET, SO_REUSEADDR);
    // What is accepted has it, too: the sender has done the waiting already if any was wanted.
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
  } else if (protocol == Protocol::kUdp && family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  } else if (protocol == Protocol::kUdp) {
    set_option(fd, IPPROTO_IP, IP_PKTINFO);
  }
}

Error bind_error(const std::string& ip, std::uint16_t port, Protocol protocol, int err) {
  const std::string shown = ip.empty() ? "0.0.0.0" : ip;
  const std::string what = fmt::format("port {}/{} on {}", port, protocol_name(protocol), shown);
  Error error = sys_error(what, err);
  if (err == EADDRINUSE) {
    const std::string holder = port_holder(ip, port, protocol);
    error.code = Code::kConflict;
    error.message = fmt::format("{}: held by {}", what, holder.empty() ? "another program" : holder);
  } else if (err == EADDRNOTAVAIL) {
    error.code = Code::kNotFound;
    error.message = fmt::format("{}: this host has no address {}", what, shown);
  } else if (err == EACCES) {
    error.message += " (ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE)";
  } else if (err == EPROTONOSUPPORT) {
    error.code = Code::kUnsupported;
    error.message = fmt::format("{}: this kernel has no {}", what, protocol_name(protocol));
  } else if (err == EAFNOSUPPORT) {
    error.code = Code::kUnsupported;
    error.message = fmt::format("{}: this host has no IPv6", what);
  }
  return error;
}

}  // namespace

std::string_view protocol_name(Protocol protocol) {
  return std::ranges::find(kProtocols, protocol, &KnownProtocol::protocol)->name;
}

std::optional<Protocol> protocol_of(std::string_view name) {
  const auto* const found = std::ranges::find(kProtocols, name, &KnownProtocol::name);
  return found == kProtocols.end() ? std::nullopt : std::optional(found->protocol);
}

std::uint8_t protocol_number(Protocol protocol) {
  return std::ranges::find(kProtocols, protocol, &KnownProtocol::protocol)->number;
}

Result<UniqueFd> bind_published(const std::string& ip, std::uint16_t port, Protocol protocol) {
  CMP_TRY(const BindAddress address, bind_address(ip, port));
  const int family = address.storage.ss_family;
  const int type = protocol == Protocol::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd fd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_number(protocol)));
  if (!fd) {
    return bind_error(ip, port, protocol, errno);
  }
  prepare(fd.get(), family, protocol);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      (protocol == Protocol::kTcp && ::listen(fd.get(), kPublishedBacklog) != 0)) {
    return bind_error(ip, port, protocol, errno);
  }
  return fd;
}

Result<std::uint16_t> bound_port(int fd) {
  sockaddr_in6 address{};  // the port stands at the same place in both families
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return sys_error("socket address");
  }
  return ntohs(address.sin6_port);
}

}  // namespace cmp::net
