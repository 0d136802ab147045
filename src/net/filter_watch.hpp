#pragma once
// Notices when somebody takes a table of the packet filter away: `nft flush ruleset`, which is what reloading
// nftables.service begins with; and when others change theirs.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

struct FilterNews {
  bool removed = false;  ///< somebody else has removed the table that was asked about, or news were lost
  bool others = false;   ///< chains or rules of a table that is nobody's of us ("cmp-…") have changed
};

class FilterWatch {
 public:
  /// In the network namespace the caller is in.
  [[nodiscard]] static Result<FilterWatch> open();

  /// Readable when there is news.
  [[nodiscard]] int fd() const { return socket_.get(); }

  /// Takes all news. What `own_port` (PacketFilter::port) has done is none.
  [[nodiscard]] FilterNews take_news(const std::string& table, unsigned own_port);

 private:
  explicit FilterWatch(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace cmp::net
