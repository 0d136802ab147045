#pragma once
// The door to nf_tables: sends changes, lists what others have. No destructor removes a table.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/filter_encode.hpp"

namespace cmp::net {

/// A base chain of whomever, as far as it matters to us.
struct ForeignChain {
  std::string family;  ///< "ip", "ip6" or "inet"
  std::string table, name;
  bool forward = false;  ///< sees forwarded packets
  bool drops = false;    ///< what none of its rules accepts is dropped
};

class PacketFilter {
 public:
  /// In the network namespace the caller is in, for life. Error kUnsupported: the kernel has no netfilter.
  [[nodiscard]] static Result<PacketFilter> open();

  /// All of a change or nothing of it. Error kUnsupported when the kernel lacks nf_tables or an expression of it.
  [[nodiscard]] Status apply(filter::Batch batch);

  /// By which the kernel's news say that a change was ours.
  [[nodiscard]] unsigned port() const;

  /// The base chains there are, of all tables.
  [[nodiscard]] Result<std::vector<ForeignChain>> base_chains();

  /// Whether a rule of the chain's table compares something with a text that begins like this: the name of a device.
  [[nodiscard]] Result<bool> table_mentions(const ForeignChain& chain, std::string_view start);

 private:
  explicit PacketFilter(UniqueFd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Status send(const filter::Octets& bytes);

  UniqueFd socket_;
};

}  // namespace cmp::net
