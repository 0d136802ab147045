#include <iterator>
#include <utility>

#include "compose/phases.hpp"

namespace cmp::compose {

void Problems::error(const Origin& origin, std::string message) {
  errors.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
}

void Problems::warn(const Origin& origin, std::string message) {
  warnings.push_back({origin.pos(), std::move(message)});
}

Error Problems::combined() && {
  Error first = std::move(errors.front());
  first.others.insert(first.others.end(), std::make_move_iterator(errors.begin() + 1),
                      std::make_move_iterator(errors.end()));
  errors.clear();
  return first;
}

}  // namespace cmp::compose
