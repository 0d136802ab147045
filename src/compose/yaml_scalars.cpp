#include "compose/yaml_scalars.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

namespace cmp::compose {

namespace {

Error invalid(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80U) {
    byte(code);
  } else if (code < 0x800U) {
    byte(0xC0U | (code >> 6U));
    byte(0x80U | (code & 0x3FU));
  } else if (code < 0x10000U) {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  } else {
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  }
}

std::optional<std::uint32_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<std::uint32_t>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<std::uint32_t>(c - 'a' + 10);
  }
  return c >= 'A' && c <= 'F' ? std::optional(static_cast<std::uint32_t>(c - 'A' + 10)) : std::nullopt;
}

/// \xHH, \uHHHH, \UHHHHHHHH; the cursor is behind the letter.
Status read_code_point(YamlCursor& cursor, int digits, std::string& out) {
  std::uint32_t code = 0;
  for (int i = 0; i < digits; ++i) {
    const std::optional<std::uint32_t> digit = hex_digit(cursor.peek());
    if (!digit) {
      return invalid("an escape needs more hexadecimal digits");
    }
    code = (code << 4U) | *digit;
    cursor.skip(1);
  }
  if (code == 0 || code > 0x10FFFFU || (code >= 0xD800U && code <= 0xDFFFU)) {
    return invalid(fmt::format("an escape names U+{:04X}, which is no character", code));
  }
  append_utf8(out, code);
  return {};
}

/// Behind a backslash, which is not the last character of its line.
Status read_escape(YamlCursor& cursor, std::string& out) {
  constexpr std::string_view kNames = "abtnvfre \t\"/\\";
  constexpr std::string_view kValues = "\a\b\t\n\v\f\r\x1B \t\"/\\";
  const char c = cursor.peek();
  cursor.skip(1);
  if (const std::size_t at = kNames.find(c); at != std::string_view::npos && c != '\0') {
    out += kValues[at];
    return {};
  }
  switch (c) {
    case 'N':
      append_utf8(out, 0x85U);
      return {};
    case '_':
      append_utf8(out, 0xA0U);
      return {};
    case 'L':
      append_utf8(out, 0x2028U);
      return {};
    case 'P':
      append_utf8(out, 0x2029U);
      return {};
    case 'x':
      return read_code_point(cursor, 2, out);
    case 'u':
      return read_code_point(cursor, 4, out);
    case 'U':
      return read_code_point(cursor, 8, out);
    default:
      return invalid(fmt::format("unknown escape '\\{}' in a double-quoted text", c));
  }
}

/// The cursor is at a line's end: one break becomes a blank, more become one less. Goes to the next text.
void fold_breaks(YamlCursor& cursor, std::string& out, bool keep_first) {
  std::size_t breaks = 0;
  while (!cursor.at_end() && cursor.at_line_end()) {
    cursor.advance();
    cursor.skip_blanks();
    ++breaks;
  }
  if (breaks == 1 && keep_first) {
    out += ' ';
  }
  out.append(breaks - 1, '\n');
}

void trim_blanks(std::string& out, std::size_t down_to) {
  while (out.size() > down_to && (out.back() == ' ' || out.back() == '\t')) {
    out.pop_back();
  }
}

struct BlockHeader {
  bool folded = false;
  char chomping = 0;  ///< '-', '+' or 0
  int indent = 0;     ///< 0 is: as the first line
};

Result<BlockHeader> read_block_header(YamlCursor& cursor) {
  BlockHeader header;
  header.folded = cursor.peek() == '>';
  cursor.skip(1);
  for (int i = 0; i < 2; ++i) {
    const char c = cursor.peek();
    if ((c == '-' || c == '+') && header.chomping == 0) {
      header.chomping = c;
      cursor.skip(1);
    } else if (c >= '1' && c <= '9' && header.indent == 0) {
      header.indent = c - '0';
      cursor.skip(1);
    }
  }
  const bool blank = cursor.at_blank();
  cursor.skip_blanks();
  if (cursor.peek() == '#' && blank) {
    cursor.skip_to_line_end();
  }
  if (!cursor.at_line_end()) {
    return invalid("unexpected text behind the sign of a block text");
  }
  return header;
}

/// Goes to the first line's text and returns its column, or that of the deepest blank line before the end.
int detect_indent(YamlCursor cursor) {
  int deepest = 0;
  while (!cursor.at_end()) {
    while (cursor.peek() == ' ') {
      cursor.skip(1);
    }
    deepest = std::max(deepest, cursor.column());
    if (!cursor.at_line_end()) {
      return cursor.column();
    }
    if (!cursor.at_end()) {
      cursor.advance();
    }
  }
  return deepest;
}

