#include "cli/outcome.hpp"

#include <utility>

namespace cmp::cli {

Result<int> conclude(Outcome outcome) {
  if (outcome.interrupted) {
    return 130;
  }
  if (outcome.errors.empty()) {
    return 0;
  }
  Error first = std::move(outcome.errors.front());
  for (std::size_t i = 1; i < outcome.errors.size(); ++i) {
    first.others.push_back(std::move(outcome.errors[i]));
  }
  return first;
}

}  // namespace cmp::cli
