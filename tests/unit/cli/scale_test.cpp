#include "cli/scale.hpp"

#include <doctest/doctest.h>

using namespace cmp;
using cmp::cli::apply_scale;

namespace {

model::Project two() {
  model::Project project;
  project.services["web"].name = "web";
  project.services["db"].name = "db";
  project.services["db"].container_name = "the-db";
  return project;
}

std::string refused(const std::vector<std::string>& scale) {
  auto project = two();
  const auto applied = apply_scale(project, scale);
  return applied ? "accepted" : applied.error().message;
}

}  // namespace

TEST_CASE("--scale sets how many containers a service has") {
  auto project = two();
  CHECK(apply_scale(project, {"web=3", "db=0"}));
  CHECK(project.services["web"].scale == 3);
  CHECK(project.services["db"].scale == 0);
}

TEST_CASE("--scale says what it can't take") {
  CHECK(refused({"web"}) == "invalid --scale option \"web\". Should be SERVICE=NUM");
  CHECK(refused({"web=x"}) == "invalid --scale option \"web=x\". Should be SERVICE=NUM");
  CHECK(refused({"web=-1"}) == "invalid --scale option \"web=-1\". Should be SERVICE=NUM");
  CHECK(refused({"api=1"}) == "no such service: api");
  CHECK(refused({"db=2"}).find("custom container name 'the-db'") != std::string::npos);
}
