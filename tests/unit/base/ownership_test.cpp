#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <doctest/doctest.h>

#include "base/scope_exit.hpp"
#include "base/unique_fd.hpp"

namespace {

using cmp::ScopeExit;
using cmp::UniqueFd;

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

UniqueFd open_null() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST_CASE("a descriptor is closed with its owner") {
  int number = -1;
  {
    const UniqueFd fd = open_null();
    number = fd.get();
    REQUIRE(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("moving hands the descriptor on and leaves nothing behind") {
  UniqueFd first = open_null();
  const int number = first.get();
  UniqueFd second = std::move(first);
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): what a moved-from owner holds is what is tested
  CHECK(second.get() == number);
  UniqueFd third = open_null();
  const int old = third.get();
  third = std::move(second);
  CHECK(third.get() == number);
  CHECK_FALSE(is_open(old));
  CHECK(is_open(number));
}

TEST_CASE("a released descriptor stays open") {
  UniqueFd fd = open_null();
  const int number = fd.release();
  CHECK_FALSE(fd);
  CHECK(is_open(number));
  ::close(number);
}

TEST_CASE("a scope's exit function runs once, or never when released") {
  int runs = 0;
  {
    const ScopeExit exit([&] { ++runs; });
  }
  CHECK(runs == 1);
  {
    ScopeExit exit([&] { ++runs; });
    exit.release();
  }
  CHECK(runs == 1);
}

}  // namespace
