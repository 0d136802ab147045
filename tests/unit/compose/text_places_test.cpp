#include "compose/text_places.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using cmp::compose::TextPlaces;

std::string place(TextPlaces& places, std::size_t character) {
  const auto at = places.place(places.offset(character));
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

TEST_CASE("marks that count characters become lines and columns, forwards and backwards") {
  TextPlaces plain("ab\n\nc");
  CHECK(place(plain, 0) == "1:1");
  CHECK(place(plain, 2) == "1:3");
  CHECK(place(plain, 3) == "2:1");
  CHECK(place(plain, 4) == "3:1");
  CHECK(place(plain, 99) == "3:2");
  CHECK(place(plain, 1) == "1:2");
  CHECK(place(plain, 3) == "2:1");
}

TEST_CASE("columns count bytes") {
  TextPlaces places("\xC3\xA9\xE2\x82\xAC\nx\xF0\x9F\x98\x80y");
  CHECK(places.offset(2) == 5);
  CHECK(place(places, 1) == "1:3");
  CHECK(place(places, 5) == "2:6");
  CHECK(place(places, 0) == "1:1");
  CHECK(place(places, 4) == "2:2");
  CHECK(places.offset(99) == 12);
}

TEST_CASE("an empty text has one place") {
  TextPlaces places("");
  CHECK(place(places, 0) == "1:1");
  CHECK(place(places, 7) == "1:1");
}

}  // namespace
