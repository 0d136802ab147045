#include <string>

#include <doctest/doctest.h>

#include "compose/yaml_text.hpp"
#include "phase_tree.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

/// The lines of service a in YAML, without their indentation.
std::string yaml_of(const std::string& attributes) {
  std::string text = render_yaml(project_tree("{services: {a: {network_mode: none, " + attributes + "}}}"));
  text = text.substr(text.find("  a:\n") + 5);
  std::string result;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start) + 1;
    result += text.substr(start + 4, end - start - 4);
    start = end;
  }
  return result;
}

struct Case {
  const char* text;
  const char* expected;
};

}  // namespace

TEST_CASE("render: a project as YAML, in Docker Compose's order") {
  CHECK(render_yaml(
            project_tree("name: shop\nx-b: {z: 1, a: [yes, 1.50]}\nservices:\n  web:\n    ports: ['80:8080']\n    "
                         "x-note: n\n    image: nginx\n    volumes: ['data:/d', './s:/s:ro']\n    command: echo "
                         "$HOME\n    depends_on: [db]\n    mem_limit: 64m\n    environment: {B: '1', A: }\n  db: "
                         "{image: pg}\nvolumes: {data: }\n")) ==
        "name: shop\n"
        "services:\n"
        "  db:\n"
        "    image: pg\n"
        "    networks:\n"
        "      default: null\n"
        "  web:\n"
        "    command:\n"
        "      - echo\n"
        "      - $$HOME\n"
        "    depends_on:\n"
        "      db:\n"
        "        condition: service_started\n"
        "        required: true\n"
        "    environment:\n"
        "      A: null\n"
        "      B: \"1\"\n"
        "    image: nginx\n"
        "    mem_limit: \"67108864\"\n"
        "    networks:\n"
        "      default: null\n"
        "    ports:\n"
        "      - mode: ingress\n"
        "        target: 8080\n"
        "        published: \"80\"\n"
        "        protocol: tcp\n"
        "    volumes:\n"
        "      - type: volume\n"
        "        source: data\n"
        "        target: /d\n"
        "        volume: {}\n"
        "      - type: bind\n"
        "        source: /p/s\n"
        "        target: /s\n"
        "        read_only: true\n"
        "        bind: {}\n"
        "    x-note: \"n\"\n"
        "networks:\n"
        "  default:\n"
        "    name: p_default\n"
        "volumes:\n"
        "  data:\n"
        "    name: p_data\n"
        "x-b:\n"
        "  a:\n"
        "    - \"yes\"\n"
        "    - 1.5\n"
        "  z: 1\n");
}

TEST_CASE("render: the same as JSON, with the null and {} that Docker Compose prints there") {
  CHECK(render_json(
            project_tree("{name: shop, x-b: 1, services: {web: {image: <a&b>, command: 'echo $X', deploy: {}, x-c: "
                         "1}}}")) ==
        "{\n"
        "  \"name\": \"shop\",\n"
        "  \"networks\": {\n"
        "    \"default\": {\n"
        "      \"name\": \"p_default\",\n"
        "      \"ipam\": {}\n"
        "    }\n"
        "  },\n"
        "  \"services\": {\n"
        "    \"web\": {\n"
        "      \"command\": [\n"
        "        \"echo\",\n"
        "        \"$$X\"\n"
        "      ],\n"
        "      \"deploy\": {\n"
        "        \"resources\": {},\n"
        "        \"placement\": {}\n"
        "      },\n"
        "      \"entrypoint\": null,\n"
        "      \"image\": \"\\u003ca\\u0026b\\u003e\",\n"
        "      \"networks\": {\n"
        "        \"default\": null\n"
        "      }\n"
        "    }\n"
        "  },\n"
        "  \"x-b\": 1\n"
        "}");
}

TEST_CASE("render: empty values are left out, except where given is not the same as absent") {
  CHECK(yaml_of("image: '', hostname: '', tty: false, ports: [], environment: {}, cpus: 0, mem_limit: 0") ==
        "network_mode: none\n");
  CHECK(yaml_of("init: false, attach: false, scale: 0, healthcheck: {}, entrypoint: []") ==
        "attach: false\nentrypoint: []\nhealthcheck: {}\ninit: false\nnetwork_mode: none\nscale: 0\n");
  CHECK(yaml_of("deploy: {update_config: {parallelism: 0, delay: 0s}, restart_policy: {delay: 0s}}") ==
        "deploy:\n  update_config:\n    parallelism: 0\n  restart_policy:\n    delay: 0s\nnetwork_mode: none\n");
  CHECK(yaml_of("volumes: [{type: bind, source: /s, target: /t, bind: {create_host_path: false}}]")
            .find("bind:\n      create_host_path: false\n") != std::string::npos);
  CHECK(yaml_of("ulimits: {core: 0, nofile: 5}").find("ulimits:\n  core:\n    soft: 0\n    hard: 0\n  nofile: 5\n") !=
        std::string::npos);
  CHECK(yaml_of("build: {ssh: [default, k=/x]}").find("ssh:\n    - default\n    - k=/x\n") != std::string::npos);
}

TEST_CASE("render: verbatim printing sorts keys, keeps everything and leaves `$` alone") {
  const Node tree = parse_tree("{services: {a: {tty: false, image: '$X', hostname: ''}}}");
  CHECK(render_yaml(tree, Printing::kVerbatim) ==
        "services:\n  a:\n    hostname: \"\"\n    image: $X\n    tty: false\n");
}

TEST_CASE("render: a string is written so that it reads back as that string") {
  const Case cases[] = {{"plain text", "plain text"},
                        {"", "\"\""},
                        {"true", "\"true\""},
                        {"yes", "\"yes\""},
                        {"1.5", "\"1.5\""},
                        {"0777", "\"0777\""},
                        {"~", "\"~\""},
                        {"22:22", "\"22:22\""},
                        {"2026-11-22", "\"2026-11-22\""},
                        {"a: b", "'a: b'"},
                        {"a #b", "'a #b'"},
                        {"a:b#c", "a:b#c"},
                        {"*x", "'*x'"},
                        {"- x", "'- x'"},
                        {"-x", "-x"},
                        {" x", "' x'"},
                        {"it's: x", "'it''s: x'"},
                        {"a\tb", "\"a\\tb\""},
                        {"a\x01", "\"a\\x01\""},
                        {"x:", "'x:'"},
                        {"a\nb\n", "|\n    a\n    b"},
                        {"a\nb", "|-\n    a\n    b"},
                        {"a\n\n", "|+\n    a\n"},
                        {" a\nb\n", "|2\n     a\n    b"},
                        {"a \nb", "\"a \\nb\""}};
  for (const Case& one : cases) {
    const std::string written = yaml_string(one.text, 4);
    CHECK_MESSAGE(written == one.expected, one.text);
    const Node read = parse_tree("k:\n  l: " + yaml_string(one.text, 4) + "\n");
    CHECK_MESSAGE(read.find("k")->find("l")->scalar == one.text, one.text);
  }
}
