#include <algorithm>

#include <doctest/doctest.h>

#include "unit/plan/shop.hpp"

namespace {

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

TEST_CASE("flags of up: who is made anew, and who is left alone") {
  auto project = shop();
  const auto has = [](const std::string& text, const std::string& fragment) {
    return text.find(fragment) != std::string::npos;
  };
  std::string text = plan_text(project, everything_runs(), {.services = {"web"}, .force_recreate = true});
  CHECK(has(text, "shop-web-1             create           --force-recreate"));
  CHECK_FALSE(has(text, "shop-db-1              create"));
  text = plan_text(project, everything_runs(), {.services = {"web"}, .recreate_deps = true});
  CHECK(has(text, "shop-db-1              create           --always-recreate-deps"));
  CHECK_FALSE(has(text, "shop-web-1             create"));
  CHECK(has(plan_text(project, everything_runs(), {.renew_volumes = true}), "create           --renew-anon-volumes"));
  project.services["web"].config_hash = "w2";
  project.networks["back"].config_hash = "n2";
  CHECK(plan_text(project, everything_runs(), {.no_recreate = true}).empty());
}

TEST_CASE("up --no-deps makes and awaits nothing but the named services") {
  CHECK(plan_text(shop(), {}, {.services = {"web"}, .no_deps = true}) ==
        R"(  1              network:shop_back                create           not found
  2 ← 1          container:shop-web-1             create           not found
  3 ← 2          all                              prepared         start only what is wholly prepared
  4 ← 3          container:shop-web-1             start            not found
)");
}

TEST_CASE("up --no-start only writes down, and a failed one is taken back") {
  const auto plan = reconcile(shop(), {}, {.no_start = true});
  REQUIRE(plan);
  CHECK(render(*plan) == R"(  1              network:shop_back                create           not found
  2              volume:shop_data                 create           not found
  3 ← 1,2        container:shop-db-1              create           not found
  4 ← 1          container:shop-web-1             create           not found
)");
  CHECK(render(undo(*plan, {false, false, false, true})) ==
        "  1              container:shop-web-1             remove           up failed\n");
}

TEST_CASE("a container that is made again keeps its anonymous volumes unless new ones are asked for") {
  for (const bool renew : {false, true}) {
    const auto plan = reconcile(shop(), everything_runs(), {.force_recreate = true, .renew_volumes = renew});
    REQUIRE(plan);
    for (const Step& step : plan->steps) {
      if (const auto* removal = std::get_if<op::RemoveContainer>(&step.op)) {
        CHECK(removal->keep_volumes == !renew);
      }
    }
  }
}

TEST_CASE("a new project: networks and volumes, everything prepared, then started in order") {
  CHECK(plan_text(shop(), {}) == R"(  1              network:shop_back                create           not found
  2              volume:shop_data                 create           not found
  3 ← 1,2        container:shop-db-1              create           not found
  4 ← 1          container:shop-web-1             create           not found
  5 ← 3,4        all                              prepared         start only what is wholly prepared
  6 ← 5          container:shop-db-1              start            not found
  7 ← 6          container:shop-db-1              await healthy    required by web
  8 ← 7,5        container:shop-web-1             start            not found
)");
}

TEST_CASE("a project that runs as declared: nothing to do") {
  CHECK(plan_text(shop(), everything_runs()).empty());
}

TEST_CASE("a changed service is stopped, removed and made again; what it depends on stays") {
  auto project = shop();
  project.services["web"].config_hash = "w2";
  const std::string text = plan_text(project, everything_runs());
  CHECK(text.find("container:shop-web-1             stop             configuration changed") != std::string::npos);
  CHECK(text.find("container:shop-web-1             create           configuration changed") != std::string::npos);
  CHECK(text.find("shop-db-1              stop") == std::string::npos);
  CHECK(text.find("shop-db-1              create") == std::string::npos);
}

TEST_CASE("a changed network is made again beneath the same containers, and comes back when that fails") {
  auto project = shop();
  project.networks["back"].config_hash = "n2";
  const auto plan = reconcile(project, everything_runs(), {});
  REQUIRE(plan);
  CHECK(render(*plan) == R"(  1              container:shop-web-1             stop             network back changed
  2 ← 1          container:shop-db-1              stop             network back changed
  3 ← 2,1        network:shop_back                remove           configuration changed
  4 ← 3          network:shop_back                create           configuration changed
  5 ← 2,4        container:shop-db-1              connect          network back changed
  6 ← 1,4        container:shop-web-1             connect          network back changed
  7 ← 4,5        container:shop-db-1              prepare          network back changed
  8 ← 4,6        container:shop-web-1             prepare          network back changed
  9 ← 7,8        all                              prepared         start only what is wholly prepared
 10 ← 9          container:shop-db-1              start            network back changed
 11 ← 10         container:shop-db-1              await healthy    required by web
 12 ← 11,9       container:shop-web-1             start            network back changed
)");
  std::vector<bool> begun(plan->steps.size(), false);
  std::fill(begun.begin(), begun.begin() + 7, true);
  CHECK(render(undo(*plan, begun)) == R"(  1              container:shop-db-1              stop             up failed
  2              container:shop-web-1             restore          up failed
  3 ← 1          container:shop-db-1              restore          up failed
  4 ← 1          network:shop_back                remove           up failed
  5 ← 4          network:shop_back                restore          up failed
)");
}

TEST_CASE("a network is not taken from under what runs there and is of no service") {
  auto project = shop();
  project.networks["back"].config_hash = "n2";
  auto observed = everything_runs();
  observed.containers["shop-old-1"] = running("old", "o1");
  observed.containers["shop-old-1"].networks = {"back"};
  const auto plan = reconcile(project, observed, {});
  REQUIRE(!plan);
  CHECK(plan.error().message.find("shop-old-1") != std::string::npos);
  CHECK(reconcile(project, observed, {.remove_orphans = true}));
}

TEST_CASE("a service is made again if what a secret or config has in it has changed, where both are known") {
  auto project = shop();
  auto observed = everything_runs();
  project.services["web"].configs = {{.source = "app", .target = "/app.ini", .digest = "2"}};
  CHECK(plan_text(project, observed).empty());
  observed.containers["shop-web-1"].granted = {{"config app", "1"}};
  CHECK(plan_text(project, observed).find("content of config app changed") != std::string::npos);
  observed.containers["shop-web-1"].granted = {{"config app", "2"}};
  CHECK(plan_text(project, observed).empty());
}

TEST_CASE("a container that has ended is started again, not made again") {
  auto observed = everything_runs();
  observed.containers["shop-web-1"].live = false;
  observed.containers["shop-web-1"].exit_code = 3;
  const std::string text = plan_text(shop(), observed);
  CHECK(text.find("container:shop-web-1             prepare          exited (3)") != std::string::npos);
  CHECK(text.find("remove") == std::string::npos);
}

TEST_CASE("containers beyond the scale leave") {
  auto observed = everything_runs();
  observed.containers["shop-web-2"] = running("web", "w1");
  observed.containers["shop-web-2"].name = "shop-web-2";
  observed.containers["shop-web-2"].number = 2;
  const std::string text = plan_text(shop(), observed);
  CHECK(text.find("container:shop-web-2             remove           scale is 1") != std::string::npos);
}

TEST_CASE("an orphan is named, and leaves only when asked for") {
  auto observed = everything_runs();
  observed.containers["shop-old-1"] = running("old", "o1");
  const auto named = reconcile(shop(), observed, {});
  REQUIRE(named);
  CHECK(named->steps.empty());
  REQUIRE(named->warnings.size() == 1);
  CHECK(named->warnings[0].find("shop-old-1") != std::string::npos);
  CHECK(plan_text(shop(), observed, {.remove_orphans = true}).find("shop-old-1             remove") !=
        std::string::npos);
}

TEST_CASE("a service named on the command line brings what it depends on and nothing else") {
  auto project = shop();
  project.services["lone"].name = "lone";
  CHECK(plan_text(project, {}, {.services = {"web"}}).find("lone") == std::string::npos);
  CHECK(plan_text(project, {}, {.services = {"wep"}}) == "error: no such service: wep");
}

TEST_CASE("down stops dependants first, then removes containers, networks and, asked for, volumes") {
  CHECK(render(teardown(everything_runs(), {.volumes = true})) ==
        R"(  1              container:shop-web-1             stop
  2 ← 1          container:shop-db-1              stop
  3 ← 2          container:shop-db-1              remove
  4 ← 1          container:shop-web-1             remove
  5 ← 3,4        network:shop_back                remove
  6 ← 3,4        volume:shop_data                 remove           --volumes
)");
}

TEST_CASE("down leaves containers of services that the file does not have, with what they use") {
  auto observed = everything_runs();
  observed.containers["shop-old-1"] = running("old", "o1");
  observed.containers["shop-old-1"].volumes = {"shop_data"};
  observed.networks["front"] = {"front", "shop_front", "n2"};
  const auto plan = teardown(observed, {.declared = std::vector<std::string>{"db", "web"}, .volumes = true});
  CHECK(render(plan).find("old") == std::string::npos);
  CHECK(render(plan).find("shop_back") == std::string::npos);
  CHECK(render(plan).find("shop_data") == std::string::npos);
  CHECK(render(plan).find("shop_front") != std::string::npos);
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].starts_with("Found orphan containers (shop-old-1)"));
  CHECK(render(teardown(observed, {})).find("shop-old-1") != std::string::npos);
}

