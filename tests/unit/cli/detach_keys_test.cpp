#include "cli/detach_keys.hpp"

#include <doctest/doctest.h>

using cmp::cli::DetachKeys;

namespace {

DetachKeys keys(std::string_view text) {
  auto parsed = DetachKeys::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("keys are characters and control characters") {
  CHECK(DetachKeys::parse("ctrl-p,ctrl-q"));
  CHECK(DetachKeys::parse("a,b,ctrl-@,ctrl-_"));
  for (const char* wrong : {"ctrl-", "ctrl-P", "alt-x", "ctrl-p,", ",", "ctrl-1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(DetachKeys::parse(wrong));
  }
}

TEST_CASE("what is no part of the sequence goes on to the program") {
  DetachKeys both = keys("ctrl-p,ctrl-q");
  CHECK(both.filter("abc\r") == "abc\r");
  CHECK_FALSE(both.detached());
}

TEST_CASE("the beginning of the sequence is held back until the next key decides") {
  DetachKeys both = keys("ctrl-p,ctrl-q");
  CHECK(both.filter("a\x10") == "a");
  CHECK(both.filter("b") ==
        "\x10"
        "b");
  CHECK(both.filter("\x10\x10") == "\x10");
  CHECK_FALSE(both.detached());
  CHECK(both.filter("\x11more").empty());
  CHECK(both.detached());
}

TEST_CASE("no keys never detach") {
  DetachKeys none = keys("");
  CHECK(none.filter("\x10\x11") == "\x10\x11");
  CHECK_FALSE(none.detached());
}
