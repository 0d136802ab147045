#pragma once
// Reading values out of the canonical tree. Everything here takes what is missing, or of another kind, for empty.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/node.hpp"

namespace cmp::compose {

/// The node below a chain of keys; nullptr if one is missing or null.
[[nodiscard]] const Node* find_path(const Node& from, std::initializer_list<std::string_view> keys);

/// The text of a scalar under `key`; "" if there is none.
[[nodiscard]] const std::string& text_at(const Node& mapping, std::string_view key);

/// A canonical boolean under `key`.
[[nodiscard]] std::optional<bool> bool_at(const Node& mapping, std::string_view key);

/// A canonical whole number, or bytes, under `key`.
[[nodiscard]] std::optional<std::int64_t> integer_at(const Node& mapping, std::string_view key);

/// A canonical number under `key`.
[[nodiscard]] std::optional<double> number_at(const Node& mapping, std::string_view key);

/// The elements of the list under `key`.
[[nodiscard]] const std::vector<Node>& items_at(const Node& mapping, std::string_view key);

/// The entries of the mapping under `key`.
[[nodiscard]] const std::vector<Entry>& entries_at(const Node& mapping, std::string_view key);

/// The texts of the scalars in the list under `key`.
[[nodiscard]] std::vector<std::string> texts_at(const Node& mapping, std::string_view key);

}  // namespace cmp::compose
