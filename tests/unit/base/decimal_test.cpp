#include "base/decimal.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using cmp::leading_decimal;
using cmp::parse_decimal;

TEST_CASE("decimal numbers are read, and nothing that only looks like one") {
  CHECK(parse_decimal("1") == 1.0);
  CHECK(parse_decimal("-1.5") == -1.5);
  CHECK(parse_decimal(".5") == 0.5);
  CHECK(parse_decimal("1.") == 1.0);
  CHECK(parse_decimal("2e-3") == 0.002);
  CHECK(parse_decimal("2E+3") == 2000.0);
  for (const char* text :
       {"", "-", ".", "+1", " 1", "1 ", "0x1", "inf", "nan", "1e", "1e+", "1e999", "e1", "--1", "1,5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text).has_value());
  }
}

TEST_CASE("a number may have a unit behind it") {
  const auto size = leading_decimal("1.5GB");
  REQUIRE(size.has_value());
  CHECK(size->value == 1.5);
  CHECK(size->size == 3);
  CHECK(leading_decimal("2e")->size == 1);
  CHECK(leading_decimal("10.5.5")->size == 4);
  CHECK_FALSE(leading_decimal("m").has_value());
}

}  // namespace
