#include <doctest/doctest.h>

#include "unit/plan/shop.hpp"

namespace {

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE(
    "a volume whose definition changed is kept with a warning, and made anew for who agrees, with all who have it") {
  model::Project project = shop();
  project.volumes["data"].config_hash = "v2";
  Observed observed = everything_runs();
  observed.volumes["shop_data"].config_hash = "v1";
  const auto kept = reconcile(project, observed, {});
  REQUIRE(kept);
  CHECK(kept->steps.empty());
  CHECK(kept->warnings.at(0).starts_with("Volume \"shop_data\" exists but doesn't match"));

  const auto plan = reconcile(project, observed, {.recreate_volumes = {"data"}});
  REQUIRE(plan);
  CHECK(plan->warnings.empty());
  CHECK(contains(render(*plan), "volume:shop_data                 remove           configuration changed"));
  CHECK(contains(render(*plan), "volume:shop_data                 create           configuration changed"));
  CHECK(contains(render(*plan), "container:shop-db-1              create           volume shop_data changed"));

  const std::string undone = render(undo(*plan, std::vector<bool>(plan->steps.size(), true)));
  CHECK(contains(undone, "volume:shop_data                 restore          up failed"));

  observed.volumes["shop_data"].config_hash = "v2";  // asked again by a new supervisor
  CHECK(plan_text(project, observed, {.recreate_volumes = {"data"}}).empty());
}

TEST_CASE("a volume with another name is made, and who has the old one is made anew") {
  model::Project project = shop();
  project.volumes["data"].name = "elsewhere";
  project.services.at("db").volumes.at(0).volume_name = "elsewhere";
  const std::string text = plan_text(project, everything_runs());
  CHECK(contains(text, "volume:elsewhere                 create           not found"));
  CHECK(contains(text, "volume elsewhere is not among its mounts"));
}

TEST_CASE("who has the volumes of a service is prepared after it, and made anew with it") {
  model::Project project = shop();
  project.services.at("web").volumes_from = {{.service = "db", .container = ""}};
  const std::string text = plan_text(project, everything_runs(), {.services = {"db"}, .force_recreate = true});
  CHECK(contains(text, "container:shop-web-1             create           has the volumes of shop-db-1"));
  const std::string fresh = plan_text(project, {});
  CHECK(fresh.find("shop-db-1 ") < fresh.find("shop-web-1 "));
}

}  // namespace
