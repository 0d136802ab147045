#include "model/codec.hpp"

#include <doctest/doctest.h>

#include "model/fields.hpp"
#include "unit/model/filler.hpp"

namespace {

using namespace cmp::model;  // NOLINT(google-build-using-namespace): a test of this namespace
using cmp::test::describes_every_byte;

TEST_CASE("a project with no field at its default comes back as it went") {
  Project project;
  cmp::test::fill(project);
  REQUIRE_FALSE(project == Project{});
  const auto back = decode_project(encode(project));
  REQUIRE(back);
  CHECK(*back == project);
}

TEST_CASE("an empty project comes back empty") {
  CHECK(decode_project(encode(Project{})).value() == Project{});
}

TEST_CASE("the lists of fields leave none out") {
  CHECK(describes_every_byte<cmp::SourcePos>());
  CHECK(describes_every_byte<Dependency>());
  CHECK(describes_every_byte<HealthCheck>());
  CHECK(describes_every_byte<RestartPolicy>());
  CHECK(describes_every_byte<Limits>());
  CHECK(describes_every_byte<Mount>());
  CHECK(describes_every_byte<Port>());
  CHECK(describes_every_byte<Attachment>());
  CHECK(describes_every_byte<Ulimit>());
  CHECK(describes_every_byte<FileGrant>());
  CHECK(describes_every_byte<Build>());
  CHECK(describes_every_byte<Service>());
  CHECK(describes_every_byte<IpamPool>());
  CHECK(describes_every_byte<Network>());
  CHECK(describes_every_byte<Volume>());
  CHECK(describes_every_byte<FileSource>());
  CHECK(describes_every_byte<Project>());
}

TEST_CASE("text that is no project is refused") {
  for (const char* text : {"", "{", "[]", R"({"services": []})", R"({"services": {"a": {"scale": "1"}}})"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_project(text));
  }
}

TEST_CASE("bytes that are no UTF-8 do not break the record") {
  Project project;
  project.services["a"].environment["RAW"] = "\xFF\xFE";
  CHECK(decode_project(encode(project)));
}

TEST_CASE("a container is named after project, service and number unless the file names it") {
  Project project;
  project.name = "shop";
  Service service;
  service.name = "web";
  CHECK(container_name(project, service, 2) == "shop-web-2");
  service.container_name = "front";
  CHECK(container_name(project, service, 0) == "front");
  CHECK(container_name(project, service, 1) == "front");
  CHECK(container_name(project, service, 2) == "front-2");
}

TEST_CASE("probes run only where a test is declared and not switched off") {
  HealthCheck check;
  CHECK_FALSE(check.enabled());
  check.test = {"NONE"};
  CHECK_FALSE(check.enabled());
  check.test = {"CMD", "true"};
  CHECK(check.enabled());
}

}  // namespace
