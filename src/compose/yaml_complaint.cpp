#include "compose/yaml_complaint.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

namespace cmp::compose {

namespace {

constexpr std::string_view kTab = "a tab in the indentation, use blanks";
constexpr std::string_view kBracket = "this bracket closes nothing";

struct Wording {
  std::string_view problem;
  std::string_view words;
};

constexpr std::array kWordings = {
    Wording{"did not find expected key",
            "this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
    Wording{"did not find expected '-' indicator", kNotInList},
    Wording{"did not find expected ',' or ']'", "expected ',' or ']'"},
    Wording{"did not find expected ',' or '}'", "expected ',' or '}'"},
    Wording{"did not find expected <document start>", "this fits into no mapping and no list before it"},
    Wording{"mapping values are not allowed in this context",
            "a mapping can't begin inside a value, put the value in quotes"},
    Wording{"mapping keys are not allowed in this context", "'?' can't begin a mapping inside a value"},
    Wording{"block sequence entries are not allowed in this context", "'-' can't begin a list inside a value"},
    Wording{"found a tab character where an indentation space is expected", kTab},
    Wording{"found a tab character that violates indentation", kTab},
    Wording{"did not find expected hexdecimal number", "an escape needs more hexadecimal digits"},
    Wording{"found invalid Unicode character escape code", "an escape names no character"},
    Wording{"found undefined tag handle", "no %TAG directive says what this tag begins with"},
    Wording{"control characters are not allowed", "a control character is not allowed"},
};

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_document_end(std::string_view rest) {
  return rest.empty() || rest.starts_with("...") || rest.starts_with("---");
}

std::size_t begin_of_line(std::string_view text, std::size_t at) {
  return text.substr(0, at).rfind('\n') + 1;
}

/// The first tab among the blanks that the line begins with; npos if there is none.
std::size_t tab_in_indentation(std::string_view text, std::size_t at) {
  const std::size_t tab = text.find_first_not_of(' ', begin_of_line(text, at));
  return tab < text.size() && text[tab] == '\t' ? tab : std::string_view::npos;
}

/// The line with something in it before that of `at` is a directive.
bool follows_directive(std::string_view text, std::size_t at) {
  const std::size_t last = text.substr(0, begin_of_line(text, at)).find_last_not_of(" \t\n");
  return last != std::string_view::npos && text[begin_of_line(text, last)] == '%';
}

/// What stands where a value should.
std::string no_value(std::string_view rest) {
  switch (rest.empty() ? '\0' : rest.front()) {
    case ',':
      return "unexpected ','";
    case '&':
      return "a second anchor for the same value";
    case '!':
      return "a second tag for the same value";
    case '*':
      return "an alias has neither an anchor nor a tag";
    default:
      return "a value was expected here";
  }
}

/// An anchor, tag or alias behind an anchor or a tag in its line: libyaml takes what is before it for an empty value.
bool is_second_property(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(begin_of_line(text, at), at - begin_of_line(text, at));
  return is_one_of(at < text.size() ? text[at] : '\0', "&!*") && before.find_last_of("&!") != std::string_view::npos;
}

std::optional<std::string> by_character(const YamlFault& fault, std::string_view text) {
  const std::string_view rest = text.substr(fault.at);
  const bool expected = fault.problem.starts_with("did not find expected");
  const bool in_brackets = fault.problem.ends_with("or ']'") || fault.problem.ends_with("or '}'");
  if (expected && !in_brackets && !rest.empty() && is_one_of(rest.front(), "]}")) {
    return std::string(kBracket);
  }
  if (fault.problem == "did not find expected node content" || (expected && is_second_property(text, fault.at))) {
    return no_value(rest);
  }
  if (fault.problem == "found character that cannot start any token" && !rest.empty()) {
    return rest.front() == '\t' ? std::string(kTab)
                                : fmt::format("unexpected '{}', put the text in quotes", rest.front());
  }
  if (fault.problem == "found unknown escape character" && rest.size() > 1) {
    return fmt::format("unknown escape character: {}", rest[1]);
  }
  return {};
}

std::string words_for(const YamlFault& fault) {
  if (fault.context == "while scanning a block scalar" && fault.problem.ends_with("comment or line break")) {
    return "unexpected text behind the sign of a block text";
  }
  const auto* found = std::ranges::find(kWordings, fault.problem, &Wording::problem);
  return std::string(found == kWordings.end() ? fault.problem : found->words);
}

}  // namespace

bool is_open_bracket(const YamlFault& fault, std::string_view text) {
  return fault.context.starts_with("while parsing a flow") && is_document_end(text.substr(fault.at));
}

YamlComplaint yaml_complaint(const YamlFault& fault, std::string_view text) {
  if (fault.context == "while scanning a quoted scalar" && fault.problem.starts_with("found unexpected")) {
    return {fault.begin, "the quoted text that begins here has no end"};
  }
  if (fault.problem == "could not find expected ':'") {
    return {fault.begin, "expected ':' behind this key"};
  }
  if (fault.problem.ends_with("<document start>") && follows_directive(text, fault.at)) {
    return {fault.at, "'---' must follow a directive"};
  }
  if (const std::size_t tab = tab_in_indentation(text, fault.at);
      tab != std::string_view::npos && fault.problem.starts_with("mapping values")) {
    return {tab, std::string(kTab)};
  }
  if (std::optional<std::string> words = by_character(fault, text)) {
    return {fault.at, *std::move(words)};
  }
  return {fault.at, words_for(fault)};
}

}  // namespace cmp::compose
