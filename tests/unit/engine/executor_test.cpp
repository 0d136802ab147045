#include "engine/executor.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp;          // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::engine;  // NOLINT(google-build-using-namespace)

/// Records the order; what is in `at_once` completes from within begin().
class FakeRuntime : public Runtime {
 public:
  void begin(const plan::Step& step) override {
    begun.push_back(step.id);
    if (executor != nullptr && complete_at_once) {
      executor->completed(step.id, {});
    }
  }

  Executor* executor = nullptr;
  bool complete_at_once = false;
  std::vector<int> begun;
};

plan::Plan diamond() {
  plan::Plan plan;
  const auto step = [](int id, const char* resource, std::vector<int> needs) {
    plan::Step out;
    out.id = id;
    out.resource = resource;
    out.op = plan::op::Barrier{};
    out.needs = std::move(needs);
    return out;
  };
  plan.steps = {step(0, "a", {}), step(1, "b", {0}), step(2, "c", {0}), step(3, "d", {1, 2})};
  return plan;
}

Error broken() {
  return make_error(Code::kSystem, "broken");
}

TEST_CASE("a step begins when everything it needs has succeeded") {
  FakeRuntime runtime;
  Executor executor(diamond(), runtime, OnFailure::kStop);
  executor.start();
  CHECK(runtime.begun == std::vector{0});
  executor.completed(0, {});
  CHECK(runtime.begun == std::vector{0, 1, 2});
  executor.completed(2, {});
  CHECK(runtime.begun.size() == 3);
  executor.completed(1, {});
  CHECK(runtime.begun.back() == 3);
  CHECK_FALSE(executor.finished());
  executor.completed(3, {});
  CHECK(executor.finished());
}

TEST_CASE("steps that complete at once are walked without recursion going astray") {
  FakeRuntime runtime;
  Executor executor(diamond(), runtime, OnFailure::kStop);
  runtime.executor = &executor;
  runtime.complete_at_once = true;
  executor.start();
  CHECK(runtime.begun == std::vector{0, 1, 2, 3});
  CHECK(executor.finished());
}

TEST_CASE("after a failure what is under way finishes and nothing new begins") {
  FakeRuntime runtime;
  Executor executor(diamond(), runtime, OnFailure::kStop);
  executor.start();
  executor.completed(0, {});
  executor.completed(1, broken());
  CHECK_FALSE(executor.finished());
  executor.completed(2, {});
  CHECK(executor.finished());
  CHECK(runtime.begun.size() == 3);
  CHECK(executor.errors().size() == 1);
  CHECK(executor.succeeded() == std::vector{true, false, true, false});
}

TEST_CASE("tearing down goes on with everything else") {
  FakeRuntime runtime;
  Executor executor(diamond(), runtime, OnFailure::kKeepGoing);
  executor.start();
  executor.completed(0, {});
  executor.completed(1, broken());
  executor.completed(2, {});
  CHECK(runtime.begun.back() == 3);
  executor.completed(3, {});
  CHECK(executor.finished());
  CHECK(executor.errors().size() == 1);
}

TEST_CASE("a cancelled plan ends with what is under way") {
  FakeRuntime runtime;
  Executor executor(diamond(), runtime, OnFailure::kStop);
  executor.start();
  executor.cancel(make_error(Code::kInterrupted, "interrupted"));
  CHECK_FALSE(executor.finished());
  executor.completed(0, {});
  CHECK(executor.finished());
  CHECK(runtime.begun == std::vector{0});
}

TEST_CASE("an empty plan is finished before it starts") {
  FakeRuntime runtime;
  Executor executor({}, runtime, OnFailure::kStop);
  executor.start();
  CHECK(executor.finished());
}

}  // namespace