TEST_CASE("what a failed up had removed to make it again is restored, its anonymous volumes kept") {
  auto project = shop();
  project.services["db"].config_hash = "d2";
  const auto plan = reconcile(project, everything_runs(), {});
  REQUIRE(plan);
  CHECK(recreated_containers(*plan).contains("shop-db-1"));
  const std::vector<bool> begun(plan->steps.size(), true);
  const auto back = undo(*plan, begun);
  const auto position = [&](auto matches) { return std::ranges::find_if(back.steps, matches) - back.steps.begin(); };
  const auto removed = position([](const Step& step) {
    const auto* op = std::get_if<op::RemoveContainer>(&step.op);
    return op != nullptr && op->container == "shop-db-1" && op->keep_volumes;
  });
  const auto restored = position([](const Step& step) {
    const auto* op = std::get_if<op::RestoreContainer>(&step.op);
    return op != nullptr && op->container == "shop-db-1";
  });
  REQUIRE(restored < static_cast<std::ptrdiff_t>(back.steps.size()));
  CHECK(back.steps[static_cast<std::size_t>(restored)].needs == std::vector<int>{static_cast<int>(removed)});
}

TEST_CASE("what a failed up has made is taken back in reverse; what it had not begun is left alone") {
  const auto plan = reconcile(shop(), {}, {});
  REQUIRE(plan);
  std::vector<bool> begun(plan->steps.size(), false);
  begun[0] = begun[1] = begun[2] = true;
  CHECK(render(undo(*plan, begun)) == R"(  1              container:shop-db-1              stop             up failed
  2 ← 1          container:shop-db-1              remove           up failed
  3 ← 2          volume:shop_data                 remove           up failed
  4 ← 2          network:shop_back                remove           up failed
)");
}

