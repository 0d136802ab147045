#pragma once
// What one container may know: the names of its networks. Decides what becomes of a query; asks nobody.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/dns_message.hpp"
#include "net/net.hpp"

namespace cmp::net::dns {

/// The names and addresses of the networks one container is in.
class Zone {
 public:
  /// A name of a service, container or alias, in any case; several addresses make several records.
  void add_name(std::string_view name, std::uint32_t address);
  /// The same for an IPv6 address, 16 bytes in network order.
  void add_name6(std::string_view name, const Bytes& address);
  /// A name, in any case, that is ours although nothing has it: the answer is empty and nobody outside is asked.
  void hide_name(std::string_view name);
  /// A name, in any case, of which nobody outside is to hear: it does not exist. With a search domain behind a name,
  /// musl's resolver goes on to the name itself only then, and not after an empty answer.
  void deny_name(std::string_view name);
  /// The name a reverse look-up of an address gives. The first one given stays.
  void add_reverse(std::uint32_t address, std::string name);
  /// The same for an IPv6 address, 16 bytes in network order.
  void add_reverse6(const Bytes& address, std::string name);
  /// A network whose addresses nobody but us can name.
  void add_subnet(const Subnet& subnet);

  /// Addresses of a name in lower case, in the order they were added; null when unknown.
  [[nodiscard]] const std::vector<std::uint32_t>* find(const std::string& name) const;
  /// IPv6 addresses of a name in lower case; null when it has none.
  [[nodiscard]] const std::vector<Bytes>* find6(const std::string& name) const;
  /// The name of an address; null when unknown.
  [[nodiscard]] const std::string* find_reverse(std::uint32_t address) const;
  [[nodiscard]] const std::string* find_reverse6(const Bytes& address) const;

  [[nodiscard]] bool is_denied(const std::string& name) const { return denied_.contains(name); }

  [[nodiscard]] bool is_ours(std::uint32_t address) const;

 private:
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> names_;
  std::map<std::string, std::vector<Bytes>, std::less<>> names6_;
  std::map<std::uint32_t, std::string> reverse_;
  std::map<Bytes, std::string> reverse6_;
  std::set<std::string, std::less<>> denied_;
  std::vector<Subnet> subnets_;
};

/// How a query came, which bounds its reply.
enum class Transport { kUdp, kTcp };

struct Reply {
  Bytes bytes;
};

/// To be asked of the host's name servers, as it is.
struct Forward {
  Query query;
};

/// Not worth a reply.
struct Drop {};

using Verdict = std::variant<Reply, Forward, Drop>;

/// What becomes of a query. Names of the zone are answered here for every type: what exists without that type is an
/// empty answer at once, so that nobody waits for an AAAA from outside. Names without a dot never leave: they are the
/// project's, known or not. `turn` rotates several addresses.
[[nodiscard]] Verdict answer(BytesView message, const Zone& zone, Transport transport, std::size_t turn);

/// "The server failed": what a query gets whose forwarding came to nothing.
[[nodiscard]] Bytes server_failure(const Query& query);

/// The address an in-addr.arpa name stands for (RFC 1035 section 3.5); nothing for other names.
[[nodiscard]] std::optional<std::uint32_t> reverse_address(std::string_view name);
/// The same of an ip6.arpa name, which has a label for each of 32 hexadecimal digits (RFC 3596 section 2.5).
[[nodiscard]] std::optional<Bytes> reverse_address6(std::string_view name);

}  // namespace cmp::net::dns
