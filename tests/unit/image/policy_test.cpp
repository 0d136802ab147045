#include "image/policy.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp::image;  // NOLINT(google-build-using-namespace): a test of this namespace
using cmp::model::PullPolicy;

TEST_CASE("pull_policy decides whether an image is fetched") {
  struct Row {
    PullPolicy policy;
    bool present;
    Decision expected;
  };

  for (const Row& row :
       {Row{PullPolicy::kMissing, false, Decision::kPull}, Row{PullPolicy::kMissing, true, Decision::kUse},
        Row{PullPolicy::kAlways, false, Decision::kPull}, Row{PullPolicy::kAlways, true, Decision::kPull},
        Row{PullPolicy::kNever, false, Decision::kRefuse}, Row{PullPolicy::kNever, true, Decision::kUse},
        Row{PullPolicy::kBuild, false, Decision::kPull}}) {
    CAPTURE(static_cast<int>(row.policy));
    CAPTURE(row.present);
    CHECK(decide({.policy = row.policy, .present = row.present}) == row.expected);
  }
}

TEST_CASE("an image older than its age is fetched again, a changed local one too") {
  const auto day = std::chrono::hours(24);
  CHECK(decide({.max_age = day, .present = true, .age = std::chrono::hours(23)}) == Decision::kUse);
  CHECK(decide({.max_age = day, .present = true, .age = std::chrono::hours(25)}) == Decision::kPull);
  CHECK(decide({.present = true, .local = true, .outdated = true}) == Decision::kPull);
  CHECK(decide({.policy = PullPolicy::kNever, .present = true, .local = true, .outdated = true}) == Decision::kUse);
}

TEST_CASE("a service with build: is built when its image is missing or it is asked for") {
  CHECK(decide({.buildable = true}) == Decision::kBuild);
  CHECK(decide({.present = true, .buildable = true}) == Decision::kUse);
  CHECK(decide({.present = true, .buildable = true, .build_asked = true}) == Decision::kBuild);
  CHECK(decide({.policy = PullPolicy::kBuild, .present = true, .buildable = true}) == Decision::kBuild);
  // What is made here is not fetched.
  CHECK(decide({.policy = PullPolicy::kNever, .buildable = true}) == Decision::kBuild);
  CHECK(decide({.policy = PullPolicy::kNever, .present = true, .buildable = true}) == Decision::kUse);
  CHECK(decide({.policy = PullPolicy::kNever, .buildable = true, .build_refused = true}) == Decision::kRefuse);
  CHECK(decide({.buildable = true, .build_refused = true}) == Decision::kRefuse);
  CHECK(decide({.present = true, .buildable = true, .build_refused = true}) == Decision::kUse);
}

}  // namespace
