#include "base/combined.hpp"

#include <iterator>
#include <utility>

namespace cmp {

Status combined(std::vector<Error> errors) {
  if (errors.empty()) {
    return {};
  }
  Error first = std::move(errors.front());
  first.others.insert(first.others.end(), std::make_move_iterator(errors.begin() + 1),
                      std::make_move_iterator(errors.end()));
  return first;
}

}  // namespace cmp
