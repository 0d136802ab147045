#pragma once
// What name servers outside have answered, for as long as they said it holds. Pure: the time is an argument.

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "net/dns_message.hpp"

namespace cmp::net::dns {

class Cache {
 public:
  /// \param most  so many answers are kept; beyond that the one that ends first gives way
  explicit Cache(std::size_t most = 1024) : most_(most) {}

  /// What has to be the same for the same answer: all of the query but its id, the case of its letters and a cookie,
  /// and `scope`, which says who is asked and how.
  [[nodiscard]] static std::string key_of(BytesView message, const Query& query, const std::string& scope);

  /// The reply to `query`, its times to live counted down; nothing when there is none any more.
  [[nodiscard]] std::optional<Bytes> find(const std::string& key, const Query& query, MonotonicTime now);
  /// Keeps a reply of an upstream, if it may be given again.
  void put(const std::string& key, BytesView reply, MonotonicTime now);

  [[nodiscard]] std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    Bytes reply;
    Lifetime life;
    MonotonicTime since, until;
  };

  void make_room(MonotonicTime now);

  std::size_t most_;
  std::map<std::string, Kept> kept_;
};

}  // namespace cmp::net::dns
