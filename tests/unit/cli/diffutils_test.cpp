#include "cli/diffutils.hpp"

#include <set>

#include <doctest/doctest.h>

using cmp::cli::is_comparison;

namespace {

struct Call {
  std::vector<std::string> arguments;
  bool comparison;
};

/// The files of the imagined directory.
bool exists(const std::string& name) {
  return std::set<std::string>{"a", "b", "log", "up.txt", "down.txt", "dir/up", "with space", "up", "down"}.contains(
      name);
}

}  // namespace

TEST_CASE("calls of diffutils go to diffutils, commands of ours stay ours") {
  const Call calls[] = {
      // two files, options in any place
      {{"a", "b"}, true},
      {{"-s", "a", "b"}, true},
      {{"-l", "a", "b"}, true},
      {{"-b", "a", "b"}, true},
      {{"-bl", "a", "b"}, true},
      {{"-b"}, true},
      {{"--silent", "a", "b"}, true},
      {{"--quiet", "a", "b"}, true},
      {{"--sil", "a", "b"}, true},
      {{"--verbose", "a", "b"}, true},
      {{"--print-bytes", "a", "b"}, true},
      {{"-n", "5", "a", "b"}, true},
      {{"-n5", "a", "b"}, true},
      {{"-i", "1:2", "a", "b"}, true},
      {{"-i1", "a", "b"}, true},
      {{"--bytes=10", "a", "b"}, true},
      {{"--ignore-initial=1", "a", "b"}, true},
      {{"a", "b", "1", "2"}, true},
      {{"a", "-s", "b"}, true},
      {{"a", "--", "b"}, true},
      {{"-c", "a", "b"}, true},
      {{"-cl", "a", "b"}, true},
      {{"--print-chars", "a", "b"}, true},
      // what diffutils refuses, with its own message and exit code
      {{"a", "b", "c"}, true},
      {{"a", "b", "1", "x"}, true},
      {{"-z", "a", "b"}, true},
      {{"--foo", "a", "b"}, true},
      {{"--foo", "up", "a"}, false},
      {{"--foo", "a"}, false},
      {{"--dry-run", "a", "b"}, false},
      {{"--project-name=x", "a", "b"}, false},
      {{"-px", "a", "b"}, false},
      // one file: the other one is standard input
      {{"a"}, true},
      {{"a", "-"}, true},
      {{"-", "a"}, true},
      {{"-"}, true},
      // files that look like commands
      {{"--", "up", "down"}, true},
      {{"-s", "--", "up", "down"}, true},
      {{"-s", "up", "down"}, true},
      {{"./up", "down"}, true},
      {{"up.txt", "down.txt"}, true},
      {{"dir/up", "a"}, true},
      {{"log", "missing"}, true},
      // files that are not there: diffutils says so
      {{"missing", "gone"}, true},
      {{"a", "missing"}, true},
      {{"missing", "a"}, true},
      // ours
      {{}, false},
      {{"up"}, false},
      {{"up", "down"}, false},
      {{"up", "-s"}, false},
      {{"down", "-v"}, false},
      {{"ps"}, false},
      {{"logs", "-f", "web"}, false},
      {{"run", "web"}, false},
      {{"help"}, false},
      {{"--help"}, false},
      {{"-h"}, false},
      {{"--version"}, false},
      {{"-v"}, false},
      {{"-f", "x.yaml", "up"}, false},
      {{"-f", "a", "up"}, false},
      {{"-p", "a", "down"}, false},
      {{"--project-directory", "a", "ps"}, false},
      {{"--ansi", "never", "ps"}, false},
      {{"--ansi=never", "ps"}, false},
      {{"--profile", "b", "up"}, false},
      {{"--dry-run", "up"}, false},
      {{"--verbose", "up"}, false},
      {{"exec", "web", "cmp", "a", "b"}, false},
      // mistyped commands of ours
      {{"uup"}, false},
      {{"dwon", "-v"}, false},
      {{"lgos", "web"}, false},
      {{"exce", "web", "ls"}, false},
      {{"missing"}, false},
  };
  for (const Call& call : calls) {
    std::string text;
    for (const std::string& argument : call.arguments) {
      text += " " + argument;
    }
    CAPTURE(text);
    CHECK(is_comparison(call.arguments, exists) == call.comparison);
  }
}
