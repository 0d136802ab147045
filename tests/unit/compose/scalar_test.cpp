#include "compose/scalar.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

struct Case {
  const char* written;
  ScalarType type;
  const char* text;
};

}  // namespace

TEST_CASE("a plain scalar has the type that its text has in YAML 1.2 as Compose reads it") {
  const Case cases[] = {
      {"1", ScalarType::kInteger, "1"},
      {"-12", ScalarType::kInteger, "-12"},
      {"+7", ScalarType::kInteger, "7"},
      {"0777", ScalarType::kInteger, "511"},
      {"0o17", ScalarType::kInteger, "15"},
      {"0x1f", ScalarType::kInteger, "31"},
      {"0b101", ScalarType::kInteger, "5"},
      {"1_000", ScalarType::kInteger, "1000"},
      {"08", ScalarType::kFloat, "8"},
      {"1.50", ScalarType::kFloat, "1.5"},
      {"1e3", ScalarType::kFloat, "1000"},
      {".5", ScalarType::kFloat, "0.5"},
      {"1.", ScalarType::kFloat, "1"},
      {"1e21", ScalarType::kFloat, "1e+21"},
      {".inf", ScalarType::kFloat, "+Inf"},
      {"-.inf", ScalarType::kFloat, "-Inf"},
      {".nan", ScalarType::kFloat, "NaN"},
      {"-0", ScalarType::kInteger, "0"},
      {"1e400", ScalarType::kString, "1e400"},
      {"true", ScalarType::kBool, "true"},
      {"False", ScalarType::kBool, "false"},
      {"~", ScalarType::kNull, ""},
      {"null", ScalarType::kNull, ""},
      {"", ScalarType::kNull, ""},
      {"yes", ScalarType::kString, "yes"},
      {"22:22", ScalarType::kString, "22:22"},
      {"1.2.3", ScalarType::kString, "1.2.3"},
      {"1e", ScalarType::kString, "1e"},
      {"-", ScalarType::kString, "-"},
      {".", ScalarType::kString, "."},
      {"0x", ScalarType::kString, "0x"},
      {"9223372036854775807", ScalarType::kInteger, "9223372036854775807"},
      {"-9223372036854775808", ScalarType::kInteger, "-9223372036854775808"},
  };
  for (const Case& one : cases) {
    const Node node = plain_node(one.written, {});
    CHECK_MESSAGE(scalar_type(node) == one.type, one.written);
    CHECK_MESSAGE(scalar_text(node) == one.text, one.written);
  }
}

TEST_CASE("a quoted scalar is a string whatever it holds") {
  CHECK(scalar_type(string_node("1.50", {})) == ScalarType::kString);
  CHECK(scalar_text(string_node("1.50", {})) == "1.50");
  CHECK(scalar_type(string_node("", {})) == ScalarType::kString);
}

TEST_CASE("an integer beyond 64 bits is no integer value") {
  CHECK(plain_integer("9223372036854775808") == std::nullopt);
  CHECK(plain_integer("-9223372036854775808") == INT64_MIN);
}

TEST_CASE("numbers are written in the shortest form that reads back the same") {
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(0.1F) == "0.1");
  CHECK(number_text(1e-7) == "1e-07");
  CHECK(number_text(5.684341886080802e-14) == "5.684341886080802e-14");  // a power of two: %.15e has another last digit
  CHECK(number_text(123456789012345680000.0) == "123456789012345683968");
  CHECK(number_text(0.00012345) == "0.00012345");
  CHECK(number_text(-0.0) == "-0");
  CHECK(number_text(100000.0) == "100000");
}
