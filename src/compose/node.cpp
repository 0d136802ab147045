#include "compose/node.hpp"

#include <algorithm>

namespace cmp::compose {

void Origin::add_note(Note note) {
  auto noted = std::make_shared<Source>();
  noted->file = source ? source->file : std::string();
  noted->notes.push_back(std::move(note));
  if (source) {
    noted->notes.insert(noted->notes.end(), source->notes.begin(), source->notes.end());
  }
  source = std::move(noted);
}

const Node* Node::find(std::string_view key) const {
  const auto it = std::ranges::find(entries, key, &Entry::key);
  return it == entries.end() ? nullptr : &it->value;
}

Node* Node::find(std::string_view key) {
  const auto it = std::ranges::find(entries, key, &Entry::key);
  return it == entries.end() ? nullptr : &it->value;
}

Node& Node::operator[](std::string_view key) {
  if (Node* found = find(key)) {
    return *found;
  }
  kind = Kind::kMapping;
  entries.push_back({std::string(key), {}, {}});
  return entries.back().value;
}

bool Node::erase(std::string_view key) {
  return std::erase_if(entries, [key](const Entry& entry) { return entry.key == key; }) > 0;
}

}  // namespace cmp::compose
