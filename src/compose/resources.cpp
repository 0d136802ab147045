#include <initializer_list>

#include <fmt/core.h>

#include "compose/consistency.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

/// An external volume exists already: nothing but its name can be said about it.
void check_volume(const Entry& entry, Problems& problems) {
  if (const Node* owner = entry.value.find("x-owner"); owner != nullptr && owner->scalar != "me") {
    problems.error(owner->origin, fmt::format("volumes.{}.x-owner must be 'me', who calls cmp", entry.key));
  }
  if (!bool_at(entry.value, "external").value_or(false)) {
    return;
  }
  for (const Entry& option : entry.value.entries) {
    if (option.key != "name" && option.key != "external" && !option.key.starts_with("x-")) {
      problems.error(
          option.key_origin,
          fmt::format("volumes.{}: conflicting parameters \"external\" and \"{}\" specified", entry.key, option.key));
    }
  }
}

std::string joined(std::initializer_list<std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    text += text.empty() ? "" : "|";
    text += word;
  }
  return text;
}

/// A config or a secret has exactly one source.
void check_file(const std::string& place, const Node& resource, const Origin& origin,
                std::initializer_list<std::string_view> sources, Problems& problems) {
  int given = 0;
  for (const std::string_view source : sources) {
    given += resource.find(source) == nullptr ? 0 : 1;
  }
  if (given > 1) {
    problems.error(origin, fmt::format("{}: {} attributes are mutually exclusive", place, joined(sources)));
  }
  if (given == 0 && resource.is_complete() && resource.find("driver") == nullptr &&
      resource.find("external") == nullptr) {
    problems.error(origin, fmt::format("{}: one of {} must be set", place, joined(sources)));
  }
}

}  // namespace

void check_resources(const Node& tree, Problems& problems) {
  for (const Entry& entry : entries_at(tree, "volumes")) {
    check_volume(entry, problems);
  }
  for (const Entry& entry : entries_at(tree, "configs")) {
    check_file("configs." + entry.key, entry.value, entry.key_origin, {"file", "environment", "content"}, problems);
  }
  for (const Entry& entry : entries_at(tree, "secrets")) {
    check_file("secrets." + entry.key, entry.value, entry.key_origin, {"file", "environment"}, problems);
  }
}

}  // namespace cmp::compose
