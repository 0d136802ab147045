#include "compose/tree_values.hpp"

#include "compose/quantity.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

const Node* scalar_at(const Node& mapping, std::string_view key) {
  const Node* node = mapping.find(key);
  return node != nullptr && node->is_scalar() ? node : nullptr;
}

}  // namespace

const Node* find_path(const Node& from, std::initializer_list<std::string_view> keys) {
  const Node* node = &from;
  for (const std::string_view key : keys) {
    node = node->find(key);
    if (node == nullptr || node->is_null()) {
      return nullptr;
    }
  }
  return node;
}

const std::string& text_at(const Node& mapping, std::string_view key) {
  static const std::string none;
  const Node* node = scalar_at(mapping, key);
  return node == nullptr ? none : node->scalar;
}

std::optional<bool> bool_at(const Node& mapping, std::string_view key) {
  const Node* node = scalar_at(mapping, key);
  return node == nullptr ? std::nullopt : parse_bool(node->scalar);
}

std::optional<std::int64_t> integer_at(const Node& mapping, std::string_view key) {
  const Node* node = scalar_at(mapping, key);
  return node == nullptr ? std::nullopt : parse_integer(node->scalar);
}

std::optional<double> number_at(const Node& mapping, std::string_view key) {
  const Node* node = scalar_at(mapping, key);
  return node == nullptr ? std::nullopt : parse_number(node->scalar);
}

const std::vector<Node>& items_at(const Node& mapping, std::string_view key) {
  static const std::vector<Node> none;
  const Node* node = mapping.find(key);
  return node == nullptr ? none : node->items;
}

const std::vector<Entry>& entries_at(const Node& mapping, std::string_view key) {
  static const std::vector<Entry> none;
  const Node* node = mapping.find(key);
  return node == nullptr ? none : node->entries;
}

std::vector<std::string> texts_at(const Node& mapping, std::string_view key) {
  std::vector<std::string> texts;
  for (const Node& item : items_at(mapping, key)) {
    if (item.is_scalar()) {
      texts.push_back(scalar_text(item));
    }
  }
  return texts;
}

}  // namespace cmp::compose
