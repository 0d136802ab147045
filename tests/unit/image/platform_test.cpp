#include "image/platform.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp::image;  // NOLINT(google-build-using-namespace): a test of this namespace

const Platform kHost{"linux", "amd64", ""};

TEST_CASE("platforms are understood under their usual names") {
  const std::pair<const char*, const char*> rows[] = {
      {"linux", "linux/amd64"},          {"linux/x86_64", "linux/amd64"},  {"linux/aarch64", "linux/arm64"},
      {"linux/arm64/v8", "linux/arm64"}, {"linux/arm/v7", "linux/arm/v7"}, {"linux/armhf", "linux/arm/v7"},
      {"arm64", "linux/arm64"},          {"linux/arm", "linux/arm/v7"},    {"linux/386", "linux/386"},
  };
  for (const auto& row : rows) {
    const char* const written = row.first;
    const char* const meant = row.second;
    CAPTURE(written);
    const auto platform = parse_platform(written, kHost);
    REQUIRE(platform);
    CHECK(platform->str() == meant);
  }
  CHECK(parse_platform("windows/amd64", kHost).error().code == cmp::Code::kUnsupported);
  CHECK_FALSE(parse_platform("", kHost));
  CHECK_FALSE(parse_platform("linux/arm/v7/x", kHost));
}

TEST_CASE("an arm machine takes its own variant, else the next older one") {
  const auto far = [](const char* offered, const char* wanted) {
    return distance(*parse_platform(offered, kHost), *parse_platform(wanted, kHost));
  };
  CHECK(far("linux/arm/v7", "linux/arm/v7") == 0);
  CHECK(far("linux/arm/v6", "linux/arm/v7") == 1);
  CHECK(far("linux/arm/v7", "linux/arm/v6") == -1);
  CHECK(far("linux/amd64", "linux/arm64") == -1);
  CHECK(far("linux/arm64/v8", "linux/arm64") == 0);
}

}  // namespace
