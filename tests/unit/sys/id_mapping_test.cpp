#include "sys/id_mapping.hpp"

#include <doctest/doctest.h>

using cmp::sys::swapping_map;

TEST_CASE("two ids change places, all others stay") {
  CHECK(swapping_map({1000, 0}) == "0 1000 1\n1 1 999\n1000 0 1\n1001 1001 4294966294\n");
  CHECK(swapping_map({5, 6}) == "0 0 5\n5 6 1\n6 5 1\n7 7 4294967288\n");
  CHECK(swapping_map({0, 0}) == "0 0 1\n1 1 4294967294\n");
}
