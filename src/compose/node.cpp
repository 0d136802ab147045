#include "compose/node.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

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
  // Sizes first: the phases do nothing as often as this.
  for (const Entry& entry : entries) {
    if (entry.key.size() == key.size() && std::memcmp(entry.key.data(), key.data(), key.size()) == 0) {
      return &entry.value;
    }
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));  // NOLINT(cppcoreguidelines-pro-type-const-cast): ours
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
