#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "compose/phases.hpp"

namespace cmp::compose {
namespace {

constexpr std::size_t kMostKept = 2000;
constexpr std::size_t kMostTold = 100;

/// As a reader meets them: files in the order in which they were first named, then lines.
template <typename Told>
void sort_by_place(std::vector<Told>& all) {
  std::map<std::string, std::size_t> files;
  for (const Told& one : all) {
    files.emplace(one.where.file, files.size());
  }
  std::ranges::stable_sort(all, {}, [&files](const Told& one) {
    return std::tuple(files.at(one.where.file), one.where.line, one.where.column);
  });
}

/// The message without the name of the service it is about: an alias, `<<` and extends bring one value to many.
std::string without_name(const std::string& message) {
  constexpr std::string_view kSection = "services.";
  const std::size_t section = message.find(kSection);
  if (section == std::string::npos) {
    return message;
  }
  const std::size_t name = section + kSection.size();
  return message.substr(0, name) + message.substr(std::min(message.find_first_of(".: ", name), message.size()));
}

void drop_repeated(std::vector<Error>& errors) {
  std::set<std::string> seen;
  std::erase_if(errors, [&seen](const Error& error) {
    return !seen.insert(error.where.str() + '\n' + (error.where.known() ? without_name(error.message) : error.message))
                .second;
  });
}

bool is_wrong(const Node& node) {
  return node.health == Health::kWrong;
}

void remove_wrong_below(Node& node) {
  const std::size_t before = node.items.size() + node.entries.size();
  std::erase_if(node.items, is_wrong);
  std::erase_if(node.entries, [](const Entry& entry) { return is_wrong(entry.value); });
  if (node.items.size() + node.entries.size() != before) {
    node.health = Health::kIncomplete;
  }
  for (Node& item : node.items) {
    remove_wrong_below(item);
  }
  for (Entry& entry : node.entries) {
    remove_wrong_below(entry.value);
  }
}

void empty_wrong_elements(Node& section) {
  for (Entry& element : section.entries) {
    if (is_wrong(element.value)) {
      Node empty;
      empty.kind = Node::Kind::kMapping;
      empty.health = Health::kIncomplete;
      empty.origin = std::move(element.value.origin);
      element.value = std::move(empty);
    }
  }
}

}  // namespace

void Problems::error(const Origin& origin, std::string message) {
  add(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
}

void Problems::add(Error error) {
  std::vector<Error> others = std::move(error.others);
  error.others.clear();
  others.insert(others.begin(), std::move(error));
  for (Error& each : others) {
    if (errors.size() < kMostKept) {
      errors.push_back(std::move(each));
    } else {
      ++uncounted;
    }
  }
}

void Problems::wrong(Node& value, std::string message) {
  error(value.origin, std::move(message));
  value.health = Health::kWrong;
}

void Problems::warn(const Origin& origin, std::string message) {
  warnings.push_back({origin.pos(), std::move(message)});
}

std::vector<Warning> Problems::take_warnings() {
  sort_by_place(warnings);
  return std::move(warnings);
}

Error Problems::combined() && {
  sort_by_place(errors);
  drop_repeated(errors);
  const std::size_t more = uncounted + (errors.size() > kMostTold ? errors.size() - kMostTold : 0);
  if (more > 0) {
    errors.resize(std::min(errors.size(), kMostTold));
    errors.push_back(make_error(Code::kInvalid, fmt::format("and {} more errors", more)));
  }
  Error first = std::move(errors.front());
  first.others.insert(first.others.end(), std::make_move_iterator(errors.begin() + 1),
                      std::make_move_iterator(errors.end()));
  errors.clear();
  return first;
}

void remove_wrong(Node& document) {
  constexpr std::array<std::string_view, 6> kSections = {"services", "networks", "volumes",
                                                         "configs",  "secrets",  "models"};
  for (const std::string_view section : kSections) {
    if (Node* elements = document.find(section); elements != nullptr && !is_wrong(*elements)) {
      empty_wrong_elements(*elements);
    }
  }
  remove_wrong_below(document);
}

}  // namespace cmp::compose
