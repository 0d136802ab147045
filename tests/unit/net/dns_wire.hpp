#pragma once
// Queries as a resolver sends them, and replies in a form a test can read.

#include <string>
#include <vector>

#include "net/dns_message.hpp"

namespace cmp::net::dns::testing {

/// A query for a dotted name: id 0x1234, recursion desired.
struct Asked {
  std::string name;
  std::uint16_t type = kTypeA;
  std::uint16_t klass = kClassIn;
  int edns_bytes = -1;  ///< the size an OPT record offers; -1 without one
  std::uint8_t edns_version = 0;
};

[[nodiscard]] Bytes query_bytes(const Asked& asked);

/// "NOERROR aa ra rd | 10.89.0.2 10.89.0.3" or "NXDOMAIN aa ra rd |", with " tc" for a cut reply and " edns" for an OPT
/// record. Says what is wrong with a reply that can't be read, or that is not for `query`.
[[nodiscard]] std::string describe_reply(const Bytes& reply, const Bytes& query);

}  // namespace cmp::net::dns::testing
