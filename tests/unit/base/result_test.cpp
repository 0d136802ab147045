#include "base/result.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of this namespace

Result<int> half(int number) {
  if (number % 2 != 0) {
    return make_error(Code::kInvalid, "odd number");
  }
  return number / 2;
}

Result<int> quarter(int number) {
  CMP_TRY(const int once, half(number).context("first half"));
  CMP_TRY(const int twice, half(once).context("second half"));
  return twice;
}

TEST_CASE("a result carries its value through CMP_TRY") {
  CHECK(quarter(12).value() == 3);
}

TEST_CASE("an error gains the noun of the layer it passes") {
  const auto result = quarter(6);
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "second half: odd number");
  CHECK(result.error().code == Code::kInvalid);
}

TEST_CASE("a system error speaks in lower case but leaves acronyms alone") {
  CHECK(sys_error("open '/x'", ENOENT).str() == "open '/x': no such file or directory");
  CHECK(sys_error("write", EIO).str() == "write: input/output error");
}

TEST_CASE("the most precise position wins") {
  auto error = make_error(Code::kInvalid, "bad").at({"a.yaml", 3, 4}).at({"b.yaml", 1, 1});
  CHECK(error.str() == "a.yaml:3:4: bad");
}

}  // namespace
