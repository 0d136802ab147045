#include "cli/ignore_patterns.hpp"

#include <doctest/doctest.h>

using cmp::cli::IgnorePatterns;
using Words = std::vector<std::string>;

TEST_CASE("patterns fit as those of .dockerignore do") {
  struct Case {
    Words patterns;
    const char* path;
    bool ignored;
  };

  const Case cases[] = {
      {{"node_modules"}, "node_modules", true},
      {{"node_modules/"}, "node_modules/a/b", true},
      {{"node_modules"}, "src/node_modules", false},
      {{"**/node_modules"}, "src/x/node_modules/y", true},
      {{"*.tmp"}, "a.tmp", true},
      {{"*.tmp"}, "sub/a.tmp", false},
      {{"**/*.tmp"}, "sub/a.tmp", true},
      {{"**/*.tmp"}, "a.tmp", true},
      {{"/a/b?"}, "a/bc", true},
      {{"./a"}, "a", true},
      {{"a/**/z"}, "a/b/c/z", true},
      {{"a/**/z"}, "a/z", true},
      {{"[ab].c"}, "b.c", true},
      {{"*", "!keep"}, "keep", false},
      {{"*", "!keep"}, "other", true},
      {{"!keep", "*"}, "keep", true},
      {{"."}, "anything/at/all", true},
      {{}, "a", false},
  };
  for (const Case& one : cases) {
    CAPTURE(one.path);
    CHECK(IgnorePatterns(one.patterns).matches(one.path) == one.ignored);
  }
  CHECK(IgnorePatterns::lines_of("# no\n\n a \r\n!b\n") == Words{"a", "!b"});
}
