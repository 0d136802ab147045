#pragma once
// Where a walk through a document stands, without building path strings until a message needs one.

#include <cstddef>
#include <string>
#include <string_view>

namespace cmp::compose {

/// One step of a path; the steps above live on the stack of the walk.
struct Place {
  const Place* above = nullptr;
  std::string_view key;  ///< "" for an element of a list
  std::size_t index = 0;

  [[nodiscard]] Place at(std::string_view name) const { return {this, name, 0}; }

  [[nodiscard]] Place at(std::size_t position) const { return {this, {}, position}; }

  /// `services.web.ports[0]`; "" for the document.
  [[nodiscard]] std::string text() const;
};

}  // namespace cmp::compose
