#include "engine/preflight.hpp"

#include <linux/capability.h>

#include <doctest/doctest.h>

namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

TEST_CASE("root with all its capabilities may make containers") {
  CHECK(cmp::engine::check_privileges(kAll));
}

TEST_CASE("root without capabilities is told which ones it lacks") {
  const auto refused = cmp::engine::check_privileges(kAll & ~(std::uint64_t{1} << CAP_NET_ADMIN));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == cmp::Code::kPermission);
  CHECK(refused.error().message.find("CAP_NET_ADMIN") != std::string::npos);
  CHECK(refused.error().message.find("CAP_SYS_ADMIN") == std::string::npos);
  CHECK_FALSE(cmp::engine::check_privileges(0));
}

}  // namespace
