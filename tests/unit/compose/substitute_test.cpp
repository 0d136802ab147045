#include "compose/substitute.hpp"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/phases.hpp"
#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

const std::map<std::string, std::string, std::less<>> kVariables = {
    {"FOO", "first"}, {"BAR", ""}, {"JSON", "{\"json\":2}"}, {"_x1", "under"}, {"DOLLAR", "$FOO"}};

std::string substituted(std::string_view text) {
  Lookup lookup;
  std::string unset;
  lookup.value = [](std::string_view name) -> std::optional<std::string> {
    const auto it = kVariables.find(name);
    return it == kVariables.end() ? std::nullopt : std::optional<std::string>(it->second);
  };
  lookup.unset = [&unset](std::string_view name) { unset += " unset:" + std::string(name); };
  const Result<std::string> result = substitute(text, lookup);
  return (result ? *result : "error " + result.error().message) + unset;
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST_CASE("references are replaced as the specification says") {
  const std::vector<Case> cases = {
      {"plain", "plain"},
      {"$FOO ${FOO}", "first first"},
      {"${_x1}$_x1", "underunder"},
      {"$FOO-x $FOO.y ${FOO}z", "first-x first.y firstz"},
      {"$$FOO $${FOO} $$", "$FOO ${FOO} $"},
      {"$1 $( $? $ $.", "$1 $( $? $ $."},
      {"[$]", "[$]"},
      {"$none", " unset:none"},
      {"${BAR}", ""},
      {"$DOLLAR", "$FOO"},
      {"${none:-d}|${none-d}|${BAR:-d}|${BAR-d}|${FOO:-d}|${FOO-d}", "d|d|d||first|first"},
      {"${none:+p}|${none+p}|${BAR:+p}|${BAR+p}|${FOO:+p}|${FOO+p}", "|||p|p|p"},
      {"${FOO:?m}|${FOO?m}|${BAR?m}", "first|first|"},
      {"${none:-}", ""},
      {"${none:-a:b/c?d-e+f}", "a:b/c?d-e+f"},
      {"${none-m?x}", "m?x"},
      {"${none:-http://h:80/p} ${none:-x}", "http://h:80/p x"},
      {"${none:-{\"json\":1}} ${JSON:-{}}", "{\"json\":1} {\"json\":2}"},
      {"${none:-$FOO} ${none:-${FOO}} ${none:-${FOO} ${FOO}}", "first first first first"},
      {"${none:-${other:-${third:-deep}}}!", "deep!"},
      {"${BAR+$FOO ${FOO:+second}}", "first second"},
      {"${none:-$$x}", "$x"},
      {"${FOO:-${none:?never}}", "first"},
      {"${none:+${other:?never}}", ""},
      {"a ${FOO} b ${FOO:-x} c", "a first b first c"},
      {"${FOO:-x} and $$ and $FOO}", "first and $ and first}"},
      {"${none:-'$(git describe)'}", "'$(git describe)'"},
      {"one\n${FOO}\n${none:-d}\n", "one\nfirst\nd\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(substituted(one.text) == one.expected);
  }
}

TEST_CASE("malformed references and missing variables are errors") {
  const std::vector<Case> cases = {
      {"${", "error invalid interpolation in '${': write a literal $ as $$"},
      {"${}", "error invalid interpolation in '${}': write a literal $ as $$"},
      {"a ${ foo}", "error invalid interpolation in 'a ${ foo}': write a literal $ as $$"},
      {"${foo }", "error invalid interpolation in '${foo }': write a literal $ as $$"},
      {"${foo!}", "error invalid interpolation in '${foo!}': write a literal $ as $$"},
      {"${1}", "error invalid interpolation in '${1}': write a literal $ as $$"},
      {"${foo:x}", "error invalid interpolation in '${foo:x}': write a literal $ as $$"},
      {"${foo:-x", "error invalid interpolation in '${foo:-x': write a literal $ as $$"},
      {"${foo:-x\n}", "error invalid interpolation in '${foo:-x\n}': write a literal $ as $$"},
      {"${none:?say $FOO}", "error required variable 'none' is missing a value: say first"},
      {"${none?}", "error required variable 'none' is missing a value"},
      {"${BAR:?empty}", "error required variable 'BAR' is missing a value: empty"},
      {"${none:-${BAR:?inner}}", "error required variable 'BAR' is missing a value: inner"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(substituted(one.text) == one.expected);
  }
}

TEST_CASE("hostile texts end soon") {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) {
    nested += "${x:-";
  }
  CHECK(substituted(nested + std::string(100'000, '}')) == "error references are nested too deeply");
  std::string many;
  for (int i = 0; i < 50'000; ++i) {
    many += "${x:-}";
  }
  CHECK(substituted(many).empty());
  CHECK(substituted(std::string(1U << 20U, '$')).size() == (1U << 19U));
}

TEST_CASE("interpolation names the place, warns once a name and makes strings") {
  auto documents = read_text("a: ${ON}\nb: [$none, $none]\n$ON: 1\nc: 5\nd: {e: '${F'}\n");
  REQUIRE(documents.has_value());
  Problems problems;
  interpolate(documents->front(), {{"ON", "true"}}, problems);
  CHECK(tree_text(documents->front()) == "{a: 'true', b: ['', ''], $ON: 1, c: 5, d: {}}");
  REQUIRE(problems.warnings.size() == 1);
  CHECK(problems.warnings[0].message == "variable 'none' is not set, defaulting to a blank string");
  CHECK(problems.warnings[0].where == SourcePos{"f", 2, 5});
  REQUIRE(problems.errors.size() == 1);
  CHECK(problems.errors[0].str() == "f:5:8: d.e: invalid interpolation in '${F': write a literal $ as $$");
}

}  // namespace
