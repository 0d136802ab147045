#include "compose/text_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/core.h>

namespace cmp::compose {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool is_continuation(std::string_view text, std::size_t i) {
  return (byte_at(text, i) & 0xC0U) == 0x80U;
}

/// The length of the valid sequence that starts at `i`, 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const unsigned first = byte_at(text, i);
  const unsigned second = byte_at(text, i + 1);
  if (first < 0x80U) {
    return 1;
  }
  if (first >= 0xC2U && first <= 0xDFU) {
    return is_continuation(text, i + 1) ? 2 : 0;
  }
  if (first >= 0xE0U && first <= 0xEFU) {
    const bool overlong = first == 0xE0U && second < 0xA0U;
    const bool surrogate = first == 0xEDU && second > 0x9FU;
    return !overlong && !surrogate && is_continuation(text, i + 1) && is_continuation(text, i + 2) ? 3 : 0;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    const bool out_of_range = (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU);
    const bool whole = is_continuation(text, i + 1) && is_continuation(text, i + 2) && is_continuation(text, i + 3);
    return !out_of_range && whole ? 4 : 0;
  }
  return 0;
}

bool is_forbidden_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20U && c != '\t' && c != '\n' && c != '\r') || byte == 0x7FU;
}

/// Nearly all of a file, and never wrong.
bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

SourcePos position_of(std::string_view text, std::size_t offset, const std::string& file) {
  SourcePos pos{file, 1, 1};
  for (std::size_t i = 0; i < offset; ++i) {
    pos.column = text[i] == '\n' ? 1 : pos.column + 1;
    pos.line += text[i] == '\n' ? 1 : 0;
  }
  return pos;
}

using CharacterTest = bool (*)(char);

Status check(std::string_view text, const std::string& file, CharacterTest forbidden) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_printable(text[i])) {
      ++i;
      continue;
    }
    const std::size_t length = sequence_length(text, i);
    if (length == 0) {
      return make_error(Code::kInvalid, fmt::format("byte 0x{:02x} is not valid UTF-8", byte_at(text, i)))
          .at(position_of(text, i, file));
    }
    if (forbidden(text[i])) {
      return make_error(Code::kInvalid, fmt::format("control character 0x{:02x} is not allowed", byte_at(text, i)))
          .at(position_of(text, i, file));
    }
    i += length;
  }
  return {};
}

}  // namespace

Status check_text(std::string_view text, const std::string& file) {
  return check(text, file, is_forbidden_control);
}

Status check_utf8(std::string_view text, const std::string& file) {
  return check(text, file, [](char c) { return c == '\0'; });
}

std::string_view without_bom(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

}  // namespace cmp::compose
