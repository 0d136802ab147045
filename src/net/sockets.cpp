#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <fmt/core.h>

#include "net/namespace.hpp"
#include "net/net.hpp"
#include "net/socket_address.hpp"

namespace cmp::net {

Result<UniqueFd> udp_socket_in(int netns_fd, const std::string& address, std::uint16_t port) {
  CMP_TRY(const std::uint32_t ip, parse_ipv4(address));
  CMP_TRY(const NamespaceVisit visit, NamespaceVisit::enter(netns_fd));
  return bound_socket(SOCK_DGRAM, {ip, port}).context("udp");
}

Result<UniqueFd> tcp_listener_in(int netns_fd, const std::string& address, std::uint16_t port) {
  CMP_TRY(const std::uint32_t ip, parse_ipv4(address));
  CMP_TRY(const NamespaceVisit visit, NamespaceVisit::enter(netns_fd));
  return bound_socket(SOCK_STREAM, {ip, port}).context("tcp");
}

}  // namespace cmp::net
