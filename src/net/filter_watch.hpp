#pragma once
// Notices when somebody takes a table of the packet filter away: `nft flush ruleset`, which is what reloading
// nftables.service begins with.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

class FilterWatch {
 public:
  /// In the network namespace the caller is in.
  [[nodiscard]] static Result<FilterWatch> open();

  /// Readable when there is news.
  [[nodiscard]] int fd() const { return socket_.get(); }

  /// Takes all news; true if somebody other than `own_port` (PacketFilter::port) has removed `table`, or if news were
  /// lost.
  [[nodiscard]] bool take_news(const std::string& table, unsigned own_port);

 private:
  explicit FilterWatch(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace cmp::net
