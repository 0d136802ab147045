#pragma once
// Random damage to compose files, the same for the same seed.

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cmp::fuzz {

class Mutator {
 public:
  /// `texts` are what inputs are made of; there must be one.
  Mutator(unsigned seed, std::vector<std::string> texts) : random_(seed), texts_(std::move(texts)) {}

  /// A text with a few changes.
  [[nodiscard]] std::string next();

  [[nodiscard]] std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

 private:
  void change(std::string& text);
  void change_lines(std::string& text);

  std::mt19937 random_;
  std::vector<std::string> texts_;
};

}  // namespace cmp::fuzz
