#include <doctest/doctest.h>

#include "plan/plan.hpp"

namespace {

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

ObservedContainer& add(Observed& observed, const std::string& service, bool live) {
  ObservedContainer& container = observed.containers["p-" + service + "-1"];
  container.name = "p-" + service + "-1";
  container.service = service;
  container.live = live;
  return container;
}

/// web waits for a healthy db; worker asks to be restarted with db; lone knows nobody.
Observed four(bool live) {
  Observed observed;
  add(observed, "db", live).probed = true;
  add(observed, "web", live).depends_on["db"] = {.condition = model::Condition::kHealthy};
  add(observed, "worker", live).depends_on["db"] = {.restart = true};
  add(observed, "lone", live);
  return observed;
}

std::string text_of(const Result<Plan>& plan) {
  return plan ? render(*plan) : "error: " + plan.error().message;
}

TEST_CASE("start brings what a service depends on, in order, and makes nothing anew") {
  auto observed = four(false);
  observed.containers["p-web-1"].exit_code = 3;
  CHECK(text_of(start(observed, {.services = {"web"}})) ==
        R"(  1              container:p-db-1                 prepare          not running
  2              container:p-web-1                prepare          exited (3)
  3 ← 1,2        all                              prepared         start only what is wholly prepared
  4 ← 3          container:p-db-1                 start            not running
  5 ← 4          container:p-db-1                 await healthy    required by web
  6 ← 5,3        container:p-web-1                start            exited (3)
)");
}

TEST_CASE("start of what runs does nothing, and with --wait only waits") {
  CHECK(text_of(start(four(true), {})).empty());
  CHECK(text_of(start(four(true), {.services = {"web"}, .wait = true})) ==
        R"(  1              container:p-db-1                 await healthy    --wait
  2              container:p-web-1                await started    --wait
)");
}

TEST_CASE("start says what has no container") {
  CHECK(text_of(start(four(true), {.services = {"nope"}})) == "error: service \"nope\" has no container to start");
  auto observed = four(false);
  observed.containers.erase("p-db-1");
  CHECK(text_of(start(observed, {.services = {"web"}})) == "error: web is missing dependency db");
  observed.containers["p-web-1"].depends_on["db"].required = false;
  CHECK(text_of(start(observed, {.services = {"web"}})).find("p-web-1                start") != std::string::npos);
}

TEST_CASE("restart stops dependants first and takes along who asks for it") {
  CHECK(text_of(restart(four(true), {.services = {"db"}})) ==
        R"(  1              container:p-worker-1             stop             restart
  2 ← 1          container:p-db-1                 stop             restart
  3 ← 2          container:p-db-1                 prepare          restart
  4 ← 1          container:p-worker-1             prepare          restart
  5 ← 3,4        all                              prepared         start only what is wholly prepared
  6 ← 5          container:p-db-1                 start            restart
  7 ← 6,5        container:p-worker-1             start            restart
)");
  CHECK(text_of(restart(four(true), {.services = {"db"}, .no_deps = true})).find("worker") == std::string::npos);
  CHECK(text_of(restart(four(true), {.services = {"lone"}})).find("db") == std::string::npos);
}

TEST_CASE("restart starts what has ended without stopping it") {
  const std::string text = text_of(restart(four(false), {.services = {"lone"}}));
  CHECK(text.find("stop") == std::string::npos);
  CHECK(text.find("container:p-lone-1               start            restart") != std::string::npos);
}

TEST_CASE("who joins the namespaces of another is prepared after it") {
  auto observed = four(false);
  observed.containers["p-db-1"].owners = {"p-lone-1"};
  const std::string text = text_of(start(observed, {}));
  CHECK(text.find("2 ← 1          container:p-db-1                 prepare") != std::string::npos);
}

TEST_CASE("rm takes what does not run, and down of a service takes what depends on it") {
  auto observed = four(true);
  observed.networks["n"] = {"n", "p_n", ""};
  observed.containers["p-lone-1"].live = false;
  CHECK(render(remove(observed, {})) == "  1              container:p-lone-1               remove\n");
  CHECK(render(remove(observed, {"db"})).empty());
  const std::string text = render(teardown(observed, {.services = {"db"}}));
  CHECK(text.find("p-worker-1             remove") != std::string::npos);
  CHECK(text.find("lone") == std::string::npos);
  CHECK(text.find("network") == std::string::npos);
}

TEST_CASE("a one-off container is no replica: nobody starts, counts or misses it") {
  auto observed = four(true);
  auto& one_off = add(observed, "web", false);
  one_off.one_off = true;
  observed.containers["p-web-run-1"] = one_off;
  observed.containers["p-web-run-1"].name = "p-web-run-1";
  observed.containers["p-web-1"] = four(true).containers["p-web-1"];
  CHECK(text_of(start(observed, {})).empty());
  CHECK(text_of(restart(observed, {.services = {"web"}})).find("run-1") == std::string::npos);
  CHECK(render(teardown(observed, {})).find("p-web-run-1            remove") != std::string::npos);
}

}  // namespace
