#include "fuzz/mutator.hpp"

#include <algorithm>
#include <array>

namespace cmp::fuzz {

namespace {

/// What has a meaning in YAML, in interpolation, or to the loader.
constexpr std::array<std::string_view, 62> kTokens = {"${",
                                                      "}",
                                                      "$",
                                                      "$$",
                                                      ":-",
                                                      ":?",
                                                      "+",
                                                      "${A:-${B}}",
                                                      "${V:?",
                                                      "\n",
                                                      "\n  ",
                                                      "- ",
                                                      ": ",
                                                      "? ",
                                                      "&a ",
                                                      "*a",
                                                      "<<: *a\n",
                                                      "<<: [*a, *a]",
                                                      "!reset ",
                                                      "!override ",
                                                      "!!str ",
                                                      "'",
                                                      "\"",
                                                      "[",
                                                      "]",
                                                      "{",
                                                      "}",
                                                      "[]",
                                                      "{}",
                                                      "|\n",
                                                      ">-\n",
                                                      "#",
                                                      "---\n",
                                                      "...\n",
                                                      "\t",
                                                      "\r\n",
                                                      "\\",
                                                      "\xC3\xA9",
                                                      "\xFF",
                                                      "\xE2\x80",
                                                      "null",
                                                      "~",
                                                      "true",
                                                      "0",
                                                      "-1",
                                                      "99999999999999999999",
                                                      "1e999",
                                                      ".nan",
                                                      "0o17",
                                                      "include: [other.yaml]\n",
                                                      "extends: {file: other.yaml, service: web}\n",
                                                      "extends: web\n",
                                                      "depends_on: [web]\n",
                                                      "network_mode: service:web\n",
                                                      "env_file: [.env]\n",
                                                      "ports: ['1-9:1-9', 80]\n",
                                                      "volumes: ['a:/b:ro', './c:/d']\n",
                                                      "profiles: [p]\n",
                                                      "deploy: {replicas: 2}\n",
                                                      "services:\n",
                                                      "external: {name: x}\n",
                                                      "x-a: &a {k: v}\n"};

}  // namespace

std::string Mutator::next() {
  std::string text = texts_[below(texts_.size())];
  const std::size_t changes = 1 + below(8);
  for (std::size_t i = 0; i < changes; ++i) {
    below(4) == 0 ? change_lines(text) : change(text);
  }
  return text;
}

void Mutator::change(std::string& text) {
  const std::size_t at = below(text.size() + 1);
  const std::size_t length = std::min(below(30), text.size() - at);
  const std::string& other = texts_[below(texts_.size())];
  switch (below(6)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
    case 2:
      text.insert(at, kTokens[below(kTokens.size())]);
      break;
    case 3:
      text.insert(at, text.substr(at, length));
      break;
    case 4:
      text.insert(at, other.substr(below(other.size() + 1), below(200)));
      break;
    default:
      if (at < text.size()) {
        text[at] = static_cast<char>(below(256));
      }
  }
}

/// Swaps two lines, or indents one differently.
void Mutator::change_lines(std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  std::string& line = lines[below(lines.size())];
  if (below(2) == 0) {
    std::swap(line, lines[below(lines.size())]);
  } else {
    line = std::string(2 * below(4), ' ') + line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  text.clear();
  for (const std::string& each : lines) {
    text += each + "\n";
  }
}

}  // namespace cmp::fuzz
