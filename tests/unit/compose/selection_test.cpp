#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

constexpr const char* kShop = R"(services:
  web: {image: x, depends_on: [db], networks: [front]}
  db: {image: x, volumes: ["data:/d"]}
  dbg: {image: x, profiles: [debug, all]}
  tools: {image: x, profiles: [tools]}
  opt: {image: x, depends_on: {tools: {condition: service_started, required: false}}}
networks: {front: {}, unused: {}}
volumes: {data: {}, unused: {}}
)";

std::string services(const ProjectFolder& folder) {
  const Result<Loaded> loaded = folder.load();
  if (!loaded) {
    return "error " + folder.without_root(loaded.error().str());
  }
  std::string names;
  for (const Entry& service : loaded->tree.find("services")->entries) {
    names += (names.empty() ? "" : " ") + service.key;
  }
  return names;
}

TEST_CASE("profiles: by flag, by variable, by name, all") {
  ProjectFolder folder;
  folder.write("compose.yaml", kShop);
  CHECK(services(folder) == "web db opt");
  folder.options.environment["COMPOSE_PROFILES"] = "debug, none";
  CHECK(services(folder) == "web db dbg opt");
  folder.options.profiles = {"tools"};
  CHECK(services(folder) == "web db tools opt");
  folder.options.profiles = {"*"};
  CHECK(services(folder) == "web db dbg tools opt");
  folder.options.profiles = {"none"};
  folder.options.services = {"dbg"};
  CHECK(services(folder) == "web db dbg opt");
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->disabled_services == std::vector<std::string>{"tools"});
}

TEST_CASE("profiles: a required dependency must be enabled") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, profiles: [p, q]}\n");
  CHECK(
      services(folder) ==
      "error compose.yaml:2:30: service 'b' is required by 'a' but is disabled, it can be enabled by profiles [p, q]");
  folder.options.profiles = {"q"};
  CHECK(services(folder) == "a b");
}

TEST_CASE("profiles: an optional dependency that is off is shown but not in the project") {
  ProjectFolder folder;
  folder.write("compose.yaml", kShop);
  CHECK(folder.value({"services", "opt", "depends_on", "tools", "required"}) == "false");
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->project.services.at("opt").depends_on.empty());
}

TEST_CASE("profiles: mistakes in a disabled service don't matter, unless they are in its text") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {a: {image: x}, b: {networks: [gone], env_file: gone.env, profiles: [p]}}\n");
  CHECK(services(folder) == "a");
  folder.write("compose.yaml", "services: {a: {image: x}, b: {image: \"${X:?}\", profiles: [p]}}\n");
  CHECK(services(folder).starts_with("error"));
}

TEST_CASE("only what is used remains, unless everything is asked for") {
  ProjectFolder folder;
  folder.write("compose.yaml", kShop);
  CHECK(folder.value({"volumes", "unused"}).empty());
  CHECK_FALSE(folder.value({"volumes", "data"}).empty());
  folder.options.all_resources = true;
  CHECK_FALSE(folder.value({"volumes", "unused"}).empty());
}

TEST_CASE("selected services bring their dependencies and nothing else") {
  ProjectFolder folder;
  folder.write("compose.yaml", kShop);
  folder.options.only_services = true;
  folder.options.services = {"web"};
  CHECK(services(folder) == "web db");
  folder.options.services = {"db", "nosuch"};
  CHECK(services(folder) == "error no such service: 'nosuch'");
  folder.options.services = {"db"};
  CHECK(folder.value({"networks", "front"}).empty());
}

TEST_CASE("env files: later wins, the service itself wins over all") {
  ProjectFolder folder;
  folder.write("compose.yaml", R"(services:
  web:
    image: x
    env_file: [one.env, {path: two.env}, {path: gone.env, required: false}, {path: raw.env, format: raw}]
    environment: {OWN: mine, INHERITED: , ABSENT: }
)");
  folder.write("one.env", "A=1\nB=1\nOWN=1\nREF=$OWN$PROJECT$A\nABSENT=1\n").write("two.env", "B=2\nSEEN=$A\n");
  folder.write("raw.env", "R=\"$A\"\n");
  folder.options.environment["INHERITED"] = "yes";
  folder.options.environment["PROJECT"] = "p";
  const auto value = [&folder](std::string_view key) { return folder.value({"services", "web", "environment", key}); };
  CHECK(value("A") == "\"1\"");
  CHECK(value("B") == "\"2\"");
  CHECK(value("OWN") == "\"mine\"");
  CHECK(value("REF") == "\"minep1\"");
  CHECK(value("SEEN") == "\"1\"");
  CHECK(value("INHERITED") == "\"yes\"");
  CHECK(value("ABSENT") == "null");
  CHECK(value("R") == "\"\\\"$A\\\"\"");
  CHECK(folder.value({"services", "web", "env_file"}).empty());
}

TEST_CASE("env files: errors have the place of the reference, or of the line") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services:\n  a: {image: x, env_file: gone.env}\n  b: {image: x, env_file: bad.env}\n");
  folder.write("bad.env", "A=1\nB$=2\n");
  CHECK(folder.errors() ==
        "compose.yaml:2:27: services.a: env file gone.env not found\n"
        "bad.env:2:2: services.b: failed to read bad.env: unexpected character '$' in variable name 'B$=2'");
  folder.write("compose.yaml", "services:\n  a: {image: x, env_file: [{path: bad.env, format: toml}]}\n");
  CHECK(folder.errors().find("'toml'") != std::string::npos);
  folder.write("compose.yaml", "services: {a: {image: x, env_file: gone.env}}\n");
  folder.options.resolve_env_files = false;
  CHECK_FALSE(folder.value({"services", "a", "env_file"}).empty());
}

TEST_CASE("label files lie below labels") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {a: {image: x, label_file: l, labels: {B: own}}}\n").write("l", "A=1\nB=1\n");
  CHECK(folder.value({"services", "a", "labels", "A"}) == "\"1\"");
  CHECK(folder.value({"services", "a", "labels", "B"}) == "\"own\"");
}

TEST_CASE("secrets from the environment carry their value in the project") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}\n");
  folder.options.environment["TOKEN"] = "t0p";
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->project.secrets.contains("s"));
  CHECK(loaded->project.secrets.at("s").content.value_or("") == "t0p");
}

}  // namespace
