#include "compose/load.hpp"

#include <string>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

constexpr const char* kMinimal = "services: {web: {image: nginx}}\n";

TEST_CASE("the default file is found, also from a folder below, with its override") {
  ProjectFolder folder;
  folder.write("compose.yaml", kMinimal).write("compose.override.yml", "services: {web: {hostname: h}}\n");
  folder.write("docker-compose.yml", "services: {other: {image: x}}\n").write("deep/er/note", "");
  folder.options.cwd += "/deep/er";
  CHECK(folder.value({"services", "web", "hostname"}) == "\"h\"");
  CHECK(folder.value({"name"}) == "\"shop\"");
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->project.files.size() == 2);
  REQUIRE(loaded->warnings.size() == 1);
  CHECK(loaded->warnings[0].message.starts_with("found multiple config files"));
}

TEST_CASE("without any file the error says so") {
  ProjectFolder folder;
  CHECK(folder.errors() == "no configuration file provided: not found");
}

TEST_CASE("files come from -f, then COMPOSE_FILE, also from .env") {
  ProjectFolder folder;
  folder.write("a.yml", kMinimal).write("b.yml", "services: {web: {hostname: b}}\n");
  folder.write(".env", "COMPOSE_FILE=a.yml:b.yml\n");
  CHECK(folder.value({"services", "web", "hostname"}) == "\"b\"");
  folder.options.environment["COMPOSE_PATH_SEPARATOR"] = ",";
  folder.options.environment["COMPOSE_FILE"] = "a.yml,b.yml";
  CHECK(folder.value({"services", "web", "hostname"}) == "\"b\"");
  folder.options.files = {"a.yml"};
  CHECK(folder.value({"services", "web", "hostname"}).empty());
  folder.options.files = {"a.yml", "gone.yml", "lost.yml"};
  const std::string errors = folder.errors();
  CHECK(errors.find("gone.yml") != std::string::npos);
  CHECK(errors.find("lost.yml") != std::string::npos);
}

TEST_CASE("hashes are made for who wants them") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {web: {image: nginx, volumes: ['data:/d']}}\nvolumes: {data: {}}\n");
  for (const bool wanted : {true, false}) {
    folder.options.hashes = wanted;
    const Result<Loaded> loaded = folder.load();
    REQUIRE(loaded.has_value());
    CHECK(loaded->project.services.at("web").config_hash.empty() != wanted);
    CHECK(loaded->project.networks.at("default").config_hash.empty() != wanted);
    CHECK(loaded->project.volumes.at("data").config_hash.empty() != wanted);
  }
}

TEST_CASE("standard input is a file") {
  ProjectFolder folder;
  folder.options.files = {"-"};
  folder.options.read_stdin = [] { return Result<std::string>(std::string("services: {web: {image: \"in\"}}")); };
  CHECK(folder.value({"services", "web", "image"}) == "\"in\"");
}

TEST_CASE("the project's name comes from -p, the environment, the file, the folder") {
  ProjectFolder folder;
  folder.write("compose.yaml", "name: My.${V}\nservices: {web: {image: \"x:${COMPOSE_PROJECT_NAME}\"}}\n");
  folder.options.environment["V"] = "App_1";
  CHECK(folder.value({"services", "web", "image"}) == "\"x:myapp_1\"");
  CHECK(project_name(folder.options).value_or("") == "myapp_1");
  folder.options.environment["COMPOSE_PROJECT_NAME"] = "env";
  CHECK(folder.value({"name"}) == "\"env\"");
  folder.options.project_name = "flag";
  CHECK(folder.value({"name"}) == "\"flag\"");
  folder.options.project_name = "My";
  CHECK(folder.errors().find("invalid project name 'My'") != std::string::npos);
}

TEST_CASE("the project's name needs no valid file") {
  ProjectFolder folder;
  CHECK(project_name(folder.options).error().code == Code::kNotFound);
  folder.write("compose.yaml", "services: [\n");
  CHECK(project_name(folder.options).value_or("") == "shop");
  folder.write("compose.yaml", "name: other\nservices: {web: {imagee: x}}\n");
  CHECK(project_name(folder.options).value_or("") == "other");
}

TEST_CASE("variables: the process first, then the env files, the later file first") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {web: {image: \"x:${A:-}${B:-}${C:-}\"}}\n");
  folder.write(".env", "A=1\nB=1\nC=1\n").write("one.env", "B=2\nC=2\n").write("two.env", "C=3\n");
  CHECK(folder.value({"services", "web", "image"}) == "\"x:111\"");
  folder.options.environment["A"] = "0";
  CHECK(folder.value({"services", "web", "image"}) == "\"x:011\"");
  folder.options.env_files = {"one.env", "two.env"};
  CHECK(folder.value({"services", "web", "image"}) == "\"x:023\"");
  folder.options.env_files = {"gone.env"};
  CHECK(folder.errors() == "couldn't find env file: gone.env");
  folder.options.env_files.clear();
  folder.options.environment["COMPOSE_DISABLE_ENV_FILE"] = "1";
  CHECK(folder.value({"services", "web", "image"}) == "\"x:0\"");
}

TEST_CASE("all independent problems of a file are reported, each with its place") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services:\n  a:\n    image: ${X:?set it}\n  b:\n    image: ${\n");
  CHECK(folder.errors() ==
        "compose.yaml:3:12: services.a.image: required variable 'X' is missing a value: set it\n"
        "compose.yaml:5:12: services.b.image: invalid interpolation in '${': write a literal $ as $$");
  folder.write("compose.yaml", "services:\n  a: {image: [x]}\n  b: {imge: x}\n");
  const std::string errors = folder.errors();
  CHECK(errors.find("compose.yaml:2:") != std::string::npos);
  CHECK(errors.find("compose.yaml:3:") != std::string::npos);
}

TEST_CASE("an unset variable is warned about once, whatever files name it") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {a: {image: \"x${V}\"}}\n")
      .write("b.yaml", "services: {b: {image: \"y${V}\"}}\n");
  folder.options.files = {"compose.yaml", "b.yaml"};
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->warnings.size() == 1);
}

TEST_CASE("an empty file, and one that is no mapping") {
  ProjectFolder folder;
  folder.write("compose.yaml", "# nothing\n");
  CHECK(folder.errors() == "compose.yaml:1:1: empty compose file");
  folder.write("compose.yaml", "- a\n");
  CHECK(folder.errors() == "compose.yaml:1:1: top-level object must be a mapping");
}

TEST_CASE("documents of one file are merged") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {web: {image: x}}\n---\nservices: {web: {image: y, hostname: h}}\n");
  CHECK(folder.value({"services", "web", "image"}) == "\"y\"");
}

TEST_CASE("the obsolete version is warned about and left out") {
  ProjectFolder folder;
  folder.write("compose.yaml", std::string("version: '3'\n") + kMinimal);
  const Result<Loaded> loaded = folder.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->tree.find("version") == nullptr);
  REQUIRE(loaded->warnings.size() == 1);
  CHECK(loaded->warnings[0].where.line == 1);
}

}  // namespace
