#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "compose/phases.hpp"

namespace cmp::compose {
namespace {

/// As a reader meets them: files in the order in which they were first named, then lines.
void sort_by_place(std::vector<Error>& errors) {
  std::map<std::string, std::size_t> files;
  for (const Error& error : errors) {
    files.emplace(error.where.file, files.size());
  }
  std::ranges::stable_sort(errors, {}, [&files](const Error& error) {
    return std::tuple(files.at(error.where.file), error.where.line, error.where.column);
  });
}

}  // namespace

void Problems::error(const Origin& origin, std::string message) {
  errors.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
}

void Problems::warn(const Origin& origin, std::string message) {
  warnings.push_back({origin.pos(), std::move(message)});
}

Error Problems::combined() && {
  sort_by_place(errors);
  Error first = std::move(errors.front());
  first.others.insert(first.others.end(), std::make_move_iterator(errors.begin() + 1),
                      std::make_move_iterator(errors.end()));
  errors.clear();
  return first;
}

}  // namespace cmp::compose
