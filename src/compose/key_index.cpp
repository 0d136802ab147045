#include "compose/key_index.hpp"

#include <algorithm>

namespace cmp::compose {

KeyIndex::KeyIndex(const std::vector<Entry>& entries) {
  sorted_.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    sorted_.emplace_back(entries[i].key, i);
  }
  std::sort(sorted_.begin(), sorted_.end());
}

std::size_t KeyIndex::find(std::string_view key) const {
  const auto it = std::lower_bound(sorted_.begin(), sorted_.end(), std::make_pair(key, std::size_t{0}));
  return it != sorted_.end() && it->first == key ? it->second : kNone;
}

std::vector<std::pair<std::size_t, std::size_t>> KeyIndex::duplicates() const {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t first = 0, i = 1; i < sorted_.size(); ++i) {
    if (sorted_[i].first == sorted_[first].first) {
      found.emplace_back(sorted_[first].second, sorted_[i].second);
    } else {
      first = i;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace cmp::compose
