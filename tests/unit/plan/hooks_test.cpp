#include <doctest/doctest.h>

#include "plan/plan.hpp"

namespace {

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

model::Project hooked() {
  model::Project project;
  project.name = "shop";
  model::Service& web = project.services["web"];
  web.name = "web";
  web.config_hash = "w1";
  web.pre_start = {{}, {.per_replica = true}};
  web.post_start = {{}};
  web.pre_stop = {{}};
  return project;
}

ObservedContainer running_web() {
  ObservedContainer container;
  container.name = "shop-web-1";
  container.service = "web";
  container.config_hash = "w1";
  container.live = container.running = container.post_start = container.pre_stop = true;
  container.shared_hooks = {"shop-web-pre_start-0"};
  container.own_hooks = {"shop-web-pre_start-1-1"};
  return container;
}

std::string text_of(const Result<Plan>& plan) {
  return plan ? render(*plan) : plan.error().message;
}

TEST_CASE("hooks of pre_start run one after the other before the start, those of post_start after it") {
  CHECK(text_of(reconcile(hooked(), {}, {})) ==
        "  1              container:shop-web-1             create           not found\n"
        "  2 ← 1          container:shop-web-pre_start-0   create           pre_start\n"
        "  3 ← 1          container:shop-web-pre_start-1-1 create           pre_start\n"
        "  4 ← 1,2,3      all                              prepared         start only what is wholly prepared\n"
        "  5 ← 4          container:shop-web-pre_start-0   start            pre_start\n"
        "  6 ← 5          container:shop-web-pre_start-0   await completed  pre_start\n"
        "  7 ← 6          container:shop-web-pre_start-0   remove           pre_start\n"
        "  8 ← 7          container:shop-web-pre_start-1-1 start            pre_start\n"
        "  9 ← 8          container:shop-web-pre_start-1-1 await completed  pre_start\n"
        " 10 ← 9          container:shop-web-pre_start-1-1 remove           pre_start\n"
        " 11 ← 10         container:shop-web-1             start            not found\n"
        " 12 ← 11         container:shop-web-1             post_start\n");
}

TEST_CASE("a replica more runs its own hooks and not those that are for all") {
  model::Project project = hooked();
  project.services["web"].scale = 2;
  Observed observed;
  observed.containers["shop-web-1"] = running_web();
  const std::string text = text_of(reconcile(project, observed, {}));
  CHECK(text.find("shop-web-pre_start-0") == std::string::npos);
  CHECK(text.find("shop-web-pre_start-1-2") != std::string::npos);
}

TEST_CASE("what runs as it should has no hook run") {
  Observed observed;
  observed.containers["shop-web-1"] = running_web();
  CHECK(text_of(reconcile(hooked(), observed, {})).empty());
}

TEST_CASE("pre_stop comes before a stop, and restart leaves pre_start out") {
  Observed observed;
  observed.containers["shop-web-1"] = running_web();
  CHECK(render(stop(observed, {}, std::nullopt)) ==
        "  1              container:shop-web-1             pre_stop\n"
        "  2 ← 1          container:shop-web-1             stop\n");
  const std::string text = text_of(restart(observed, {}));
  CHECK(text.find("pre_stop") != std::string::npos);
  CHECK(text.find("post_start") != std::string::npos);
  CHECK(text.find("pre_start") == std::string::npos);
}

TEST_CASE("one that does not run has no goodbye to say, and its start is a first one again") {
  Observed observed;
  observed.containers["shop-web-1"] = running_web();
  observed.containers["shop-web-1"].live = observed.containers["shop-web-1"].running = false;
  CHECK(render(stop(observed, {}, std::nullopt)).empty());
  CHECK(text_of(start(observed, {})).find("shop-web-pre_start-0") != std::string::npos);
}

TEST_CASE("what an earlier run of a hook has left goes first") {
  Observed observed;
  observed.containers["shop-web-pre_start-0"] = {.name = "shop-web-pre_start-0", .service = "web", .one_off = true};
  const std::string text = text_of(reconcile(hooked(), observed, {}));
  CHECK(text.find("  2              container:shop-web-pre_start-0   remove           pre_start\n") !=
        std::string::npos);
}

}  // namespace
