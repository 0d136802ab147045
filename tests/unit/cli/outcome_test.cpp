#include "cli/outcome.hpp"

#include <doctest/doctest.h>

using namespace cmp::cli;

TEST_CASE("what needs no work is said of the project, or of the services that were asked for") {
  const std::vector<std::string> one{"/srv/shop/compose.yaml"};
  CHECK(unchanged_notice("shop", {}, one) == "Nothing to do: shop is as compose.yaml declares it\n");
  CHECK(unchanged_notice("shop", {"web"}, one) == "Nothing to do: web is as compose.yaml declares it\n");
  CHECK(unchanged_notice("shop", {"web", "db"}, one) == "Nothing to do: web, db are as compose.yaml declares it\n");
  CHECK(unchanged_notice("shop", {}, {"/a/compose.yaml", "/a/b.yaml"}) ==
        "Nothing to do: shop is as its files declare it\n");
}

TEST_CASE("an outcome is unchanged only if nothing was done, wrong or interrupted") {
  CHECK(is_unchanged(cmp::cli::Outcome()));
  CHECK_FALSE(is_unchanged({.changed = true}));
  CHECK_FALSE(is_unchanged({.interrupted = true}));
  CHECK_FALSE(is_unchanged({.errors = {cmp::make_error(cmp::Code::kSystem, "no")}}));
}

TEST_CASE("the exit code is 0, 130 for an interruption, or every error joined into the first") {
  CHECK(conclude({}).value() == 0);
  CHECK(conclude({.interrupted = true, .errors = {cmp::make_error(cmp::Code::kInterrupted, "interrupted")}}).value() ==
        130);
  const auto failed =
      conclude({.errors = {cmp::make_error(cmp::Code::kSystem, "a"), cmp::make_error(cmp::Code::kSystem, "b")}});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "a");
  REQUIRE(failed.error().others.size() == 1);
  CHECK(failed.error().others[0].message == "b");
}
