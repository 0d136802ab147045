#include <string>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

TEST_CASE("extends: a service of the same file, over several steps, in any order") {
  ProjectFolder folder;
  folder.write("compose.yaml", R"(services:
  c: {extends: b, hostname: c}
  b: {extends: {service: a}, environment: {B: "2"}}
  a: {image: x, environment: [A=1, B=1], hostname: a}
)");
  CHECK(folder.value({"services", "c", "image"}) == "\"x\"");
  CHECK(folder.value({"services", "c", "hostname"}) == "\"c\"");
  CHECK(folder.value({"services", "c", "environment", "B"}) == "\"2\"");
  CHECK(folder.value({"services", "c", "environment", "A"}) == "\"1\"");
  CHECK(folder.value({"services", "c", "extends"}).empty());
}

TEST_CASE("extends: a service of a file before") {
  ProjectFolder folder;
  folder.write("a.yaml", "services: {base: {image: x}}\n").write("b.yaml", "services: {web: {extends: base}}\n");
  folder.options.files = {"a.yaml", "b.yaml"};
  CHECK(folder.value({"services", "web", "image"}) == "\"x\"");
}

TEST_CASE("extends: paths are relative to the file that they stand in") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {web: {extends: {file: sub/b.yaml, service: web}, volumes: [./mine:/m]}}\n");
  folder.write("sub/b.yaml", "services: {web: {extends: {file: ../other/c.yaml, service: web}, volumes: [./b:/b]}}\n");
  folder.write("other/c.yaml", "services: {web: {image: x, build: ./ctx, env_file: c.env}}\n")
      .write("other/c.env", "C=1\n");
  CHECK(folder.value({"services", "web", "build", "context"}) == "\"" + folder.path("other/ctx") + "\"");
  CHECK(folder.value({"services", "web", "environment", "C"}) == "\"1\"");
  const std::string volumes = folder.value({"services", "web", "volumes"});
  CHECK(volumes.find(folder.path("sub/b")) != std::string::npos);
  CHECK(volumes.find(folder.path("mine")) != std::string::npos);
}

TEST_CASE("extends: !reset and !override act on the base, of this file and of the other") {
  ProjectFolder folder;
  folder.write("compose.yaml", R"(services:
  web: {extends: {file: base.yaml, service: mid}, ports: !override ["2:2"]}
)");
  folder.write("base.yaml", R"(services:
  root: {image: x, command: run, ports: ["1:1"], hostname: h}
  mid: {extends: root, command: !reset null}
)");
  CHECK(folder.value({"services", "web", "command"}).empty());
  CHECK(folder.value({"services", "web", "hostname"}) == "\"h\"");
  const std::string ports = folder.value({"services", "web", "ports"});
  CHECK(ports.find("\"2\"") != std::string::npos);
  CHECK(ports.find("\"1\"") == std::string::npos);
}

TEST_CASE("extends: errors name both services, the file and the place") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services:\n  web:\n    extends: {service: gone}\n");
  CHECK(folder.errors() == "compose.yaml:3:14: cannot extend service 'web' in compose.yaml: service 'gone' not found");
  folder.write("compose.yaml", "services:\n  web: {image: x}\n  a: {extends: wbe}\n");
  CHECK(folder.errors().ends_with("service 'wbe' not found, did you mean 'web'?"));
  folder.write("compose.yaml", "services:\n  a: {extends: b}\n  b: {extends: a}\n");
  CHECK(folder.errors().find("circular reference: 'a' in compose.yaml extends 'b' in compose.yaml extends 'a'") !=
        std::string::npos);
  folder.write("compose.yaml", "services:\n  a: {extends: {file: x.yaml}}\n");
  CHECK(folder.errors().find("compose.yaml:2:16: services.a: extends.service is required") != std::string::npos);
  folder.write("compose.yaml", "services:\n  a: {extends: {file: x.yaml, service: b}}\n");
  CHECK(folder.errors().find("x.yaml") != std::string::npos);
  folder.write("x.yaml", "volumes: {}\n");
  CHECK(folder.errors().find("no services section") != std::string::npos);
  folder.write("x.yaml", "services: {b: {extends: {file: compose.yaml, service: a}}}\n");
  CHECK(folder.errors().find("circular reference") != std::string::npos);
}

TEST_CASE("include: a model of its own, with its directory and its variables") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include: [sub/inc.yaml]\nservices: {web: {image: \"w:${V:-none}\"}}\n");
  folder.write("sub/inc.yaml", "name: other\nx-own: 1\nservices: {db: {image: \"d:${V:-none}\", volumes: [./d:/d]}}\n");
  folder.write("sub/.env", "V=sub\n");
  CHECK(folder.value({"services", "db", "image"}) == "\"d:sub\"");
  CHECK(folder.value({"services", "web", "image"}) == "\"w:none\"");
  CHECK(folder.value({"services", "db", "volumes"}).find(folder.path("sub/d")) != std::string::npos);
  CHECK(folder.value({"x-own"}).empty());
  CHECK(folder.value({"name"}) == "\"shop\"");
  folder.options.environment["V"] = "os";
  CHECK(folder.value({"services", "db", "image"}) == "\"d:os\"");
}