/// Eats line breaks and up to `indent` blanks before each line; the breaks are counted.
std::size_t skip_indentation(YamlCursor& cursor, int indent) {
  std::size_t breaks = 0;
  while (true) {
    while (cursor.column() < indent && cursor.peek() == ' ') {
      cursor.skip(1);
    }
    if (cursor.at_end() || !cursor.at_line_end()) {
      return breaks;
    }
    cursor.advance();
    ++breaks;
  }
}

}  // namespace

Result<std::string> read_quoted(YamlCursor& cursor) {
  const char quote = cursor.peek();
  std::string out;
  std::size_t fixed = 0;  // what stands before was written by an escape: its blanks are no blanks
  cursor.skip(1);
  while (!cursor.at_end()) {
    const char c = cursor.peek();
    if (c == '\n') {
      trim_blanks(out, fixed);
      fold_breaks(cursor, out, true);
      fixed = out.size();
      if (cursor.at_marker()) {
        break;
      }
      continue;
    }
    cursor.skip(1);
    if (c == quote && quote == '\'' && cursor.peek() == '\'') {
      cursor.skip(1);
      out += '\'';
    } else if (c == quote) {
      return out;
    } else if (c == '\\' && quote == '"') {
      if (cursor.peek() == '\n') {
        fold_breaks(cursor, out, false);
      } else {
        CMP_CHECK(read_escape(cursor, out));
      }
      fixed = out.size();
    } else {
      out += c;
    }
  }
  return invalid("the quoted text that begins here has no end");
}

Result<std::string> read_block_scalar(YamlCursor& cursor, int indent) {
  CMP_TRY(const BlockHeader header, read_block_header(cursor));
  if (!cursor.at_end()) {
    cursor.advance();
  }
  const int detected = detect_indent(cursor);
  const int column = header.indent > 0 ? std::max(indent, 0) + header.indent : std::max(detected, indent + 1);
  std::string out;
  bool pending_break = false;  // behind the last text line
  bool last_blank = false;     // it began with a blank
  std::size_t breaks = skip_indentation(cursor, column);
  while (!cursor.at_end() && cursor.column() == column && !cursor.at_marker()) {
    const bool blank = cursor.at_blank();
    const bool fold = header.folded && pending_break && !last_blank && !blank;
    if (pending_break && (!fold || breaks == 0)) {
      out += fold ? ' ' : '\n';
    }
    out.append(breaks, '\n');
    last_blank = blank;
    const std::size_t begin = cursor.offset();
    cursor.skip_to_line_end();
    out += cursor.since(begin);
    pending_break = !cursor.at_end();
    if (pending_break) {
      cursor.advance();
    }
    breaks = skip_indentation(cursor, column);
  }
  if (pending_break && header.chomping != '-') {
    out += '\n';
  }
  if (header.chomping == '+') {
    out.append(breaks, '\n');
  }
  return out;
}

std::string_view read_plain_line(YamlCursor& cursor, YamlContext context) {
  constexpr std::string_view kFlowSigns = ",[]{}";
  const std::size_t begin = cursor.offset();
  std::size_t length = 0;
  for (std::size_t i = 0;; ++i) {
    const char c = cursor.peek(i);
    if (c == '\n' || c == '\0') {
      break;
    }
    const bool flow_sign = context == YamlContext::kFlow && kFlowSigns.find(c) != std::string_view::npos;
    const bool in_flow_colon =
        context == YamlContext::kFlow && kFlowSigns.find(cursor.peek(i + 1)) != std::string_view::npos;
    const bool colon = c == ':' && (cursor.separated(i + 1) || in_flow_colon);
    const bool comment = c == '#' && i > length;
    if (flow_sign || colon || comment) {
      break;
    }
    length = c == ' ' || c == '\t' ? length : i + 1;
  }
  cursor.skip(length);
  return cursor.since(begin);
}

void read_plain_rest(YamlCursor& cursor, YamlContext context, int indent, std::string& text) {
  while (true) {
    YamlCursor next = cursor;
    next.skip_blanks();
    if (next.at_end() || !next.at_line_end()) {
      return;  // a comment, or a sign that ends it
    }
    std::string gap;
    fold_breaks(next, gap, true);
    const bool deeper = context == YamlContext::kFlow || next.column() > indent;
    if (next.at_end() || next.peek() == '#' || !deeper || next.at_marker()) {
      return;
    }
    const std::string_view line = read_plain_line(next, context);
    if (line.empty()) {
      return;
    }
    text += gap;
    text += line;
    cursor = next;
  }
}

}  // namespace cmp::compose
