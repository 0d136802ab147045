#include "cli/unit_file.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp;
using namespace cmp::cli;

TEST_CASE("a unit's words are quoted as systemd reads them") {
  const std::string text = unit_file("shop", "/opt/my cmp", {{"CMP_STATE_DIR", "/srv/100%/\"x\""}});
  CHECK(text.find("ExecStart=\"/opt/my cmp\" --project-name shop resume\n") != std::string::npos);
  CHECK(text.find("Environment=\"CMP_STATE_DIR=/srv/100%%/\\\"x\\\"\"\n") != std::string::npos);
  CHECK(unit_name("shop") == "cmp-shop.service");
}

}  // namespace
