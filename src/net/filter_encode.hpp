#pragma once
// Tables of the packet filter as nf_tables wants them: netlink messages, all of one change in one batch, which the
// kernel takes as a whole or not at all (linux/netfilter/nf_tables.h). Pure: nothing is sent.

#include <cstdint>
#include <string>
#include <vector>

#include "net/filter_rules.hpp"

namespace cmp::net::filter {

using Octets = std::vector<unsigned char>;

/// One change. Messages are numbered from 1 in the order they were added.
class Batch {
 public:
  Batch();
  /// The table is as given afterwards, whatever it was before.
  void replace(const Table& table);
  /// The table is gone afterwards; it may be missing.
  void remove(const std::string& table, Family family);
  /// The whole change, to be sent at once.
  [[nodiscard]] Octets take() &&;

 private:
  void add_table(const std::string& table, Family family);
  void delete_table(const std::string& table, Family family);
  void add_chain(const Table& table, const Chain& chain);
  void add_rule(const Table& table, const Chain& chain, const Rule& rule);
  void close();

  Octets bytes_;
  std::size_t open_ = 0;  ///< where the message under way begins
  std::uint32_t sequence_ = 0;
};

/// A request that lists all chains of both families.
[[nodiscard]] Octets list_chains_request();
/// The same of all rules of one table. `family` is one of NFPROTO_*.
[[nodiscard]] Octets list_rules_request(std::uint8_t family, const std::string& table);

}  // namespace cmp::net::filter
