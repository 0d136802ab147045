#include "compose/yaml_complaint.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <yaml-cpp/exceptions.h>

namespace cmp::compose {

namespace {

struct Wording {
  std::string_view complaint;
  std::string_view words;
};

/// yaml-cpp's messages are no constant expressions.
std::string_view words_for(std::string_view complaint) {
  const std::array wordings = {
      Wording{YAML::ErrorMsg::END_OF_MAP,
              "this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
      Wording{YAML::ErrorMsg::END_OF_SEQ, "this fits not into the list before it: check its indentation, and the '- '"},
      Wording{YAML::ErrorMsg::END_OF_MAP_FLOW, "expected ',' or '}'"},
      Wording{YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected ',' or ']'"},
      Wording{YAML::ErrorMsg::MAP_VALUE, "a mapping can't begin inside a value, put the value in quotes"},
      Wording{YAML::ErrorMsg::MAP_KEY, "'?' can't begin a mapping inside a value"},
      Wording{YAML::ErrorMsg::BLOCK_ENTRY, "'-' can't begin a list inside a value"},
      Wording{YAML::ErrorMsg::FLOW_END, "this bracket closes nothing"},
      Wording{YAML::ErrorMsg::CHAR_IN_BLOCK, "unexpected text behind the sign of a block text"},
      Wording{YAML::ErrorMsg::MULTIPLE_ANCHORS, "a second anchor for the same value"},
      Wording{YAML::ErrorMsg::MULTIPLE_TAGS, "a second tag for the same value"},
      Wording{YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation, use blanks"},
      Wording{YAML::ErrorMsg::INVALID_HEX, "an escape needs more hexadecimal digits"},
      Wording{YAML::ErrorMsg::EOF_IN_SCALAR, "a quoted text has no end"},
      Wording{YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text has no end"},
  };
  const auto found = std::ranges::find(wordings, complaint, &Wording::complaint);
  return found == wordings.end() ? complaint : found->words;
}

}  // namespace

std::string yaml_complaint(std::string_view complaint, std::string_view rest) {
  if (complaint.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    return fmt::format("'{}' refers to an anchor that is not defined before it",
                       rest.substr(0, rest.find_first_of(" \t\n,]}")));
  }
  if (complaint == YAML::ErrorMsg::UNKNOWN_TOKEN && !rest.empty()) {
    return fmt::format("unexpected '{}', put the text in quotes", rest.front());
  }
  if (complaint.starts_with(YAML::ErrorMsg::INVALID_UNICODE)) {
    return "an escape names no character";
  }
  return std::string(words_for(complaint));
}

}  // namespace cmp::compose
