#include "base/words.hpp"

#include <doctest/doctest.h>

TEST_CASE("words: what stands between blanks") {
  CHECK(cmp::words_of("").empty());
  CHECK(cmp::words_of(" a\tbc \n d") == std::vector<std::string_view>{"a", "bc", "d"});
}

TEST_CASE("words: parts are cut off one after the other") {
  std::string_view rest = "a:b::c";
  CHECK(cmp::cut(rest, ':') == "a");
  CHECK(cmp::cut(rest, ':') == "b");
  CHECK(cmp::cut(rest, ':').empty());
  CHECK(rest == "c");
  CHECK(cmp::cut(rest, ':') == "c");
  CHECK(rest.empty());
  CHECK(cmp::cut(rest, ':').empty());
}
