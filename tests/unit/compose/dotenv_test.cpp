#include "compose/dotenv.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

std::string parsed(const std::string& text, EnvFormat format = EnvFormat::kDotenv) {
  Lookup lookup;
  lookup.value = [](std::string_view name) {
    return name == "OS" ? std::optional<std::string>("from-os") : std::nullopt;
  };
  Variables variables;
  if (const Status done = parse_env(text, "e", format, lookup, variables); !done) {
    return "error " + done.error().str();
  }
  std::string out;
  for (const auto& [name, value] : variables) {
    out += (out.empty() ? "" : "|") + name + "=" + value;
  }
  return out;
}

struct Case {
  std::string text;
  std::string expected;
};

TEST_CASE("env files in the dotenv dialect") {
  const std::vector<Case> cases = {
      {"A=1\nB=2", "A=1|B=2"},
      {"\xEF\xBB\xBF"
       "A=1\r\nB=2\r\n",
       "A=1|B=2"},
      {"# c\n\n  A = b c  \n\tB=x\t\n", "A=b c|B=x"},
      {"A=bar # c\nB=bar #c\nC=a#b\nD=#x\nE= #x\n", "A=bar|B=bar|C=a#b|D=#x|E=#x"},
      {"A=\"x#y\" # c\nB='x#y'#c\n", "A=x#y|B=x#y"},
      {"export A=1\nexport\tB=2\nexportC=3\n", "A=1|B=2|exportC=3"},
      {"A: 1\nB: x=y\nC=1:2\n", "A=1|B=x=y|C=1:2"},
      {"A.b-c[0]_=1\n\xC3\xA9=2\n", "A.b-c[0]_=1|\xC3\xA9=2"},
      {"A=\nB=''\nC=\"\"\n", "A=|B=|C="},
      {"OS\nMISSING\nOS2\n", "OS=from-os"},
      {"A=1\nOS", "A=1|OS=from-os"},
      {"A=1\nB=$A${A}\nC=$$A\nD=${X:-d}\nE=${OS}\n", "A=1|B=11|C=$A|D=d|E=from-os"},
      {"A='$X ${Y'\n", "A=$X ${Y"},
      {"A='it\\'s'\nB=\"say \\\"x\\\"\"\n", "A=it's|B=say \"x\""},
      {"A=\"l1\nl2\"\nB='l1\nl2'\nC=3\n", "A=l1\nl2|B=l1\nl2|C=3"},
      {"A=\"\\t\\n\\\\ \\$X \\0101 \\q\"\n", "A=\t\n\\ $X A \\q"},
      {"A='\\n'\nB=\\n\n", "A=\\n|B=\\n"},
      {"A=1\nA=2\nB=$A\n", "A=2|B=2"},
      {"J={\"a\": 1, \"b\": \"x\"}\n", "J={\"a\": 1, \"b\": \"x\"}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(parsed(one.text) == one.expected);
  }
}

TEST_CASE("errors in env files have their line") {
  const std::vector<Case> cases = {
      {"A=1\nlol$wut\n", "error e:2:4: unexpected character '$' in variable name 'lol$wut'"},
      {"A B=1\n", "error e:1:2: key 'A B' cannot contain a space"},
      {"\n\nA=\"x\ny\n", "error e:3:3: unterminated quoted value \"x"},
      {"A='x\\'", "error e:1:3: unterminated quoted value 'x\\'"},
      {"A=\"x\ny\"\nB=${A\n", "error e:3:3: invalid interpolation in '${A': write a literal $ as $$"},
      {"A=${X:?why}\n", "error e:1:3: required variable 'X' is missing a value: why"},
      {"A%=1\nB C=2\nD=3\n",
       "error e:1:2: unexpected character '%' in variable name 'A%=1'\ne:2:2: key 'B C' cannot contain a space"},
      {"A=\xFF\n", "error e:1:3: byte 0xff is not valid UTF-8"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(parsed(one.text) == one.expected);
  }
}

TEST_CASE("the raw format takes values as they are") {
  const std::vector<Case> cases = {
      {"A=\"x\" # y \n# c\n\n  B='$A'\nC\nOS\n", "A=\"x\" # y |B='$A'|OS=from-os"},
      {"A=1=2\r\nB=\r\n", "A=1=2|B="},
      {"export A=1\n", "error e:1:7: variable 'export A' contains whitespace"},
      {"A =1\n", "error e:1:2: variable 'A ' contains whitespace"},
      {"A=1\n=2\n", "error e:2:1: no variable name in '=2'"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(parsed(one.text, EnvFormat::kRaw) == one.expected);
  }
}

}  // namespace
