#pragma once
// Looks up keys of one large mapping without comparing each with each.

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/node.hpp"

namespace cmp::compose {

/// A snapshot of the keys of a mapping, sorted. Valid while no entry is added to or removed from the mapping.
class KeyIndex {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit KeyIndex(const std::vector<Entry>& entries);

  /// The position of the first entry with `key`, or kNone.
  [[nodiscard]] std::size_t find(std::string_view key) const;
  /// Pairs (first position, later position) of keys that occur more than once.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> duplicates() const;

 private:
  std::vector<std::pair<std::string_view, std::size_t>> sorted_;
};

}  // namespace cmp::compose
