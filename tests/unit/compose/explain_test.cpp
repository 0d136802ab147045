#include "compose/explain.hpp"

#include <string>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

/// The explanation without the blanks that align it.
std::string explained(ProjectFolder& folder) {
  folder.options.explain = true;
  const Result<Loaded> loaded = folder.load();
  REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().str()));
  std::string text = explain_text(*loaded, folder.options.cwd);
  for (std::size_t at = text.find("   #"); at != std::string::npos; at = text.find("   #")) {
    text.erase(at, 1);
  }
  return text;
}

TEST_CASE("each value is told with its file and line, its variables, and what it replaced") {
  ProjectFolder folder;
  folder.options.files = {"base.yaml", "compose.yaml"};
  folder.options.environment["MODE"] = "fast";
  folder.write(".env", "# images\nTAG=1.25\n").write("app.env", "LEVEL=info\nMODE=slow\n");
  folder.write("base.yaml",
               "services:\n  web:\n    image: nginx:1.23\n    command: [a, b]\n    environment:\n      MODE: none\n");
  folder.write("compose.yaml",
               "services:\n  web:\n    image: nginx:${TAG}${X:-}\n    command: c\n    environment: [MODE]\n"
               "    env_file: app.env\n    ports: ['8080:80']\n    links: [db]\n"
               "  db: {image: 'pg:${MODE}'}\n");
  CHECK(explained(folder) ==
        "name: shop  # default\n"
        "services.db.image: pg:fast  # compose.yaml:9, ${MODE} from the environment\n"
        "services.db.networks.default: null  # default\n"
        "services.web.command[0]: c  # compose.yaml:4 (overrides base.yaml:4 a list)\n"
        "services.web.depends_on.db.condition: service_started  # implied by compose.yaml:8\n"
        "services.web.depends_on.db.restart: true  # implied by compose.yaml:8\n"
        "services.web.depends_on.db.required: true  # implied by compose.yaml:8\n"
        "services.web.environment.LEVEL: info  # app.env:1\n"
        "services.web.environment.MODE: fast  # compose.yaml:5 (overrides base.yaml:6 none), ${MODE} from the "
        "environment\n"
        "services.web.image: nginx:1.25  # compose.yaml:3 (overrides base.yaml:3 nginx:1.23), ${TAG} from .env:2, ${X} "
        "is "
        "not set\n"
        "services.web.links[0]: db  # compose.yaml:8\n"
        "services.web.networks.default: null  # default\n"
        "services.web.ports[0].mode: ingress  # compose.yaml:7\n"
        "services.web.ports[0].target: 80  # compose.yaml:7\n"
        "services.web.ports[0].published: \"8080\"  # compose.yaml:7\n"
        "services.web.ports[0].protocol: tcp  # compose.yaml:7\n"
        "networks.default.name: shop_default  # default\n");
}

TEST_CASE("an explanation follows extends and include, and chains of overrides") {
  ProjectFolder folder;
  folder.options.files = {"a.yaml", "b.yaml", "c.yaml"};
  folder.write("inner/i.yaml", "services:\n  low:\n    image: low:1\n    labels: {a.b: x}\n");
  folder.write("a.yaml", "include: [inner/i.yaml]\nservices:\n  web: {image: w:1}\n");
  folder.write("b.yaml", "services:\n  web: {image: w:2}\n");
  folder.write("c.yaml", "services:\n  web:\n    extends: low\n    image: |-\n      w\n      3\n");
  CHECK(explained(folder) ==
        "name: shop  # default\n"
        "services.low.image: low:1  # inner/i.yaml:3\n"
        "services.low.labels.\"a.b\": x  # inner/i.yaml:4\n"
        "services.low.networks.default: null  # default\n"
        "services.web.image: \"w\\n3\"  # c.yaml:4 (overrides b.yaml:2 w:2, a.yaml:3 w:1, inner/i.yaml:3 low:1)\n"
        "services.web.labels.\"a.b\": x  # inner/i.yaml:4\n"
        "services.web.networks.default: null  # default\n"
        "networks.default.name: shop_default  # default\n");
}

TEST_CASE("an explanation tells which merged value a value stands instead of") {
  ProjectFolder folder;
  folder.write("compose.yaml",
               "x-base: &base\n  image: old\n  labels: {a: b}\nservices:\n  web:\n    <<: *base\n    image: new\n");
  CHECK(explained(folder).find("services.web.image: new  # compose.yaml:7 (overrides compose.yaml:2 old)\n"
                               "services.web.labels.a: b  # compose.yaml:3\n") != std::string::npos);
}

}  // namespace