TEST_CASE("doing a plan leaves nothing to plan, over generated projects and states") {
  // A small linear congruential generator: the same cases every time.
  std::uint32_t seed = 7;
  const auto next = [&seed](std::uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 16U) % below;
  };
  for (int round = 0; round < 300; ++round) {
    model::Project project;
    project.name = "p";
    project.networks["n"] = {.key = "n", .name = "p_n", .config_hash = std::to_string(next(2))};
    const int count = static_cast<int>(next(6)) + 1;
    for (int i = 0; i < count; ++i) {
      model::Service& service = project.services["s" + std::to_string(i)];
      service.name = "s" + std::to_string(i);
      service.scale = static_cast<int>(next(3)) + 1;
      service.config_hash = std::to_string(next(2));
      service.networks["n"] = {};
      for (int j = 0; j < i; ++j) {
        if (next(3) == 0) {
          service.depends_on["s" + std::to_string(j)] = {};
        }
      }
    }
    Observed observed;
    if (next(2) == 0) {
      observed.networks["n"] = {"n", "p_n", std::to_string(next(2))};
    }
    for (int i = 0; i < static_cast<int>(next(5)); ++i) {
      ObservedContainer container;
      container.service = "s" + std::to_string(next(6));
      container.number = static_cast<int>(next(4)) + 1;
      container.name = "p-" + container.service + "-" + std::to_string(container.number);
      container.config_hash = std::to_string(next(2));
      container.live = next(2) == 0;
      container.networks = {"n"};
      observed.containers[container.name] = container;
    }
    const auto plan = reconcile(project, observed, {.remove_orphans = true});
    REQUIRE(plan);
    for (const Step& step : plan->steps) {
      for (const int need : step.needs) {
        CHECK(need < step.id);
      }
      if (const auto* made = std::get_if<op::PrepareContainer>(&step.op)) {
        ObservedContainer& container = observed.containers[made->container];
        container = {.name = made->container,
                     .service = made->service,
                     .number = made->number,
                     .config_hash = project.services[made->service].config_hash,
                     .networks = {"n"}};
      } else if (const auto* started = std::get_if<op::StartContainer>(&step.op)) {
        observed.containers.at(started->container).live = true;
      } else if (const auto* stopped = std::get_if<op::StopContainer>(&step.op)) {
        observed.containers.at(stopped->container).live = false;
      } else if (const auto* removed = std::get_if<op::RemoveContainer>(&step.op)) {
        observed.containers.erase(removed->container);
      } else if (std::holds_alternative<op::CreateNetwork>(step.op)) {
        observed.networks["n"] = {"n", "p_n", project.networks["n"].config_hash};
      } else if (std::holds_alternative<op::RemoveNetwork>(step.op)) {
        observed.networks.erase("n");
      }
    }
    CHECK(render(*reconcile(project, observed, {.remove_orphans = true})).empty());
  }
}

}  // namespace
