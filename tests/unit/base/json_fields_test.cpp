#include "base/json_fields.hpp"

#include <doctest/doctest.h>

namespace {

enum class Colour { kRed, kBlue };

struct Inner {
  int number = 7;
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Outer {
  std::string text = "default";
  bool flag = true;
  double ratio = 0.5;
  std::uint64_t big = 0;
  Colour colour = Colour::kRed;
  std::optional<int> maybe;
  std::vector<Inner> list;
  std::map<std::string, std::optional<std::string>> map;
  cmp::Nanoseconds time{0};
  cmp::Bytes bytes;
  Inner inner;
  friend bool operator==(const Outer&, const Outer&) = default;
};

}  // namespace

template <>
struct cmp::json::Fields<Inner> {
  static constexpr auto list = std::make_tuple(field("number", &Inner::number));
};

template <>
struct cmp::json::Fields<Outer> {
  static constexpr auto list =
      std::make_tuple(field("text", &Outer::text), field("flag", &Outer::flag), field("ratio", &Outer::ratio),
                      field("big", &Outer::big), field("colour", &Outer::colour), field("maybe", &Outer::maybe),
                      field("list", &Outer::list), field("map", &Outer::map), field("time", &Outer::time),
                      field("bytes", &Outer::bytes), field("inner", &Outer::inner));
};

namespace {

using cmp::json::from_json;
using cmp::json::Json;
using cmp::json::to_json;

TEST_CASE("a struct of defaults is an empty object") {
  CHECK(to_json(Outer{}).dump() == "{}");
}

TEST_CASE("every kind of field comes back as it went") {
  Outer value;
  value.text = "x\n\"y\"";
  value.flag = false;
  value.ratio = 1.25;
  value.big = 0xFFFFFFFFFFFFFFFFU;
  value.colour = Colour::kBlue;
  value.maybe = 0;
  value.list = {{1}, {7}};
  value.map = {{"set", "value"}, {"empty", ""}, {"unset", std::nullopt}};
  value.time = std::chrono::seconds(3);
  value.bytes = {1LL << 40};
  value.inner.number = -1;
  Outer back;
  REQUIRE(from_json(Json::parse(to_json(value).dump()), back));
  CHECK(back == value);
}

TEST_CASE("an absent field keeps its default and an unknown one is passed over") {
  Outer back;
  CHECK(from_json(Json::parse(R"({"from a newer version": [1]})"), back));
  CHECK(back == Outer{});
}

TEST_CASE("another shape is refused") {
  for (const char* text : {"[]", R"({"text": 1})", R"({"flag": "yes"})", R"({"list": {}})", R"({"map": []})",
                           R"({"inner": 3})", R"({"big": "1"})", R"({"list": [{"number": "1"}]})", "null"}) {
    CAPTURE(text);
    Outer back;
    CHECK_FALSE(from_json(Json::parse(text), back));
  }
}

}  // namespace
