// How a string is written so that YAML reads it back as the same string: the choices of Docker Compose's YAML library.

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compose/scalar.hpp"
#include "compose/yaml_text.hpp"

namespace cmp::compose {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

/// Words that older YAML reads as booleans.
bool is_old_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 16> kWords{"y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
                                                    "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF"};
  return std::ranges::find(kWords, text) != kWords.end();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// 22:22 is a number to the base of 60 in older YAML.
bool is_sexagesimal(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !all_digits(text.substr(0, colon))) {
    return false;
  }
  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const std::size_t next = rest.find(':');
    const std::string_view part = rest.substr(0, next);
    if (!all_digits(part) || part.size() > 2 || (part.size() == 2 && part[0] > '5')) {
      return false;
    }
    if (next == std::string_view::npos) {
      return true;
    }
    rest = rest.substr(next + 1);
  }
}

/// 2026-11-22, perhaps with a time behind it.
bool is_date(std::string_view text) {
  return text.size() >= 8 && all_digits(text.substr(0, 4)) && text[4] == '-' &&
         text.find('-', 5) != std::string_view::npos && text.find('-', 5) <= 7 &&
         all_digits(text.substr(5, text.find('-', 5) - 5));
}

bool reads_as_other_type(std::string_view text) {
  return plain_type(text) != ScalarType::kString || is_old_boolean(text) || is_sexagesimal(text) || is_date(text) ||
         text == "<<";
}

bool has_indicator(std::string_view text) {
  constexpr std::string_view kFirst = "#,[]{}&*!|>'\"%@`";
  const bool alone = text.size() == 1 || is_space(text[1]);
  if (kFirst.find(text[0]) != std::string_view::npos ||
      ((text[0] == '-' || text[0] == '?' || text[0] == ':') && alone)) {
    return true;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool last = i + 1 == text.size();
    if ((text[i] == ':' && (last || is_space(text[i + 1]))) || (text[i] == '#' && is_space(text[i - 1]))) {
      return true;
    }
  }
  return text.starts_with("---") || text.starts_with("...");
}

std::string double_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\r':
        result += "\\r";
        break;
      default:
        result += is_control(c) ? fmt::format("\\x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)))
                                : std::string(1, c);
    }
  }
  return result + "\"";
}

std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? "''" : std::string(1, c);
  }
  return result + "'";
}

bool has_space_before_break(std::string_view text) {
  return text.find(" \n") != std::string_view::npos || text.ends_with(' ');
}

/// A literal block; the caller has checked that the text can be one.
std::string block(std::string_view text, std::size_t indent) {
  std::string result = "|";
  if (text[0] == ' ' || text[0] == '\n') {
    result += fmt::format("{}", 2);
  }
  if (!text.ends_with('\n')) {
    result += '-';
  } else if (text.size() == 1 || text.ends_with("\n\n")) {
    result += '+';
  }
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    result += '\n';
    if (end > start) {
      result.append(indent, ' ');
      result += text.substr(start, end - start);
    }
    start = end + 1;
  }
  return result;
}

}  // namespace

std::string yaml_string(std::string_view text, std::size_t indent) {
  const bool control = std::ranges::any_of(text, is_control);
  if (text.find('\n') != std::string_view::npos) {
    return control || indent == 0 || has_space_before_break(text) ? double_quoted(text) : block(text, indent);
  }
  if (text.empty() || control || text.find('\t') != std::string_view::npos || reads_as_other_type(text)) {
    return double_quoted(text);
  }
  if (text.front() == ' ' || text.back() == ' ' || has_indicator(text)) {
    return single_quoted(text);
  }
  return std::string(text);
}

}  // namespace cmp::compose
