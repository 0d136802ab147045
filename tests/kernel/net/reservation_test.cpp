#include "net/reservation.hpp"

#include <unistd.h>

#include <utility>

#include <doctest/doctest.h>

namespace {

using cmp::net::Reservation;

TEST_CASE("of two who choose subnets the second waits until the first has let go") {
  auto first = Reservation::take(cmp::Nanoseconds(0));
  REQUIRE(first);
  REQUIRE(first->held());
  const auto second = Reservation::take(cmp::Nanoseconds(0));
  REQUIRE(second);
  CHECK_FALSE(second->held());
  {
    const Reservation moved = std::move(*first);
    CHECK(moved.held());
  }
  const auto third = Reservation::take(cmp::Nanoseconds(0));
  REQUIRE(third);
  CHECK(third->held());
}

TEST_CASE("a copy of the descriptor in a child does not keep it") {
  int copy = -1;
  {
    const auto first = Reservation::take(cmp::Nanoseconds(0));
    REQUIRE(first);
    REQUIRE(first->held());
    // What fork(2) would give a child: the same open file under another number.
    for (int fd = 3; fd < 256 && copy < 0; ++fd) {
      char target[64] = {};
      const std::string link = "/proc/self/fd/" + std::to_string(fd);
      if (::readlink(link.c_str(), target, sizeof target - 1) > 0 && std::string(target).starts_with("net:[")) {
        copy = ::dup(fd);  // NOLINT(android-cloexec-dup)
      }
    }
    REQUIRE(copy >= 0);
  }
  const auto second = Reservation::take(cmp::Nanoseconds(0));
  ::close(copy);
  REQUIRE(second);
  CHECK(second->held());
}

}  // namespace
