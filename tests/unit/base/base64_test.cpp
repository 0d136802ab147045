#include "base/base64.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace cmp;

TEST_CASE("base64 goes both ways") {
  for (const std::string& text : {std::string(), std::string("f"), std::string("fo"), std::string("foo"),
                                  std::string("user:pass\0word\xff", 15), std::string(1000, 'x')}) {
    CHECK(from_base64(to_base64(text)) == text);
  }
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(from_base64("Zm9v\r\nYg==\n") == "foob");
}

TEST_CASE("what is no base64 is nothing") {
  for (const char* text : {"!", "Zm9vYg", "Zm9vYg=", "Zm=vYg==", "Zm9v YmFy", "=", "===="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

}  // namespace
