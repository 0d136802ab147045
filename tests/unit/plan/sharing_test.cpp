#include <doctest/doctest.h>

#include "plan/plan.hpp"

namespace {

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

/// A pod: `side` lives in the network of `web`. Its name comes first.
model::Project pod() {
  model::Project project;
  project.name = "pod";
  for (const char* name : {"side", "web"}) {
    project.services[name].name = name;
    project.services[name].config_hash = "1";
  }
  project.services["side"].network_mode = "service:web";
  project.services["side"].depends_on["web"] = {.restart = true};
  return project;
}

Observed running() {
  Observed observed;
  for (const char* name : {"side", "web"}) {
    ObservedContainer container;
    container.name = std::string("pod-") + name + "-1";
    container.service = name;
    container.config_hash = "1";
    container.live = true;
    observed.containers[container.name] = container;
  }
  observed.containers["pod-side-1"].depends_on["web"] = {.restart = true};
  return observed;
}

std::string plan_text(const model::Project& project, const Observed& observed, const UpOptions& options = {}) {
  const auto plan = reconcile(project, observed, options);
  return plan ? render(*plan) : "error: " + plan.error().message;
}

TEST_CASE("who joins a namespace is prepared after its owner") {
  CHECK(plan_text(pod(), {}) == R"(  1              container:pod-web-1              create           not found
  2 ← 1          container:pod-side-1             create           not found
  3 ← 1,2        all                              prepared         start only what is wholly prepared
  4 ← 3          container:pod-web-1              start            not found
  5 ← 4,3        container:pod-side-1             start            not found
)");
}

TEST_CASE("nothing to do where the namespace lives") {
  CHECK(plan_text(pod(), running()).empty());
}

TEST_CASE("an owner made anew takes with it who shares its namespaces, also one not asked for") {
  auto project = pod();
  project.services["web"].config_hash = "2";
  const std::string wanted =
      R"(  1              container:pod-side-1             stop             shares namespaces with pod-web-1
  2 ← 1          container:pod-web-1              stop             configuration changed
  3 ← 1          container:pod-side-1             remove           shares namespaces with pod-web-1
  4 ← 2          container:pod-web-1              remove           configuration changed
  5 ← 4          container:pod-web-1              create           configuration changed
  6 ← 3,5        container:pod-side-1             create           shares namespaces with pod-web-1
  7 ← 5,6        all                              prepared         start only what is wholly prepared
  8 ← 7          container:pod-web-1              start            configuration changed
  9 ← 8,7        container:pod-side-1             start            shares namespaces with pod-web-1
)";
  CHECK(plan_text(project, running()).size() == wanted.size());
  CHECK(plan_text(project, running(), {.services = {"web"}}).find("pod-side-1             create") !=
        std::string::npos);
}

TEST_CASE("an owner started again restarts who shares its namespaces") {
  auto observed = running();
  observed.containers["pod-web-1"].live = false;
  const std::string text = plan_text(pod(), observed);
  CHECK(text.find("pod-side-1             stop             shares namespaces with pod-web-1") != std::string::npos);
  CHECK(text.find("pod-side-1             prepare          shares namespaces with pod-web-1") != std::string::npos);
  CHECK(text.find("remove") == std::string::npos);
}

TEST_CASE("who is left in a dead namespace is started again") {
  auto observed = running();
  observed.containers["pod-side-1"].orphaned = true;
  const std::string text = plan_text(pod(), observed);
  CHECK(text.find("pod-side-1             stop             a container whose namespaces it shares has ended") !=
        std::string::npos);
  CHECK(text.find("pod-web-1") == std::string::npos);
}

TEST_CASE("depends_on with restart: the dependant is started again when its dependency is made anew") {
  auto project = pod();
  project.services["side"].network_mode = "";
  project.services["web"].config_hash = "2";
  const std::string text = plan_text(project, running());
  CHECK(text.find("pod-side-1             stop             depends on pod-web-1") != std::string::npos);
  CHECK(text.find("pod-side-1             prepare          depends on pod-web-1") != std::string::npos);
  project.services["side"].depends_on["web"].restart = false;
  CHECK(plan_text(project, running()).find("pod-side-1") == std::string::npos);
}

}  // namespace
