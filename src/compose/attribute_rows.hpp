#pragma once
// The parts of the attribute table, for attributes.cpp only.

#include <span>
#include <string_view>

#include "compose/attributes.hpp"

namespace cmp::compose::rows {

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

constexpr Attribute honoured(std::string_view path, Form form, std::string_view note = {}) {
  return {.path = path, .form = form, .support = Support::kHonoured, .note = note};
}

constexpr Attribute conditional(std::string_view path, Form form, std::string_view note) {
  return {.path = path, .form = form, .support = Support::kConditional, .note = note};
}

constexpr Attribute refused(std::string_view path, Form form, std::string_view note) {
  return {.path = path, .form = form, .support = Support::kRefused, .note = note};
}

constexpr Attribute not_yet(std::string_view path, Form form, std::string_view note) {
  return {.path = path, .form = form, .support = Support::kNotYet, .note = note};
}

[[nodiscard]] std::span<const Attribute> top_level();
[[nodiscard]] std::span<const Attribute> service();
[[nodiscard]] std::span<const Attribute> service_mappings();
[[nodiscard]] std::span<const Attribute> build();
[[nodiscard]] std::span<const Attribute> deploy();
[[nodiscard]] std::span<const Attribute> resources();

}  // namespace cmp::compose::rows
