#include "cli/log_lines.hpp"

#include <doctest/doctest.h>

using namespace cmp::cli;
using namespace std::chrono_literals;
using cmp::state::LogLine;

namespace {

LogLine line(const std::string& text, std::chrono::milliseconds at = 0ms, bool is_stderr = false) {
  return {.time = cmp::WallTime(at), .is_stderr = is_stderr, .text = text};
}

std::string texts(const std::vector<SourcedLine>& lines) {
  std::string out;
  for (const SourcedLine& each : lines) {
    out += each.container + ":" + each.line.text + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("a prefix is the container's name without the project's, as wide as the longest name and one blank") {
  LogPrefixes prefixes("shop", false, {});
  prefixes.add("shop-web-1");
  CHECK(prefixes.format("shop-web-1", line("hello")) == "web-1  | hello\n");
  prefixes.add("shop-database-1");
  CHECK(prefixes.format("shop-web-1", line("hello")) == "web-1       | hello\n");
  CHECK(prefixes.format("shop-database-1", line("x")) == "database-1  | x\n");
  prefixes.add("my-own-name");
  CHECK(prefixes.format("my-own-name", line("")) == "my-own-name  | \n");
}

TEST_CASE("colours go round in Docker's order, on the prefix only") {
  LogPrefixes prefixes("p", true, {});
  const char* const colours[] = {"36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1", "36"};
  int number = 0;
  for (const char* const colour : colours) {
    const std::string name = "p-" + std::string(1, static_cast<char>('a' + number++));
    prefixes.add(name);
    prefixes.add(name);
    CHECK(prefixes.format(name, line("x")) == "\x1b[" + std::string(colour) + "m" + name.substr(2) + "  | \x1b[0mx\n");
  }
  CHECK(prefixes.format_status("p-a", "exited with code 0") == "\x1b[36ma exited with code 0\x1b[0m\n");
}

TEST_CASE("--no-color, --no-log-prefix and --timestamps do what they say") {
  LogPrefixes plain("p", true, {.no_color = true});
  plain.add("p-a");
  CHECK(plain.format("p-a", line("x")) == "a  | x\n");
  LogPrefixes bare("p", true, {.no_prefix = true});
  bare.add("p-a");
  CHECK(bare.format("p-a", line("x")) == "x\n");
  LogPrefixes timed("p", false, {.timestamps = true});
  timed.add("p-a");
  CHECK(timed.format("p-a", line("x", 1500ms)) == "a  | 1970-01-01T00:00:01.500000000Z x\n");
}

TEST_CASE("a status line names the container") {
  LogPrefixes prefixes("shop", false, {});
  prefixes.add("shop-web-1");
  CHECK(prefixes.format_status("shop-web-1", "exited with code 1 (restarting)") ==
        "web-1 exited with code 1 (restarting)\n");
}

TEST_CASE("since, until and tail choose lines of each container") {
  const std::vector<LogLine> all = {line("1", 10ms), line("2", 20ms), line("3", 30ms), line("4", 40ms)};
  const auto chosen = [&](const LogFilter& filter) {
    std::vector<SourcedLine> out;
    append_wanted(out, "a", all, filter);
    return texts(out);
  };
  CHECK(chosen({}) == "a:1 a:2 a:3 a:4 ");
  CHECK(chosen({.since = cmp::WallTime(20ms)}) == "a:2 a:3 a:4 ");
  CHECK(chosen({.until = cmp::WallTime(20ms)}) == "a:1 a:2 ");
  CHECK(chosen({.tail = 1}) == "a:4 ");
  CHECK(chosen({.tail = 0}) == "");
  CHECK(chosen({.tail = 9}) == "a:1 a:2 a:3 a:4 ");
  CHECK(chosen({.until = cmp::WallTime(30ms), .tail = 2}) == "a:2 a:3 ");
}

TEST_CASE("lines of several containers are merged by time, those of one instant keep their order") {
  std::vector<SourcedLine> lines = {
      {"a", line("1", 10ms)}, {"a", line("2", 30ms)}, {"b", line("3", 10ms)}, {"b", line("4", 20ms)}};
  sort_by_time(lines);
  CHECK(texts(lines) == "a:1 b:3 b:4 a:2 ");
}

TEST_CASE("--tail takes a number or all") {
  CHECK(*parse_tail("all") == std::nullopt);
  CHECK(*parse_tail("-1") == std::nullopt);
  CHECK(*parse_tail("0") == std::optional<std::size_t>(0));
  CHECK(*parse_tail("25") == std::optional<std::size_t>(25));
  CHECK_FALSE(parse_tail("").has_value());
  CHECK_FALSE(parse_tail("many").has_value());
  CHECK_FALSE(parse_tail("5x").has_value());
}
