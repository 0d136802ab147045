// Small inputs that ask for much: refused with a message, soon, and in little memory.

#include <sys/stat.h>

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

constexpr const char* kMinimal = "services: {a: {image: x}}\n";

std::string first_error(const std::string& text) {
  ProjectFolder folder;
  folder.write("compose.yaml", text);
  const std::string errors = folder.errors();
  return errors.substr(0, errors.find('\n'));
}

TEST_CASE("port ranges have a budget") {
  std::string ports;
  for (int i = 0; i < 2; ++i) {
    ports += "'10.0.0." + std::to_string(i) + ":1-65535:1-65535',";
  }
  CHECK(first_error("services: {a: {image: x, ports: [" + ports + "]}}").find("more than 100000 ports") !=
        std::string::npos);
}

TEST_CASE("brackets without end are not all looked at") {
  CHECK(first_error("x-a: " + std::string(1'000'000, '[')) ==
        "compose.yaml:1:10006: too many lists or mappings are open here");
  CHECK(first_error("x-a: " + std::string(200, '[')).find("nested deeper than 100 levels") != std::string::npos);
}

TEST_CASE("a file has a budget of values, and of errors") {
  std::string values = "x-a: [";
  for (int i = 0; i < 500'100; ++i) {
    values += "a,";
  }
  CHECK(first_error(values + "]").find("more than 500000 values in one file") != std::string::npos);
  std::string keys = "services:\n  a:\n";
  for (int i = 0; i < 3000; ++i) {
    keys += "    k" + std::to_string(i) + ": 1\n";
  }
  ProjectFolder folder;
  folder.write("compose.yaml", keys);
  const std::string errors = folder.errors();
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 100);
  CHECK(errors.ends_with("and 2900 more errors"));
}

TEST_CASE("many anchors are no aliases") {
  std::string anchors = kMinimal;
  for (int i = 0; i < 100'001; ++i) {
    anchors += "x-" + std::to_string(i) + ": &a" + std::to_string(i) + " 1\n";
  }
  ProjectFolder folder;
  folder.write("compose.yaml", anchors);
  CHECK(folder.load().has_value());
}

TEST_CASE("what is no file is not waited for") {
  ProjectFolder folder;
  folder.write("compose.yaml", "services: {a: {image: x, env_file: pipe}}\n");
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(folder.errors().find("'pipe' is not a file") != std::string::npos);
  folder.options.env_files = {"pipe"};
  CHECK(folder.errors().find("'pipe' is not a file") != std::string::npos);
  folder.options.files = {"pipe"};
  folder.options.env_files.clear();
  CHECK(folder.errors() == "'pipe' is not a file");
}

TEST_CASE("long lists and files are merged in the time that they are long") {
  ProjectFolder folder;
  std::string variables;
  std::string items;
  for (int i = 0; i < 15'000; ++i) {
    variables += "V" + std::to_string(i) + "=1\n";
    items += "      - V" + std::to_string(i) + "=2\n";
  }
  folder.write("app.env", variables);
  folder.write("compose.yaml", "services:\n  a:\n    image: x\n    env_file: app.env\n    environment:\n" + items);
  folder.write("over.yaml", "services:\n  a:\n    environment:\n" + items);
  folder.options.files = {"compose.yaml", "over.yaml"};
  CHECK(folder.load().has_value());
}

TEST_CASE("includes have a budget, and a cycle through any path is named") {
  ProjectFolder folder;
  folder.write("compose.yaml", "include:\n  - path: [a.yaml, compose.yaml]\n").write("a.yaml", kMinimal);
  CHECK(folder.errors().find("include cycle detected") != std::string::npos);
  folder.write("one.env", "A=1\n").write("two.env", "A=2\n");
  for (int i = 0; i < 25; ++i) {
    const std::string next = "l" + std::to_string(i + 1) + ".yaml";
    folder.write(i == 0 ? "compose.yaml" : "l" + std::to_string(i) + ".yaml",
                 "include:\n  - {path: " + next + ", env_file: one.env}\n  - {path: " + next +
                     ", env_file: [two.env, e" + std::to_string(i) + ".env]}\n");
    folder.write("e" + std::to_string(i) + ".env", "B" + std::to_string(i) + "=1\n");
  }
  folder.write("l25.yaml", kMinimal);
  CHECK(folder.errors().find("more than 1000 includes") != std::string::npos);
}

}  // namespace
