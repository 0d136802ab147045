#include <doctest/doctest.h>

#include "plan/plan.hpp"

using namespace cmp;        // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::plan;  // NOLINT(google-build-using-namespace)

TEST_CASE("a service is made again if the name of an image that it mounts leads to another one") {
  model::Project project;
  project.name = "shop";
  model::Service& web = project.services["web"];
  web.name = "web";
  web.config_hash = "1";
  model::Mount mount;
  mount.type = model::MountType::kImage;
  mount.image_id = "sha256:2";
  web.volumes = {mount};
  Observed observed;
  ObservedContainer& container = observed.containers["shop-web-1"];
  container.name = "shop-web-1";
  container.service = "web";
  container.config_hash = "1";
  container.live = true;
  container.image_volumes = "sha256:1";
  const auto changed = reconcile(project, observed, {});
  REQUIRE(changed);
  CHECK(render(*changed).find("image of a volume changed") != std::string::npos);
  container.image_volumes = "sha256:2";
  const auto same = reconcile(project, observed, {});
  REQUIRE(same);
  CHECK(render(*same).empty());
}
