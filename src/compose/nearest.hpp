#pragma once
// "did you mean": the word that was probably meant.

#include <span>
#include <string_view>

namespace cmp::compose {

/// The number of letters to insert, remove, change or swap with their neighbour to get from one word to the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate most like `word`, the first of equals; "" if none is close enough to be a typing error.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace cmp::compose
