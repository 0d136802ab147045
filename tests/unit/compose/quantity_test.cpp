#include "compose/quantity.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

std::string bytes(const char* text) {
  const auto size = parse_bytes(text);
  return size ? std::to_string(size->count) : "none";
}

std::string duration(const char* text) {
  const auto value = parse_duration(text);
  return value ? duration_text(*value) : "none";
}

struct Case {
  const char* text;
  const char* expected;
};

}  // namespace

TEST_CASE("sizes are multiples of 1024 with any spelling of the unit") {
  const Case cases[] = {{"64", "64"},           {"64b", "64"},         {"1k", "1024"},      {"1kb", "1024"},
                        {"1KiB", "1024"},       {"512m", "536870912"}, {"640kb", "655360"}, {"1.5g", "1610612736"},
                        {"2 gb", "2147483648"}, {"-1", "-1"},          {"0", "0"},          {"1t", "1099511627776"},
                        {"", "none"},           {"12q", "none"},       {"m", "none"},       {"-5", "none"},
                        {"1kx", "none"},        {"1 2", "none"},       {"1kibb", "none"},   {"99999999p", "none"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(bytes(one.text) == one.expected, one.text);
  }
}

TEST_CASE("durations are read in units and printed as Docker Compose prints them") {
  const Case cases[] = {{"60s", "1m0s"},
                        {"1m30s", "1m30s"},
                        {"1d", "24h0m0s"},
                        {"2w", "336h0m0s"},
                        {"500us", "500µs"},
                        {"20ms", "20ms"},
                        {"1h5m30s20ms", "1h5m30.02s"},
                        {"1.5s", "1.5s"},
                        {"1.5h", "1h30m0s"},
                        {"0", "0s"},
                        {"0s", "0s"},
                        {"7ns", "7ns"},
                        {"-1s", "-1s"},
                        {"1µs", "1µs"},
                        {"1.000000001s", "1.000000001s"},
                        {"10", "none"},
                        {"", "none"},
                        {"s", "none"},
                        {"1x", "none"},
                        {"1s2", "none"},
                        {".s", "none"},
                        {"99999999999w", "none"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(duration(one.text) == one.expected, one.text);
  }
}

TEST_CASE("booleans have their old spellings too, whatever the case") {
  for (const char* text : {"true", "Yes", "y", "ON"}) {
    CHECK_MESSAGE(parse_bool(text) == true, text);
  }
  for (const char* text : {"false", "NO", "n", "off"}) {
    CHECK_MESSAGE(parse_bool(text) == false, text);
  }
  for (const char* text : {"", "1", "maybe", "truee"}) {
    CHECK_MESSAGE(parse_bool(text) == std::nullopt, text);
  }
}

TEST_CASE("whole numbers and modes are read to the end of the text or not at all") {
  CHECK(parse_integer("+5") == 5);
  CHECK(parse_integer("-5") == -5);
  CHECK(parse_integer("5x") == std::nullopt);
  CHECK(parse_integer("") == std::nullopt);
  CHECK(parse_octal("0440") == 0440);
  CHECK(parse_octal("9") == std::nullopt);
  CHECK(parse_number("0.5") == doctest::Approx(0.5));
  CHECK(parse_number("inf") == std::nullopt);
}