TEST_CASE("include: env_file, project_directory and overrides") {
  ProjectFolder folder;
  folder.write("compose.yaml", R"(include:
  - path: [sub/inc.yaml, sub/more.yaml]
    project_directory: base
    env_file: [one.env, two.env]
)");
  folder.write("sub/inc.yaml", "services: {db: {image: \"d:${V}${W}\", volumes: [./d:/d]}}\n");
  folder.write("sub/more.yaml", "services: {db: {hostname: h}}\n");
  folder.write("one.env", "V=1\nW=1\n").write("two.env", "W=2\n").write("sub/.env", "V=9\n");
  CHECK(folder.value({"services", "db", "image"}) == "\"d:12\"");
  CHECK(folder.value({"services", "db", "hostname"}) == "\"h\"");
  CHECK(folder.value({"services", "db", "volumes"}).find(folder.path("base/d")) != std::string::npos);
}

TEST_CASE("include: the including file lies on top, with its tags") {
  ProjectFolder folder;
  folder.write("compose.yaml", R"(include: [inc.yaml]
services:
  db: {environment: !override {B: "2"}, hostname: mine}
)");
  folder.write("inc.yaml", "services: {db: {image: x, environment: {A: \"1\"}, hostname: theirs}}\n");
  CHECK(folder.value({"services", "db", "image"}) == "\"x\"");
  CHECK(folder.value({"services", "db", "hostname"}) == "\"mine\"");
  CHECK(folder.value({"services", "db", "environment", "A"}).empty());
  CHECK(folder.value({"services", "db", "environment", "B"}) == "\"2\"");
}

TEST_CASE("include: what two files include is there once, and an included service can be extended") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include: [a.yaml, b.yaml]\nservices: {mine: {extends: c, hostname: h}}\n");
  folder.write("a.yaml", "include: [c.yaml]\nservices: {a: {image: a}}\n");
  folder.write("b.yaml", "include: [c.yaml]\nservices: {b: {image: b}}\n");
  folder.write("c.yaml", "services: {c: {image: c, security_opt: [x]}}\n");
  CHECK(folder.value({"services", "c", "security_opt"}).find("x") ==
        folder.value({"services", "c", "security_opt"}).rfind("x"));
  CHECK(folder.value({"services", "mine", "image"}) == "\"c\"");
}

TEST_CASE("include: a wide tree of files that include each other's children is loaded in time") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include: [l0a.yaml, l0b.yaml]\n");
  for (int level = 0; level < 20; ++level) {
    const std::string next = std::to_string(level + 1);
    const std::string text =
        level == 19 ? "services: {s: {image: x}}\n" : "include: [l" + next + "a.yaml, l" + next + "b.yaml]\n";
    folder.write("l" + std::to_string(level) + "a.yaml", text).write("l" + std::to_string(level) + "b.yaml", text);
  }
  CHECK(folder.value({"services", "s", "image"}) == "\"x\"");
}

TEST_CASE("include: errors") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include: [a.yaml]\nservices: {}\n").write("a.yaml", "include: [compose.yaml]\n");
  CHECK(folder.errors().find("include cycle detected: compose.yaml includes a.yaml includes compose.yaml") !=
        std::string::npos);
  folder.write("compose.yaml", "include:\n  - gone.yaml\n");
  CHECK(folder.errors().starts_with("compose.yaml:2:5: include: open 'gone.yaml'"));
  folder.write("compose.yaml", "include: a.yaml\n");
  CHECK(folder.errors().starts_with("compose.yaml:1:"));
  folder.write("compose.yaml", "include: [{paths: a.yaml}]\n");
  CHECK(folder.errors().find("paths") != std::string::npos);
}

TEST_CASE("include: an env file that is missing is told where it is named") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include:\n  - path: b.yaml\n    env_file: [/dev/null, gone.env]\n")
      .write("b.yaml", "services: {b: {image: x}}\n");
  CHECK(folder.errors() == "compose.yaml:3:27: include: couldn't find env file: gone.env");
}

TEST_CASE("include: what is wrong in an env file that two models read is told once") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include: [b.yaml]\n").write("b.yaml", "services: {b: {image: x}}\n");
  folder.write(".env", "A B=1\n");
  CHECK(folder.errors() == ".env:1:2: key 'A B' cannot contain a space");
}

}  // namespace
