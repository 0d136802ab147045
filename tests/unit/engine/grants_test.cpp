#include "engine/grants.hpp"

#include <unistd.h>

#include <doctest/doctest.h>

#include "sys/file.hpp"

namespace {

using namespace cmp;          // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::engine;  // NOLINT(google-build-using-namespace)

const state::Paths kPaths({"/run/x", "/var/x"}, "shop");

model::Service granted() {
  model::Service service;
  service.name = "web";
  service.secrets = {{.source = "db", .target = "/run/secrets/db", .where = {"compose.yaml", 4, 7}},
                     {.source = "db", .target = "/k", .uid = "7", .gid = "8", .mode = 0400}};
  service.configs = {{.source = "app", .target = "/app.ini"}};
  return service;
}

TEST_CASE("what is given comes back from its packing, whatever bytes it has") {
  const GivenFiles files = {{"config empty", ""}, {"secret a", std::string("line\n\0\xff", 7)}, {"secret b", "x"}};
  const auto packed = pack_given_files(files);
  REQUIRE(packed.has_value());
  const auto again = unpack_given_files(packed->get());
  REQUIRE(again.has_value());
  CHECK(*again == files);
  CHECK(::ftruncate(packed->get(), ::lseek(packed->get(), 0, SEEK_END) - 1) == 0);
  CHECK_FALSE(unpack_given_files(packed->get()).has_value());
}

TEST_CASE("each grant is a file of its own with owner and mode, mounted read-only from there") {
  const auto service = granted();
  const auto files = granted_files(kPaths, {{"secret db", "pw"}, {"config app", "c"}}, {}, service);
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].mode == 0444);
  CHECK((*files)[1].uid == 7);
  CHECK((*files)[1].gid == 8);
  CHECK((*files)[1].mode == 0400);
  CHECK((*files)[2].content == "c");
  const auto mounts = granted_mounts(kPaths, service, "shop-web-1");
  REQUIRE(mounts.size() == 3);
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    CHECK(mounts[i].host_path == "/run/x/shop/containers/shop-web-1/granted/" + (*files)[i].name);
    CHECK(mounts[i].mount.read_only);
  }
  CHECK(mounts[1].mount.target == "/k");
}

TEST_CASE("what is gone from memory is read again where it came from, or named") {
  model::Project project;
  project.secrets["db"] = {.key = "db", .environment = "DB"};
  project.configs["app"] = {.key = "app", .content = "inline"};
  auto service = granted();
  service.secrets.clear();
  const auto config = granted_files(kPaths, {}, project, service);
  REQUIRE(config.has_value());
  CHECK((*config)[0].content == "inline");
  const auto lost = granted_files(kPaths, {}, project, granted());
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().message == "secret 'db': what it had was only in memory and is gone: run 'cmp up' again");
}

TEST_CASE("an owner that is no number is an error at its place") {
  auto service = granted();
  CHECK(check_grants(service).empty());
  service.secrets[0].uid = "root";
  service.secrets[0].gid = "-1";
  const auto errors = check_grants(service);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].str() == "compose.yaml:4:7: service 'web': secret 'db': uid 'root' is no number");
}

}  // namespace
