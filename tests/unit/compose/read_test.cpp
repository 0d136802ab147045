#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/phases.hpp"
#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

std::string read(const std::string& text) {
  const Result<std::vector<Node>> documents = read_text(text);
  if (!documents) {
    return "error " + documents.error().str();
  }
  std::string all;
  for (const Node& document : *documents) {
    all += (all.empty() ? "" : " --- ") + tree_text(document);
  }
  return all;
}

struct Case {
  std::string text;
  std::string expected;
};

TEST_CASE("yaml becomes a tree that still knows what was quoted") {
  const std::vector<Case> cases = {
      {"a: 1\nb: \"1\"\nc: '1'\n", "{a: 1, b: '1', c: '1'}"},
      {"a:\nb: ~\nc: null\nd: 'null'\n", "{a: null, b: null, c: null, d: 'null'}"},
      {"a: !!str 1\nb: !!int 2\n", "{a: '1', b: 2}"},
      {"a: !!int '2'\nb: !!float 1\nc: !!bool \"true\"\nd: !!null ''\n", "{a: 2, b: 1, c: true, d: null}"},
      {"a: !!binary aGVsbG8=\nb: !!binary |\n  aGVs\n  bG8=\nc: !!timestamp 2001-01-01\n",
       "{a: 'hello', b: 'hello', c: '2001-01-01'}"},
      {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: 'x\ny\n', b: 'x y'}"},
      {"a: [1, {b: c}]\n", "{a: [1, {b: c}]}"},
      {"a:\n- x\n- - y\n", "{a: [x, [y]]}"},
      {"a: 1\n---\nb: 2\n", "{a: 1} --- {b: 2}"},
      {"\xEF\xBB\xBF"
       "a: 1\r\nb: 2\r\n",
       "{a: 1, b: 2}"},
      {"", ""},
      {"# only a comment\n", ""},
      {"ports:\n  - 22:22\n", "{ports: [22:22]}"},
      {"a: http://x:80/y # z\n", "{a: http://x:80/y}"},
      {"'on': 1\nyes: 2\n", "{on: 1, yes: 2}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("aliases are copied and merge keys applied, with the nearest definition winning") {
  const std::vector<Case> cases = {
      {"a: &x {k: v}\nb: *x\n", "{a: {k: v}, b: {k: v}}"},
      {"a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n", "{a: {k: 1, l: 2}, b: {k: 3, l: 2}}"},
      {"a: &x {k: 1}\nc: &y {k: 2, m: 3}\nb:\n  <<: [*x, *y]\n", "{a: {k: 1}, c: {k: 2, m: 3}, b: {k: 1, m: 3}}"},
      {"l: &x [{k: 1}]\nb:\n  <<: *x\n", "{l: [{k: 1}], b: {k: 1}}"},
      {"a: &x {k: 1}\nb: &y {<<: *x, l: 2}\nc: {<<: *y}\n", "{a: {k: 1}, b: {l: 2, k: 1}, c: {l: 2, k: 1}}"},
      {"a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"},
      {"k: &x key\nm: {*x : 1}\n", "{k: key, m: {key: 1}}"},
      {"m: {\"<<\": 1}\n", "{m: {<<: 1}}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("what is wrong has its line and column") {
  const std::vector<Case> cases = {
      {"a: 1\nb: 2\na: 3\n", "error f:3:1: key 'a' is already defined at line 1"},
      {"a: 1\na: 2\na: 3\n",
       "error f:2:1: key 'a' is already defined at line 1\nf:3:1: key 'a' is already defined at line 1"},
      {"s:\n  1: x\n", "error f:2:3: non-string key in s: '1', put it in quotes"},
      {"true: x\n", "error f:1:1: non-string key at the top level: 'true', put it in quotes"},
      {"? [a]\n: x\n", "error f:1:3: a key must be a string"},
      {"a: &x {b: *x}\n", "error f:1:11: alias cycle: '*x' is inside '&x'"},
      {"a: *gone\n", "error f:1:4: '*gone' refers to an anchor that is not defined before it"},
      {"a: {<<: 1}\n", "error f:1:9: '<<' needs a mapping or a list of mappings"},
      {"x: &x {}\na:\n  <<: *x\n  <<: *x\n", "error f:4:3: key '<<' is already defined at line 3"},
      {"a: \xFF\n", "error f:1:4: byte 0xff is not valid UTF-8"},
      {"a: \xED\xA0\x80\n", "error f:1:4: byte 0xed is not valid UTF-8"},
      {"a:\n  b: \x01\n", "error f:2:6: control character 0x01 is not allowed"},
      {std::string("a: \0", 4), "error f:1:4: control character 0x00 is not allowed"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("a tag that its text does not fit is an error, and the next one is told too") {
  const std::vector<Case> cases = {
      {"a: !!int foo\nb: !!bool yes\n", "error f:1:4: 'foo' is no !!int\nf:2:4: 'yes' is no !!bool"},
      {"a: !!int 1.5\n", "error f:1:4: '1.5' is no !!int"},
      {"a: !!null x\n", "error f:1:4: 'x' is no !!null"},
      {"a: !!binary a b\n", "error f:1:4: behind !!binary stands no base64"},
      {"a: !!binary //8=\n",
       "error f:1:4: what this !!binary encodes is no text, and no attribute takes anything else"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("syntax errors have their place and a reason") {
  const std::vector<Case> cases = {
      {"a: [1\n", "error f:1:4: the list that begins here has no end"},
      {"a: {b: 1\n", "error f:1:4: the mapping that begins here has no end"},
      {"a: [1 2, 3]]\n", "error f:1:12: this bracket closes nothing"},
      {"a: [b: {c]\n", "error f:1:10: this bracket closes nothing"},
      {"a: {b\n  c: 1}\n", "error f:1:5: expected ',' or '}'"},
      {"a: {b: 1\n  c: 2}\n", "error f:2:4: expected ',' or '}'"},
      {"a: [1,,2]\n", "error f:1:7: unexpected ','"},
      {"a: 'x\n", "error f:1:4: the quoted text that begins here has no end"},
      {"a: \"x\n---\n\"\n", "error f:1:4: the quoted text that begins here has no end"},
      {"a: \"\\q\"\n", "error f:1:7: unknown escape character: q"},
      {"a: \"\\u12\"\n", "error f:2:1: an escape needs more hexadecimal digits"},
      {"a: \"", "error f:1:4: the quoted text that begins here has no end"},
      {"a: 'x\n  ", "error f:1:4: the quoted text that begins here has no end"},
      {"a: ['b', \"c\nd: 'e'\n", "error f:1:10: the quoted text that begins here has no end"},
      {"a: \"\\0\"\n", "error f:1:4: an escape names U+0000, which is no character"},
      {"a:\n'b'\nc: 1\n", "error f:2:1: this is not indented deeper than its key"},
      {"a:\n  b: 1\n  c:\n  [d]\n", "error f:4:3: this is not indented deeper than its key"},
      {"a: &x 1\nb:\n*x\n", "error f:3:1: this is not indented deeper than its key"},
      {"a:\n  - b\n  -\n  c\n",
       "error f:4:3: this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
      {"a: {, b: 1}\n", "error f:1:5: unexpected ','"},
      {"]\n", "error f:1:1: this bracket closes nothing"},
      {", a\n", "error f:1:1: this fits into no mapping and no list before it"},
      {"a: \"\\ud800\"\n", "error f:1:11: an escape names no character"},
      {"a:\n\tb: 1\n", "error f:2:1: a tab in the indentation, use blanks"},
      {"a: b: c\n", "error f:1:5: a mapping can't begin inside a value, put the value in quotes"},
      {"a: b\n  c: d\n", "error f:2:4: a mapping can't begin inside a value, put the value in quotes"},
      {"a: - b\n", "error f:1:4: '-' can't begin a list inside a value"},
      {"- a\nb: 1\n", "error f:2:1: this fits into no mapping and no list before it"},
      {"a: 1\n- b\n",
       "error f:2:1: this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
      {"a: 1\n  b: 2\n", "error f:2:4: a mapping can't begin inside a value, put the value in quotes"},
      {"a: \"x\"\n  b: 2\n",
       "error f:2:3: this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
      {"  a: 1\n b: 2\n", "error f:2:2: this fits into no mapping and no list before it"},
      {"- 'a'\n  - b\n", "error f:2:3: this fits not into the list before it: check its indentation, and the '- '"},
      {"a: 1\nb\n", "error f:2:1: expected ':' behind this key"},
      {"a: @x\n", "error f:1:4: unexpected '@', put the text in quotes"},
      {"a: %x\n", "error f:1:4: unexpected '%', put the text in quotes"},
      {"a: 'x' y\n",
       "error f:1:8: this fits not into the mapping before it: check its indentation, and the ':' behind keys"},
      {"a: | x\n", "error f:1:6: unexpected text behind the sign of a block text"},
      {"a: &x &y 1\n", "error f:1:7: a second anchor for the same value"},
      {"%YAML 1.2\na: 1\n", "error f:2:1: '---' must follow a directive"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("block texts keep or fold their lines and chomp their end") {
  const std::vector<Case> cases = {
      {"a: |\n  x\n   y\n\n  z\n\n\nb: 1\n", "{a: 'x\n y\n\nz\n', b: 1}"},
      {"a: |-\n  x\n\n", "{a: 'x'}"},
      {"a: |+\n  x\n\nb: 1\n", "{a: 'x\n\n', b: 1}"},
      {"a: |\n  x", "{a: 'x'}"},
      {"a: |2\n   x\n  y\n", "{a: ' x\ny\n'}"},
      {"a: |1-\n  x\n", "{a: ' x'}"},
      {"a: >\n  x\n  y\n\n  z\n", "{a: 'x y\nz\n'}"},
      {"a: >\n  x\n    y\n  z\n", "{a: 'x\n  y\nz\n'}"},
      {"a: >-\n\n  x\n\n\n  y\n", "{a: '\nx\n\ny'}"},
      {"a: | # note\n  # text\n  x\n# note\nb: 1\n", "{a: '# text\nx\n', b: 1}"},
      {"a: |\nb: 1\n", "{a: '', b: 1}"},
      {"- |\n x\n- >-\n y\n z\n", "['x\n', 'y z']"},
      {"a:\n- |\n  x\n  y\nb: |\n  z\n", "{a: ['x\ny\n'], b: 'z\n'}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("plain and quoted texts go over several lines") {
  const std::vector<Case> cases = {
      {"a: x\n  y\n\n  z\nb: 1\n", "{a: x y\nz, b: 1}"},
      {"a:\n  x y\n  z # c\nb: 1\n", "{a: x y z, b: 1}"},
      {"a: x\n  - y\n", "{a: x - y}"},
      {"- x\n  - y\n", "[x - y]"},
      {"a: 'x\n  y'\n", "{a: 'x y'}"},
      {"a: \"x \\\n   y\\\n  \\ z\"\n", "{a: 'x y z'}"},
      {"a: \"x  \n\n  y\"\n", "{a: 'x\ny'}"},
      {"a: \"\\x41\\u00e9\\U0001F600\\t\\/\\\\\"\n", "{a: 'A\xC3\xA9\xF0\x9F\x98\x80\t/\\'}"},
      {"a: 'it''s'\n", "{a: 'it's'}"},
      {"a: [x\n  y, z\n]\n", "{a: [x y, z]}"},
      {"a: x#y :z -w ?v\n", "{a: x#y :z -w ?v}"},
      {"a: -x\nb: :x\nc: ?x\n", "{a: -x, b: :x, c: ?x}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("collections in all their shapes") {
  const std::vector<Case> cases = {
      {"- a: 1\n  b: 2\n-\n  c: 3\n- - x\n  - y\n-\n", "[{a: 1, b: 2}, {c: 3}, [x, y], null]"},
      {"a:\n- x\n-   y: 1\n    z: 2\nb:\n", "{a: [x, {y: 1, z: 2}], b: null}"},
      {"a: {b: 1, c, 'd': [], \"e\":1, f: }\n", "{a: {b: 1, c: null, d: [], e: 1, f: null}}"},
      {"a: [b: 1, {c: 2}, ]\n", "{a: [{b: 1}, {c: 2}]}"},
      {"a: {$X}\n", "{a: {$X: null}}"},
      {"a: [\n  # c\n  x, # d\n  y\n  ]\n", "{a: [x, y]}"},
      {"a: [http://x:80/y, a:b]\n", "{a: [http://x:80/y, a:b]}"},
      {"a: [http://x/?a=b, ?c, d?, {e?: '?'}]\n", "{a: [http://x/?a=b, ?c, d?, {e?: '?'}]}"},
      {"a: \"\\x01?\\u00f8\"\n", "{a: '\x01?\xC3\xB8'}"},
      {"a: !override ''\nb: !reset null\nc: !override\n", "{a: '', b: null, c: null}"},
      {"? a\n: 1\n? b\n: - x\n", "{a: 1, b: [x]}"},
      {"'a b': 1\n\"c\" : 2\n", "{a b: 1, c: 2}"},
      {"a: &x\n  b: 1\nc: &y [1]\nd: &z\ne: [*x, *y, *z]\n", "{a: {b: 1}, c: [1], d: null, e: [{b: 1}, [1], null]}"},
      {"&k a: &v 1\nb: [*k, *v]\n", "{a: 1, b: [a, 1]}"},
      {"&m\na: 1\n", "{a: 1}"},
      {"long: &x\n  b:\n   c\n", "{long: {b: c}}"},
      {"long: &x\n- a\n-\n b\n", "{long: [a, b]}"},
      {"a: &x\n- &y b:\n   c\n", "{a: [{b: c}]}"},
      {"? a\n:\n  b\n", "{a: b}"},
      {"a: !!str\nb: !own x\n", "{a: '', b: 'x'}"},
      {"%YAML 1.2\n---\na: 1\n...\n---\nb: 2\n", "{a: 1} --- {b: 2}"},
      {"--- # c\na: 1\n---\n", "{a: 1} --- null"},
      {" a: 1\n b: 2\n", "{a: 1, b: 2}"},
      {"a:\t1\t# c\n", "{a: 1}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("values keep the place where they were written, aliases the place of the alias") {
  const auto documents = read_text("a: &x\n  k: v\nb: *x\n");
  REQUIRE(documents.has_value());
  const Node& tree = documents->front();
  CHECK(tree.find("a")->find("k")->origin.pos() == SourcePos{"f", 2, 6});
  CHECK(tree.entries[1].key_origin.pos() == SourcePos{"f", 3, 1});
  CHECK(tree.find("b")->origin.pos() == SourcePos{"f", 3, 4});
}

TEST_CASE("a tag that nobody knows is warned of, with the one that may be meant") {
  for (const Reading reading : {Reading::kShortened, Reading::kWhole}) {
    Problems problems;
    REQUIRE(read_yaml("a: !rset [1]\nb: !vault x\nc: !reset null\nd: !!str 1\ne: ! y\n", "f", problems, reading)
                .has_value());
    REQUIRE(problems.warnings.size() == 2);
    CHECK(problems.warnings[0].where.str() == "f:1:4");
    CHECK(problems.warnings[0].message == "the tag '!rset' has no meaning here and is ignored, did you mean '!reset'?");
    CHECK(problems.warnings[1].message == "the tag '!vault' has no meaning here and is ignored");
  }
}

TEST_CASE("tags for merging are kept on the values") {
  const auto documents = read_text("a: !reset\nb: !override [x]\nc: !reset null\nd: !override 5\n");
  REQUIRE(documents.has_value());
  const Node& tree = documents->front();
  CHECK(tree.find("a")->tag == MergeTag::kReset);
  CHECK(tree.find("b")->tag == MergeTag::kOverride);
  CHECK(tree.find("c")->is_null());
  CHECK(tree.find("d")->scalar == "5");
}

TEST_CASE("a few lines that would expand to gigabytes are refused quickly") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int copy = 1; copy < 10; ++copy) {
      bomb += ", " + before;
    }
    bomb += "]\n";
  }
  CHECK(read(bomb).ends_with("the aliases of this file expand to too much"));

  std::string merges = "a0: &a0 {k: " + std::string(100'000, 'x') + "}\n";
  for (int i = 0; i < 2000; ++i) {
    merges += "b" + std::to_string(i) + ": *a0\n";
  }
  CHECK(read(merges).ends_with("the aliases of this file expand to too much"));
}

TEST_CASE("too deep, too long and too large are refused") {
  CHECK(read(std::string(100'000, '[')).starts_with("error f:"));
  CHECK(read(std::string(100'000, '{')).starts_with("error f:"));
  std::string steps;
  for (int i = 0; i < 2000; ++i) {
    steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  }
  CHECK(read(steps).find("nested") != std::string::npos);
  CHECK(read("a: " + std::string(2U << 20U, 'x')).find("too long") != std::string::npos);
  CHECK(read(std::string(5U << 20U, '#')).find("too many") != std::string::npos);
}

}  // namespace
