#include "compose/short_source.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/phases.hpp"
#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

/// The short text, with '#' for each word.
std::string shortened(const std::string& source) {
  std::string text = ShortSource(source).text();
  for (char& c : text) {
    c = static_cast<unsigned char>(c) >= 0xF9U ? '#' : c;
  }
  return text;
}

TEST_CASE("words become single bytes, and what has a meaning stays") {
  struct Case {
    std::string source, expected;
  };

  const std::vector<Case> cases = {
      {"image: redis:7-alpine\n", "#: #\n"},
      {"a: b\n", "a: b\n"},
      {"- ./data/x:/data\n", "- ./#\n"},
      {"url: \"http://host:80/${PATH:-x}\"\n", "#: \"#{#:-x}\"\n"},
      {"k: &anchor !!str value\n", "k: &anchor !!str #\n"},
      {"k: *alias\n", "k: *alias\n"},
      {"k: {one: two,three}\n", "k: {#: #,#}\n"},
      {"k: \"\\x41bc\\u00e9de \\\\word\"\n", "k: \"\\x41bc\\u00e9de \\\\word\"\n"},
      {"k: |12-\n  text\n", "k: |12-\n  #\n"},
      {"k:value: 1\n", "#: 1\n"},
      {"key:\n", "#:\n"},
      {"%YAML 1.2\n---\nkey: value\n", "%YAML 1.2\n---\nkey: value\n"},
      {std::string(1200, 'x') + "\nkey\n", std::string(1200, 'x') + "\n#\n"},
      {"", ""},
      {"word", "#"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.source);
    CHECK(shortened(one.source) == one.expected);
  }
}

TEST_CASE("places and scalars of the short text are found again in the source") {
  const std::string source = "image: some words, more\nk: last\n";
  ShortSource shortened(source);
  const std::string& text = shortened.text();
  REQUIRE(text.size() == 15);
  CHECK(shortened.source_offset(0) == 0);
  CHECK(shortened.source_offset(1) == 5);
  CHECK(shortened.source_offset(text.find('k')) == source.find("k:"));
  CHECK(shortened.source_offset(text.size()) == source.size());
  CHECK(shortened.line_begin(1) == source.find("k:"));
  CHECK(shortened.line_begin(2) == source.size());
  CHECK(shortened.source_offset(3) == source.find("some"));
  CHECK(shortened.whole(text.substr(3, 6), source.find("some")) == "some words, more");
  CHECK(shortened.whole(text.substr(3, 6), source.find("last")) == std::nullopt);
  CHECK(shortened.whole("", 0) == "");
  CHECK(ShortSource::has_words(text));
  CHECK_FALSE(ShortSource::has_words("!!str"));
}

/// All that reading says, with the place of each value.
std::string all_of(const std::string& text, Reading reading) {
  Problems problems;
  const Result<std::vector<Node>> documents = read_yaml(text, "f", problems, reading);
  if (!documents) {
    return documents.error().str();
  }
  std::string all = messages(problems.errors);
  for (const Node& document : *documents) {
    all += "\n" + placed_text(document);
  }
  return all;
}

TEST_CASE("a text is read as if the parser had seen all of it") {
  const std::vector<std::string> texts = {
      "services:",
      "one: 1\ntwo: ",
      "a: &x {word: [one two, 'three''s', \"fo\\x75r \\\n  five\"]} # a comment\nb: *x\n",
      "text: | # words in a comment\n  first line\n    second\n\n  third\nfold: >-\n  some more\n  words\nnext: 1\n",
      "k: !!str # a comment\n  value\nl: &name # another one\n  other value\n",
      "many: some words\n  on two lines # comment\nkey with blanks: x\n? complex key\n: value here\n",
      "none: null\nquoted: 'null'\nlist: [null, ~, true, 0777]\n",
      "word: 1\nword: 2\nother: [1,\n",
      "---\nfirst: 1\n...\n---\nsecond: 2\n",
      "%YAML 1.2\n---\nfirst: word\n",
      "!reset key: !override [words, are here]\nx: !reset null\n",
      "a: b: c\n",
      "text: 'open\nend\n",
      "key:\n\tvalue: 1\n",
      "q: http://x/?a=b&c=d\nr: [curl, http://x/?a=b]\n",
      "k: !<tag:yaml.org,2002:str> 12\n",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(all_of(text, Reading::kShortened) == all_of(text, Reading::kWhole));
  }
}

}  // namespace
