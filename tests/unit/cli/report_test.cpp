#include "cli/report.hpp"

#include <doctest/doctest.h>

#include "cli/style.hpp"
#include "cli/vocabulary.hpp"

using namespace cmp::cli;
using cmp::Code;
using cmp::Error;

namespace {

std::optional<std::string> line_of(const std::string& file, int line) {
  return file == "/compose.yaml" && line == 3 ? std::optional<std::string>("    imgae: ü x") : std::nullopt;
}

Error at(int line, int column, const std::string& message) {
  Error error = cmp::make_error(Code::kInvalid, message);
  error.where = {"/compose.yaml", line, column};
  return error;
}

}  // namespace

TEST_CASE("an error of a file shows the place, the line and a caret") {
  CHECK(render_error(at(3, 5, "unknown key 'imgae'"), line_of) ==
        "/compose.yaml:3:5: unknown key 'imgae'\n"
        "        imgae: ü x\n"
        "        ^\n");
}

TEST_CASE("the caret counts characters") {
  CHECK(render_error(at(3, 15, "m"), line_of).ends_with("\n        imgae: ü x\n                 ^\n"));
}

TEST_CASE("a place without a readable line is shown without it") {
  CHECK(render_error(at(9, 1, "m"), line_of) == "/compose.yaml:9:1: m\n");
  CHECK(render_error(at(0, 0, "is empty"), line_of) == "/compose.yaml: is empty\n");
  CHECK(render_error(at(3, 99, "m"), line_of) == "/compose.yaml:3:99: m\n        imgae: ü x\n");
}

TEST_CASE("what a file holds can't steer the terminal") {
  CHECK(harmless("a\x1b[31m\tü\x7f\r\n") == "a?[31m\tü??\n");
  CHECK(harmless("\u009b2J\u00a0") == "?2J\u00a0");
  CHECK(render_error(at(1, 4, "\x1b]0;x"), [](const std::string&, int) {
          return std::optional<std::string>("a\x1b[b");
        }) == "/compose.yaml:1:4: ?]0;x\n    a?[b\n       ^\n");
}

TEST_CASE("an error of no file says that it is one") {
  CHECK(render_error(cmp::make_error(Code::kSystem, "mount: no such device"), line_of) ==
        "error: mount: no such device\n");
}

TEST_CASE("all independent errors are shown, the same one once") {
  Error error = at(9, 1, "one");
  error.others = {at(10, 1, "two"), at(9, 1, "one")};
  CHECK(render_error(error, line_of) == "/compose.yaml:9:1: one\n/compose.yaml:10:1: two\n");
}

TEST_CASE("of a long line the part around the column is shown") {
  const auto long_line = [](const std::string&, int) -> std::optional<std::string> {
    return std::string(200, 'a') + "ü!" + std::string(200, 'b');
  };
  CHECK(render_error(at(1, 203, "m"), long_line) == "/compose.yaml:1:203: m\n    ..." + std::string(70, 'a') + "ü!" +
                                                        std::string(57, 'b') + "...\n    " + std::string(74, ' ') +
                                                        "^\n");
  CHECK(render_error(at(1, 1, "m"), long_line) ==
        "/compose.yaml:1:1: m\n    " + std::string(130, 'a') + "...\n    ^\n");
}

TEST_CASE("lines come from files, and from standard input as it was read") {
  SourceLines lines("one\ntwo\r\n");
  CHECK(lines("-", 1) == "one");
  CHECK(lines("-", 2) == "two");
  CHECK_FALSE(lines("-", 3).has_value());
  CHECK_FALSE(lines("-", 9).has_value());
  CHECK_FALSE(lines("/no/such/file", 1).has_value());
}

TEST_CASE("failures exit with 1, interruptions with 130") {
  CHECK(exit_code(cmp::make_error(Code::kInvalid, "")) == 1);
  CHECK(exit_code(cmp::make_error(Code::kInterrupted, "")) == 130);
}

TEST_CASE("colours and live progress follow options, then variables, then the terminals") {
  struct Case {
    Globals globals;
    std::map<std::string, std::string> environment;
    Terminals terminals;
    bool colour_out, colour_err;
    ProgressMode progress;
  };

  const auto with = [](const std::string& ansi, const std::string& progress) {
    Globals globals;
    globals.ansi = ansi;
    globals.progress = progress;
    return globals;
  };
  const Terminals both{true, true}, none{}, out{true, false}, err{false, true};
  const Case cases[] = {
      {{}, {}, both, true, true, ProgressMode::kLive},
      {{}, {}, none, false, false, ProgressMode::kPlain},
      {{}, {}, out, true, false, ProgressMode::kPlain},
      {{}, {}, err, false, true, ProgressMode::kLive},
      {{}, {{"NO_COLOR", "1"}}, both, false, false, ProgressMode::kPlain},
      {{}, {{"NO_COLOR", ""}}, both, true, true, ProgressMode::kLive},
      {{}, {{"TERM", "dumb"}}, both, false, false, ProgressMode::kPlain},
      {{}, {{"COMPOSE_ANSI", "never"}}, both, false, false, ProgressMode::kPlain},
      {with("always", ""), {{"COMPOSE_ANSI", "never"}}, none, true, true, ProgressMode::kPlain},
      {with("never", "tty"), {}, both, false, false, ProgressMode::kLive},
      {with("", "json"), {}, both, true, true, ProgressMode::kJson},
      {with("", "quiet"), {}, both, true, true, ProgressMode::kQuiet},
      {with("", "none"), {}, both, true, true, ProgressMode::kQuiet},
      {with("", "auto"), {{"COMPOSE_PROGRESS", "json"}}, none, false, false, ProgressMode::kPlain},
      {{}, {{"COMPOSE_PROGRESS", "json"}}, none, false, false, ProgressMode::kJson},
  };
  int number = 0;
  for (const Case& each : cases) {
    CAPTURE(number++);
    const auto style = decide_style(each.globals, each.environment, each.terminals);
    REQUIRE(style.has_value());
    CHECK(style->colour_out == each.colour_out);
    CHECK(style->colour_err == each.colour_err);
    CHECK(style->progress == each.progress);
  }
  CHECK(decide_style(with("", "loud"), {}, both).error().message == "unsupported --progress value \"loud\"");
  CHECK_FALSE(decide_style(with("sometimes", ""), {}, both).has_value());
}

TEST_CASE("short words are near only by one edit") {
  CHECK(nearest_command("uup") == "up");
  CHECK(nearest_command("pu") == "up");
  CHECK(nearest_command("dn") == std::nullopt);
  CHECK(nearest_command("a") == std::nullopt);
  CHECK(nearest_command("versoin") == "version");
  CHECK(nearest("--detatch", {"--detach", "--wait"}) == "--detach");
}
