#include "sys/user_names.hpp"

#include <doctest/doctest.h>

namespace {

TEST_CASE("users have the first name that a line gives their number") {
  const auto names = cmp::sys::user_names(
      "root:x:0:0:root:/root:/bin/sh\n# "
      "none\nodd:x:y:1::/:\nweb:x:33:33:www:/var/www:/bin/false\ntoor:x:0:0::/:\nend:x:7");
  CHECK(names.size() == 3);
  CHECK(names.at(0) == "root");
  CHECK(names.at(33) == "web");
  CHECK(names.at(7) == "end");
  CHECK(cmp::sys::user_names("").empty());
}

}  // namespace
