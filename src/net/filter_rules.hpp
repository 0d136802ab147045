#pragma once
// The packet filter of one project as data: which networks it has, which ports it publishes, and the rules that follow
// from them. Pure. Rules come in the order in which the kernel meets them; filter_encode.hpp writes them for nf_tables,
// filter_text.hpp for people.

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "net/published.hpp"

namespace cmp::net::filter {

/// IPv4 and IPv6 have a table each: their addresses have 4 and 16 bytes.
enum class Family { kIpv4, kIpv6 };

/// In network byte order, as many bytes as the family has.
using AddressBytes = std::string;

struct Range {
  AddressBytes address;
  int prefix = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// One bridge and its part of this family.
struct FilterNetwork {
  std::string bridge;
  Range range;
  bool internal = false;   ///< nothing goes in or out
  bool masquerade = true;  ///< what leaves has the host's address
  bool reachable = false;  ///< others may open connections to its addresses directly (gateway_mode routed)
  friend bool operator==(const FilterNetwork&, const FilterNetwork&) = default;
};

/// A container that takes connections to a published port.
struct Target {
  AddressBytes address;
  std::uint16_t port = 0;  ///< 0: the one that was asked for
  friend auto operator<=>(const Target&, const Target&) = default;
};

struct FilterPort {
  AddressBytes host;  ///< "" is every address of the host
  std::uint16_t port = 0;
  Protocol protocol = Protocol::kTcp;
  std::vector<Target> targets;  ///< new connections take turns; none: the port's own socket answers
  friend bool operator==(const FilterPort&, const FilterPort&) = default;
};

/// An address that stands for all containers of a service, on the bridge they are on.
struct FilterService {
  std::string bridge;
  AddressBytes address;
  std::vector<AddressBytes> targets;  ///< new connections take turns; none: they wait
  friend bool operator==(const FilterService&, const FilterService&) = default;
};

struct Filter {
  std::string table;
  Family family = Family::kIpv4;
  std::vector<FilterNetwork> networks;
  std::vector<FilterPort> ports;
  std::vector<FilterService> services;
  /// Whether the host forwards what comes in by a published port; if not, that is left to the port's own socket.
  bool forwards = true;
  friend bool operator==(const Filter&, const Filter&) = default;
};

/// One condition or deed of a rule.
namespace expr {

struct InDevice {
  std::string name;
  bool is = true;  ///< false: any other one
};

struct OutDevice {
  std::string name;
  bool is = true;
};

/// The packet leaves by a device of this group (`is`) or not.
struct OutGroup {
  std::uint32_t group = 0;
  bool is = true;
};

struct Source {
  Range range;
  bool is = true;
};

struct Destination {
  Range range;
  bool is = true;
};

/// Part of a connection that was let through before, or an error about one.
struct Established {};

/// A connection whose destination was changed: it came by a published port.
struct Redirected {};

/// Addressed to the host itself, by any of its addresses.
struct ToHost {};

struct DestinationPort {
  Protocol protocol = Protocol::kTcp;
  std::uint16_t port = 0;
};

/// True for every n-th new connection that gets here.
struct EveryNth {
  std::uint32_t n = 1;
};

struct Accept {};

struct Drop {};

struct Jump {
  std::string chain;
};

struct ChangeDestination {
  Target target;
};

struct Masquerade {};

}  // namespace expr

using Expression =
    std::variant<expr::InDevice, expr::OutDevice, expr::OutGroup, expr::Source, expr::Destination, expr::Established,
                 expr::Redirected, expr::ToHost, expr::DestinationPort, expr::EveryNth, expr::Accept, expr::Drop,
                 expr::Jump, expr::ChangeDestination, expr::Masquerade>;

using Rule = std::vector<Expression>;

/// Where the kernel meets a chain; kNone is one that others jump to.
enum class Hook { kNone, kPrerouting, kForward, kOutput, kPostrouting };

struct Chain {
  std::string name;
  Hook hook = Hook::kNone;
  bool nat = false;  ///< changes addresses; else lets through or drops
  std::vector<Rule> rules;
};

struct Table {
  std::string name;
  Family family = Family::kIpv4;
  std::vector<Chain> chains;
};

/// The rules of a project: networks are apart from each other and from everybody else's, what leaves is masqueraded,
/// published ports lead to their containers. What goes between others is none of our business.
[[nodiscard]] Table project_table(const Filter& filter);

/// Leads what a container sends to a name server at `address`, port 53, to the ports that its sockets really have, so
/// that the container's own programs can have port 53.
[[nodiscard]] Table names_table(const AddressBytes& address, std::uint16_t udp_port, std::uint16_t tcp_port);

/// Keeps a device whose forwarding was switched on for the sake of our networks from carrying traffic to anywhere else:
/// only to devices of `group`.
[[nodiscard]] Table guard_table(const std::string& table, const std::string& device, std::uint32_t group,
                                Family family = Family::kIpv4);

}  // namespace cmp::net::filter
