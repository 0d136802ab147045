#pragma once
// The text as it is handed to yaml-cpp, and what the text says where yaml-cpp's events are silent.

#include <cstddef>
#include <string>
#include <string_view>

#include "compose/node.hpp"

namespace cmp::compose {

/// yaml-cpp ends a plain scalar in [ ] and { } at any '?', as in `[curl, http://x/?a=b]`. The scanner sees this
/// byte instead: it is in no UTF-8 text, and no escape makes it.
inline constexpr char kMaskedQuestionMark = '\xF8';

/// `text` with Unix line ends, with question marks masked that begin no key, and with an end-of-document marker: at
/// the mere end of the text yaml-cpp takes an open quote for closed. Offsets, lines and columns are those of `text`
/// with Unix line ends.
[[nodiscard]] std::string source_for_parser(std::string_view text);

/// A scalar as the file has it.
[[nodiscard]] std::string unmasked(std::string scalar);

/// The text of a plain null (`null`, `~`) at `offset`; "" if there is none, for the value is absent.
[[nodiscard]] std::string_view null_word(std::string_view source, std::size_t offset);

/// The place of a node behind its tag and its anchor, which begin at `offset`.
[[nodiscard]] std::size_t behind_properties(std::string_view source, std::size_t offset);

/// The quote that is still open at the end, or at a document's end; npos if it is not found. All before `from` is read.
[[nodiscard]] std::size_t find_open_quote(std::string_view source, std::size_t from);

/// The first tab among the blanks that the line of `offset` begins with; npos if there is none.
[[nodiscard]] std::size_t tab_in_indentation(std::string_view source, std::size_t offset);

/// A document that begins at `offset` without '---', with `gap` between it and what was read before: what is wrong
/// about that, "" if nothing is.
[[nodiscard]] std::string_view bare_document_fault(std::string_view gap, bool first);

}  // namespace cmp::compose
