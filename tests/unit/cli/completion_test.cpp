#include "cli/completion.hpp"

#include <doctest/doctest.h>

namespace cmp::cli {

namespace {

using Words = std::vector<std::string>;

std::string first_of(const Words& words, std::string_view current) {
  const auto found = known_candidates(wanted_word(words, current), current);
  return found.empty() ? "" : found.front().word;
}

}  // namespace

TEST_CASE("the words before the cursor say which kind of word is wanted") {
  struct Case {
    Words words;
    std::string current;
    WordKind kind;
  };

  for (const Case& each : {
           Case{{}, "", WordKind::kCommand},
           Case{{}, "-", WordKind::kFlag},
           Case{{"-f"}, "", WordKind::kFile},
           Case{{"-f", "a.yaml"}, "", WordKind::kCommand},
           Case{{"--file=a.yaml"}, "", WordKind::kCommand},
           Case{{"--profile"}, "", WordKind::kProfile},
           Case{{"--ansi"}, "", WordKind::kChoice},
           Case{{"up"}, "", WordKind::kService},
           Case{{"up", "-d"}, "", WordKind::kService},
           Case{{"up", "web"}, "", WordKind::kService},
           Case{{"up", "-t"}, "", WordKind::kNothing},
           Case{{"up", "-t", "5"}, "", WordKind::kService},
           Case{{"up"}, "--", WordKind::kFlag},
           Case{{"port"}, "", WordKind::kService},
           Case{{"port", "web"}, "", WordKind::kNothing},
           Case{{"exec"}, "", WordKind::kService},
           Case{{"exec", "-u", "me"}, "", WordKind::kService},
           Case{{"exec", "web"}, "", WordKind::kFile},
           Case{{"exec", "web", "ls"}, "-", WordKind::kFile},
           Case{{"network"}, "", WordKind::kChoice},
           Case{{"network", "inspect"}, "", WordKind::kNetwork},
           Case{{"network", "inspect", "a"}, "", WordKind::kNetwork},
           Case{{"rmi"}, "", WordKind::kImage},
           Case{{"save", "-o"}, "", WordKind::kFile},
           Case{{"version"}, "", WordKind::kNothing},
           Case{{"nonsense"}, "", WordKind::kNothing},
       }) {
    std::string line;
    for (const std::string& word : each.words) {
      line += word + ' ';
    }
    CAPTURE(line + each.current);
    CHECK(wanted_word(each.words, each.current).kind == each.kind);
  }
}

TEST_CASE("commands, options and choices are those of the tables, begun as they stand") {
  CHECK(first_of({}, "dow") == "down");
  CHECK(first_of({}, "--proj") == "--project-name");
  CHECK(first_of({"logs"}, "--fol") == "--follow");
  CHECK(first_of({"ps", "--status"}, "ex") == "exited");
  CHECK(first_of({"network"}, "i") == "inspect");
  CHECK(first_of({}, "zzz").empty());
}

TEST_CASE("the options before the command go along: they say which project is meant") {
  const auto wanted = wanted_word({"-p", "shop", "logs"}, "");
  CHECK(wanted.command == "logs");
  CHECK(wanted.globals == Words{"-p", "shop"});
}

}  // namespace cmp::cli
