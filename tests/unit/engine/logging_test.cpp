#include "engine/logging.hpp"

#include <doctest/doctest.h>

using namespace cmp;  // NOLINT(google-build-using-namespace): a test
using engine::log_bounds;

namespace {

state::LogBounds bounds(const model::Logging& logging) {
  const auto found = log_bounds(logging);
  REQUIRE(found);
  REQUIRE(*found);
  return **found;
}

}  // namespace

TEST_CASE("logs are bounded where nothing is said") {
  CHECK(bounds({}).max_bytes == 20'000'000);
  CHECK(bounds({}).files == 5);
  CHECK(bounds({.driver = "local", .options = {}}).files == 5);
}

TEST_CASE("max-size has decimal units and means one file unless max-file says more") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
  };

  for (const Row row : {Row{"10m", 10'000'000}, Row{"1.5k", 1500}, Row{"2GB", 2'000'000'000}, Row{"300", 300},
                        Row{"64 kb", 64'000}, Row{"-1", 0}}) {
    CAPTURE(row.text);
    const auto found = bounds({.driver = "json-file", .options = {{"max-size", row.text}}});
    CHECK(found.max_bytes == row.bytes);
    CHECK(found.files == 1);
  }
  CHECK(bounds({.driver = "", .options = {{"max-size", "1m"}, {"max-file", "7"}}}).files == 7);
}

TEST_CASE("the driver none keeps nothing") {
  const auto found = log_bounds({.driver = "none", .options = {}});
  REQUIRE(found);
  CHECK_FALSE(*found);
}

TEST_CASE("what no driver has is refused by name") {
  struct Row {
    model::Logging logging;
    const char* part;
  };

  const Row rows[] = {{{"fluentd", {}}, "driver 'fluentd'"},
                      {{"json-file", {{"max-size", "ten"}}}, "max-size 'ten'"},
                      {{"json-file", {{"max-size", "10q"}}}, "max-size '10q'"},
                      {{"json-file", {{"max-file", "0"}}}, "max-file '0'"},
                      {{"", {{"max-sise", "1m"}}}, "no option 'max-sise'"}};
  for (const Row& row : rows) {
    const auto found = log_bounds(row.logging);
    REQUIRE_FALSE(found);
    CHECK(found.error().message.find(row.part) != std::string::npos);
  }
}
