#include "cli/dockerfile.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

namespace cmp::cli {

namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  if (!word.empty()) {
    words.push_back(word);
  }
  return words;
}

/// $NAME, ${NAME}, ${NAME:-otherwise}; nothing if a value is not known.
std::optional<std::string> expand(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$') {
      out += text[at++];
      continue;
    }
    const bool braces = at + 1 < text.size() && text[at + 1] == '{';
    const std::size_t begin = at + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    const auto value = values.find(std::string(text.substr(begin, end - begin)));
    const std::size_t close = braces ? text.find('}', end) : end;
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view otherwise = text.substr(end, close - end);
    if (value != values.end() && !value->second.empty()) {
      out += value->second;
    } else if (otherwise.starts_with(":-")) {
      out += otherwise.substr(2);
    } else {
      return std::nullopt;
    }
    at = braces ? close + 1 : close;
  }
  return out;
}

void read_arg(const std::string& word, const std::map<std::string, std::string>& args,
              std::map<std::string, std::string>& values) {
  const auto equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const auto given = args.find(name);
  if (given != args.end()) {
    values[name] = given->second;
  } else if (equals != std::string::npos) {
    std::string value = word.substr(equals + 1);
    std::erase(value, '"');
    values[name] = value;
  }
}

/// What a COPY takes from another image: the value of --from; "" if there is none, or it is a stage's number.
std::string copied_from(const std::vector<std::string>& words) {
  constexpr std::string_view kFrom = "--from=";
  for (const std::string& word : words) {
    std::string from = word.starts_with(kFrom) ? word.substr(kFrom.size()) : "";
    if (from.find_first_not_of("0123456789") != std::string::npos) {
      return from;
    }
  }
  return "";
}

}  // namespace

std::vector<std::string> base_images(std::string_view dockerfile, const std::map<std::string, std::string>& args) {
  std::map<std::string, std::string> values;
  std::set<std::string> stages = {"scratch"};
  std::set<std::string> images;
  while (!dockerfile.empty()) {
    const auto end = std::min(dockerfile.find('\n'), dockerfile.size());
    std::vector<std::string> words = words_of(dockerfile.substr(0, end));
    dockerfile.remove_prefix(std::min(end + 1, dockerfile.size()));
    const std::string instruction = words.empty() ? "" : upper(words.front());
    if (instruction == "ARG" && words.size() > 1) {
      read_arg(words[1], args, values);
    }
    if (instruction == "COPY") {
      const auto image = expand(copied_from(words), values);
      if (image && !image->empty() && !stages.contains(*image)) {
        images.insert(*image);
      }
    }
    if (instruction != "FROM") {
      continue;
    }
    std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
    const auto image = words.size() > 1 ? expand(words[1], values) : std::nullopt;
    if (image && !image->empty() && !stages.contains(*image)) {
      images.insert(*image);
    }
    if (words.size() > 3 && upper(words[2]) == "AS") {
      stages.insert(words[3]);
    }
  }
  return {images.begin(), images.end()};
}

}  // namespace cmp::cli
