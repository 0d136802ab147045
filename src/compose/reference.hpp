#pragma once
// How references to variables are written in compose files and env files: `$NAME`, `${NAME}`, `${NAME:-word}` and the
// others (compose-spec.md 2.3).

#include <cstddef>
#include <optional>
#include <string_view>

namespace cmp::compose {

/// `${name op word}`, taken apart.
struct Reference {
  std::string_view name;
  char op = 0;                ///< '-', '+', '?' or 0 for none
  bool empty_counts = false;  ///< `:` before the operator: an empty value is like none
  std::string_view word;
  std::size_t end = 0;  ///< behind the closing brace
};

/// The name that `text` begins with; "" if it begins with none.
[[nodiscard]] std::string_view variable_name_at(std::string_view text);

/// Takes the references of one text apart, from the front to the back.
class ReferenceReader {
 public:
  explicit ReferenceReader(std::string_view text) : text_(text) {}

  /// The one whose `${` stands at `at`; nothing if it is malformed.
  [[nodiscard]] std::optional<Reference> braced(std::size_t at);

 private:
  std::size_t last_brace_on_line(std::size_t at);

  std::string_view text_;
  std::size_t line_end_ = 0;  ///< of the line that last_brace_ was sought on
  std::size_t last_brace_ = std::string_view::npos;
};

}  // namespace cmp::compose
