#include "compose/listing.hpp"

#include <string>

#include <doctest/doctest.h>

#include "phase_tree.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

using Names = std::vector<std::string>;

/// What `up` warns of for service a.
std::string warnings(const std::string& attributes) {
  return messages(
      unsupported(project_tree("{services: {a: {x-rootfs: host, network_mode: none, " + attributes + "}}}")));
}

std::string uses(const char* text) {
  std::string result;
  for (const VariableUse& use : variables_in_text(text)) {
    result += use.name + (use.required ? "!" : "") + (use.default_value.empty() ? "" : "-" + use.default_value) +
              (use.alternate_value.empty() ? "" : "+" + use.alternate_value) + ";";
  }
  return result;
}

}  // namespace

TEST_CASE("listing: services stand after all they depend on, equals by name") {
  const auto project = bound_project(
      "{services: {web: {image: x, depends_on: [db, cache]}, db: {image: x}, cache: {image: x, depends_on: [db]}, adm: "
      "{image: x, depends_on: [web]}, zero: {image: x}}}");
  CHECK(services_in_order(project) == Names{"db", "cache", "web", "adm", "zero"});
}

TEST_CASE("listing: names of volumes, networks, images, profiles and models") {
  const char* text =
      "{services: {a: {image: i, profiles: [q, p]}, b: {build: ., profiles: [p]}, c: {image: i}}, volumes: {v: , u: }, "
      "models: {m: {model: x}}}";
  const auto project = bound_project(text);
  CHECK(volume_names(project) == Names{"u", "v"});
  CHECK(network_names(project) == Names{"default"});
  CHECK(image_names(project) == Names{"i", "i", "p-b"});
  CHECK(profile_names(project_tree(text)) == Names{"p", "q"});
  CHECK(model_names(project_tree(text)) == Names{"m"});
}

TEST_CASE("listing: hashes of all services, or of those that are named") {
  const auto project = bound_project("{services: {a: {image: i}, b: {image: j}}}");
  const std::string a = "a " + project.services.at("a").config_hash, b = "b " + project.services.at("b").config_hash;
  CHECK(*hash_lines(project, "*") == Names{a, b});
  CHECK(*hash_lines(project, "b,a") == Names{a, b});
  CHECK(*hash_lines(project, "b") == Names{b});
  CHECK(hash_lines(project, "zz").error().message == "no such service: zz");
}

TEST_CASE("listing: variables are found wherever they stand, also inside defaults") {
  CHECK(uses("a$B/${C}") == "B;C;");
  CHECK(uses("${A:-x}${B-y}${C:?m}${D?m}${E:+z}") == "A-x;B-y;C!;D!;E+z;");
  CHECK(uses("${A:-${B:-c}}d") == "A-${B:-c};B-c;");
  CHECK(uses("$$A $${B} $1 $ ${") == "");
  const auto all = variables_in(parse_tree("{x: '${B}', services: {a: {image: '${B:-i}$A'}}}"));
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "A");
  CHECK(all[1].default_value == "i");
  CHECK(all[1].where.str() == "f:1:5");
  CHECK(variable_table(all) ==
        "NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE\n"
        "A                   false                                   \n"
        "B                   false               i                   \n");
}

TEST_CASE("listing: the environment is one line a variable") {
  CHECK(environment_lines({{"B", "2"}, {"A", "1"}}) == Names{"A=1", "B=2"});
}

TEST_CASE("unsupported: each attribute that up does not honour is named with its place and what happens instead") {
  CHECK(warnings("external_links: [x]").empty());
  CHECK(warnings("cpu_count: 2") == "f:1:53: services.a.cpu_count has no effect: Windows only: use cpus");
  CHECK(warnings("build: {context: ., sbom: true}") ==
        "f:1:73: services.a.build.sbom has no effect: the builder makes no attestations");
}

TEST_CASE("unsupported: what another attribute implies is not reported a second time") {
  CHECK(warnings("volumes_from: [b]}, b: {x-rootfs: host").empty());
}

TEST_CASE("unsupported: nothing is said about what works, is empty, or is what happens anyway") {
  CHECK(
      warnings("command: [x], ports: ['127.0.0.1:80:80', 90], volumes: ['./d:/d', /v], tty: false, init: false, ipc: "
               "private, deploy: {replicas: 2, resources: {limits: {cpus: 1}}}, logging: {driver: json-file}, cap_add: "
               "[A], healthcheck: {test: x}") == "");
  CHECK(messages(unsupported(project_tree(
            "{services: {a: {x-rootfs: host, network_mode: none, links: []}, b: {x-rootfs: host}}}"))) == "");
}
