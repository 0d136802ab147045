#include "compose/merge.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/merge_tags.hpp"
#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

Node tree(const std::string& text) {
  Result<std::vector<Node>> documents = read_text(text);
  REQUIRE_MESSAGE(documents.has_value(), text);
  return std::move(documents->front());
}

std::string merged(const std::string& base, const std::string& over) {
  Problems problems;
  Node result = merge(tree(base), tree(over), problems);
  drop_redefined(result);
  return problems.ok() ? tree_text(result) : "error " + problems.errors.front().str();
}

/// Both are attributes of service a.
std::string service(const std::string& base, const std::string& over) {
  const std::string head = "{services: {a: {";
  std::string text = merged(head + base + "}}}", head + over + "}}}");
  const std::size_t tail = 3;
  return text.starts_with(head) ? text.substr(head.size(), text.size() - head.size() - tail) : text;
}

struct Case {
  std::string base;
  std::string over;
  std::string expected;
};

TEST_CASE("attributes of a service are merged by their rules") {
  const std::vector<Case> cases = {
      {"image: x, restart: no", "restart: always", "image: x, restart: always"},
      {"image: x", "image: null", "image: x"},
      {"image: null", "image: y", "image: y"},
      {"cap_add: [A, B]", "cap_add: [B, C]", "cap_add: [A, B, C]"},
      {"deploy: {mode: global, resources: {limits: {cpus: 1}}}", "deploy: {resources: {limits: {pids: 2}}}",
       "deploy: {mode: global, resources: {limits: {cpus: 1, pids: 2}}}"},
      {"command: [a, b]", "command: c", "command: c"},
      {"command: [a, b]", "command: null", "command: null"},
      {"healthcheck: {test: [CMD, x], retries: 2}", "healthcheck: {test: y}", "healthcheck: {test: y, retries: 2}"},
      {"environment: {A: 1, B: 2}", "environment: [B=3, C]", "environment: {A: 1, B: '3', C: null}"},
      {"environment: [A=1]", "environment: {A: null}", "environment: {A: null}"},
      {"labels: [a=1]", "labels: null", "labels: {a: '1'}"},
      {"environment: {A: 1}", "environment: [{B: 1}]", "environment: [{B: 1}]"},
      {"dns: 1.1.1.1", "dns: [8.8.8.8, 1.1.1.1]", "dns: [1.1.1.1, 8.8.8.8]"},
      {"tmpfs: /a", "tmpfs: /b", "tmpfs: [/a, /b]"},
      {"env_file: a.env", "env_file: [{path: b.env}, a.env]", "env_file: [a.env, {path: b.env}]"},
      {"extra_hosts: {h: [1, 2]}", "extra_hosts: ['h=2', 'g=3']", "extra_hosts: ['h=1', 'h=2', 'g=3']"},
      {"build: x", "build: {args: {A: 1}}", "build: {context: x, args: {A: 1}}"},
      {"build: {context: x, args: [A=1]}", "build: y", "build: {context: y, args: [A=1]}"},
      {"build: x", "build: null", "build: {context: x}"},
      {"build: {args: [A=1, B=1]}", "build: {args: {A: 2}}", "build: {args: {A: 2, B: '1'}}"},
      {"depends_on: [b]", "depends_on: {b: {condition: service_healthy}}",
       "depends_on: {b: {condition: service_healthy, required: true}}"},
      {"networks: [n, m]", "networks: {m: {aliases: [x]}}", "networks: {n: null, m: {aliases: [x]}}"},
      {"networks: null", "networks: [n]", "networks: {n: null}"},
      {"logging: {driver: a, options: {x: 1}}", "logging: {options: {y: 2}}",
       "logging: {driver: a, options: {x: 1, y: 2}}"},
      {"logging: {driver: a, options: {x: 1}}", "logging: {driver: b}", "logging: {driver: b}"},
      {"logging: {driver: a}", "logging: null", "logging: {driver: a}"},
      {"ulimits: {n: {soft: 1, hard: 2}}", "ulimits: {n: {soft: 3}, m: 4}", "ulimits: {n: {soft: 3}, m: 4}"},
      {"ports: ['80:80', 443]", "ports: ['80:80', 443, '81:81']", "ports: ['80:80', 443, '81:81']"},
      {"ports: [{target: 80, published: '1'}]", "ports: [{target: 80, published: 1, protocol: tcp, mode: host}]",
       "ports: [{target: 80, published: 1, protocol: tcp, mode: host}]"},
      {"volumes: [{target: /a, source: x}, {target: /b}]", "volumes: [{target: /a, source: y}]",
       "volumes: [{target: /a, source: y}, {target: /b}]"},
      {"secrets: [s]", "secrets: [{source: t, target: /run/secrets/s}]",
       "secrets: [{source: t, target: /run/secrets/s}]"},
      {"configs: [c]", "configs: [{source: d, target: /c}]", "configs: [{source: d, target: /c}]"},
      {"security_opt: [a]", "security_opt: [a]", "security_opt: [a, a]"},
      {"x-own: {a: [1]}", "x-own: {a: [2], b: 3}", "x-own: {a: [1, 2], b: 3}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.base);
    CAPTURE(one.over);
    CHECK(service(one.base, one.over) == one.expected);
  }
}

TEST_CASE("networks and volumes are merged by their rules") {
  CHECK(merged("{networks: {n: {labels: [a=1, b=1]}}}", "{networks: {n: {labels: {b: 2}}}}") ==
        "{networks: {n: {labels: {a: '1', b: 2}}}}");
  CHECK(merged("{networks: {n: {ipam: {config: [{subnet: A, gateway: g}, {subnet: B}]}}}}",
               "{networks: {n: {ipam: {config: [{subnet: A, ip_range: r}]}}}}")
            .find("{subnet: A, gateway: g, ip_range: r}") != std::string::npos);
  CHECK(merged("{volumes: {v: {driver: a}}}", "{volumes: {v: null, w: {}}}") == "{volumes: {v: {driver: a}, w: {}}}");
}

TEST_CASE("kinds that don't go together are refused with their place") {
  CHECK(service("cap_add: [A]", "cap_add: x") ==
        "error f:1:26: cannot override services.a.cap_add: a single value can't replace a list");
  CHECK(service("deploy: {mode: x}", "deploy: [y]") ==
        "error f:1:25: cannot override services.a.deploy: a list can't replace a mapping");
}

TEST_CASE("!reset removes and !override replaces") {
  const std::vector<Case> cases = {
      {"image: x, ports: [1]", "ports: !reset []", "image: x"},
      {"image: x, ports: [1]", "ports: !override [2]", "image: x, ports: [2]"},
      {"image: x, labels: {a: 1, b: 2}", "labels: {a: !reset null, c: 3}", "image: x, labels: {b: 2, c: 3}"},
      {"image: x, labels: {a: 1}", "labels: !override {b: !reset 2}", "image: x, labels: {b: '2'}"},
      {"cap_add: [A]", "cap_add: [B, !reset C]", "cap_add: [A, B]"},
      {"image: x", "command: !reset y", "image: x"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.base);
    CAPTURE(one.over);
    CHECK(service(one.base, one.over) == one.expected);
  }
  CHECK(merged("{services: {a: {image: x}, b: {image: y}}}", "{services: {b: !reset {}}}") ==
        "{services: {a: {image: x}}}");
  CHECK(merged("x: &r !reset []\nservices: {a: {ports: [1]}, b: {ports: [2]}}",
               "x: &r !reset []\nservices: {a: {ports: *r}, b: {ports: *r}}") == "{services: {a: {}, b: {}}}");
  CHECK(merged("{services: {a: {ports: [1]}}}", "x-i: &i {ports: !reset []}\nservices: {a: {<<: *i}}") ==
        "{services: {a: {}}, x-i: {}}");
}

TEST_CASE("merging a thousand services over a thousand is not quadratic in their text") {
  std::string many = "services:\n";
  for (int i = 0; i < 5000; ++i) {
    many += "  service" + std::to_string(i) + ": {image: x}\n";
  }
  Problems problems;
  const Node result = merge(tree(many), tree(many), problems);
  CHECK(result.find("services")->entries.size() == 5000);
}

TEST_CASE("values are the same whatever their quotes and the order of keys") {
  CHECK(same_value(tree("{a: x, b: [1, 2]}"), tree("{b: [1, 2], a: 'x'}")));
  CHECK_FALSE(same_value(tree("{a: 1}"), tree("{a: '1'}")));
  CHECK_FALSE(same_value(tree("[1, 2]"), tree("[2, 1]")));
}

}  // namespace
