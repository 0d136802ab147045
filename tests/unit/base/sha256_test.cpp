#include "base/sha256.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

TEST_CASE("sha256 gives the digests of FIPS 180's examples") {
  CHECK(cmp::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(cmp::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(cmp::sha256_hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256 takes zero bytes as they are") {
  CHECK(cmp::sha256_hex(std::string_view("a\0b", 3)) != cmp::sha256_hex("a"));
}

}  // namespace
