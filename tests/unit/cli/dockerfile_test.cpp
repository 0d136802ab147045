#include "cli/dockerfile.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "cli/build_graph.hpp"
#include "cli/builder.hpp"

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of it
using Words = std::vector<std::string>;

TEST_CASE("the base images of a Dockerfile are found, stages aside") {
  const char* const text =
      "# syntax=x\n"
      "ARG TAG=12\n"
      "ARG NAME\n"
      "FROM --platform=linux/amd64 debian:${TAG} AS build\n"
      "RUN echo FROM nothing\n"
      "from build as test\n"
      "FROM $NAME\n"
      "FROM scratch\n"
      "FROM ${UNKNOWN}\n"
      "FROM ${OTHER:-alpine:3}\n";
  CHECK(cli::base_images(text, {}) == Words{"alpine:3", "debian:12"});
  CHECK(cli::base_images(text, {{"TAG", "13"}, {"NAME", "own"}}) == Words{"alpine:3", "debian:13", "own"});
  CHECK(cli::base_images("", {}).empty());
  CHECK(cli::base_images("FROM a AS one\nCOPY --from=one /x /x\nCOPY --from=0 /x /x\ncopy --chown=1 --from=b:2 /x /x\n",
                         {}) == Words{"a", "b:2"});
}

model::Project project_with(model::Build build) {
  model::Project project;
  project.name = "shop";
  project.services["web"].name = "web";
  project.services["web"].build = std::move(build);
  return project;
}

Words arguments(const model::Project& project, const cli::BuildRequest& request = {}) {
  const model::Service& service = project.services.at("web");
  const cli::BuildTarget target{.name = "docker.io/library/shop-web:latest",
                                .platform = service.platform,
                                .dockerfile = "/d",
                                .id_file = "/i",
                                .named = true,
                                .bases = {{"debian", "0123"}}};
  const auto words =
      cli::buildah_arguments(project, service, target, {"/s", "/r", "", "/r/cmp-oci"}, request, {{"OWN", "1"}});
  REQUIRE(words);
  return *words;
}

bool has(const Words& words, const std::string& flag, const std::string& value) {
  for (std::size_t at = 0; at + 1 < words.size(); ++at) {
    if (words[at] == flag && words[at + 1] == value) {
      return true;
    }
  }
  return false;
}

TEST_CASE("what build: says becomes buildah's options") {
  model::Build build;
  build.context = "/src";
  build.args = {{"A", "1"}, {"OWN", std::nullopt}, {"NOT", std::nullopt}};
  build.target = "final";
  build.labels = {{"l", "v"}};
  build.additional_contexts = {{"docs", "/docs"}, {"base", "service:db"}};
  build.network = "host";
  build.no_cache = true;
  build.shm_size = Bytes{1024};
  build.extra_hosts = {"db=10.0.0.1"};
  build.ulimits = {{"nofile", {10, 20}}};
  build.ssh = {{"default", ""}};
  model::Project project = project_with(build);
  project.services["web"].platform = "linux/amd64";
  project.services["db"].name = "db";
  const Words words = arguments(project, {.args = {{"A", "2"}}});
  CHECK(has(words, "--build-arg", "A=2"));
  CHECK(has(words, "--build-arg", "OWN=1"));
  CHECK_FALSE(has(words, "--build-arg", "NOT="));
  CHECK(has(words, "--target", "final"));
  CHECK(has(words, "--label", "l=v"));
  CHECK(has(words, "--build-context", "docs=/docs"));
  CHECK(has(words, "--build-context", "base=container-image://docker.io/library/shop-db:latest"));
  CHECK(has(words, "--network", "host"));
  CHECK(has(words, "--shm-size", "1024"));
  CHECK(has(words, "--add-host", "db:10.0.0.1"));
  CHECK(has(words, "--build-context", "debian=container-image://0123"));
  CHECK(has(words, "--runtime", "/r/cmp-oci"));
  CHECK(has(words, "--tag", "docker.io/library/shop-web:latest"));
  CHECK(has(words, "--ulimit", "nofile=10:20"));
  CHECK(has(words, "--ssh", "default"));
  CHECK(has(words, "--platform", "linux/amd64"));
  CHECK(words.back() == "/src");
  CHECK(std::find(words.begin(), words.end(), "--no-cache") != words.end());
}

TEST_CASE("a build secret comes from its file or variable, and one that has neither is an error with its place") {
  model::Build build;
  model::FileGrant grant;
  grant.source = "token";
  grant.target = "/token";
  grant.where = {"compose.yaml", 7, 9};
  build.secrets = {grant};
  model::Project project = project_with(build);
  project.secrets["token"].file = "/secret";
  CHECK(has(arguments(project), "--secret", "id=token,src=/secret"));
  project.secrets["token"].file.clear();
  project.secrets["token"].environment = "TOKEN";
  CHECK(has(arguments(project), "--secret", "id=token,type=env,env=TOKEN"));
  project.secrets.clear();
  const auto words = cli::buildah_arguments(project, project.services.at("web"), {}, {}, {}, {});
  REQUIRE_FALSE(words);
  CHECK(words.error().str() ==
        "compose.yaml:7:9: service 'web': build: secret 'token' has neither a file nor a variable");
}

TEST_CASE("a build has no network but the host's or none") {
  model::Project project = project_with({});
  CHECK(has(arguments(project), "--network", "host"));
  project.services["web"].build->network = "none";
  CHECK(has(arguments(project), "--network", "none"));
  project.services["web"].build->network = "front";
  const auto words = cli::buildah_arguments(project, project.services.at("web"), {}, {}, {}, {});
  REQUIRE_FALSE(words);
  CHECK(words.error().str() == "service 'web': build: network 'front' is none that builds can have: host, none");
}

TEST_CASE("a build needs those it builds on, by context or by name, and a circle is an error") {
  model::Project project = project_with({});
  project.services["web"].build->additional_contexts = {{"base", "service:zbase"}};
  project.services["zbase"].build = model::Build();
  project.services["app"].build = model::Build();
  std::map<std::string, cli::Buildable> buildables = {
      {"web", {"docker.io/library/web", {}}},
      {"zbase", {"docker.io/library/zbase", {"docker.io/library/zbase"}}},
      {"app", {"docker.io/library/app", {"docker.io/library/web", "docker.io/library/debian"}}}};
  const auto needs = cli::build_needs(project, buildables);
  REQUIRE(needs);
  CHECK(needs->at("web") == std::set<std::string>{"zbase"});
  CHECK(needs->at("app") == std::set<std::string>{"web"});
  CHECK(needs->at("zbase").empty());
  buildables["zbase"].bases = {"docker.io/library/app"};
  CHECK_FALSE(cli::build_needs(project, buildables));
}

}  // namespace
