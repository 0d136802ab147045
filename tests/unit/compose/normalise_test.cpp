#include <string>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

std::string at(const Node& tree, std::initializer_list<std::string_view> keys) {
  const Node* node = &tree;
  for (const std::string_view key : keys) {
    node = node == nullptr ? nullptr : node->find(key);
  }
  return node == nullptr ? "nothing" : tree_text(*node);
}

std::string resolved(const std::string& text) {
  Node tree = canonical_tree(text);
  Problems problems;
  resolve_paths(tree, "/p/q", "/home/me", problems);
  return problems.ok() ? tree_text(tree) : messages(problems.errors);
}

}  // namespace

TEST_CASE("defaults: what the file leaves out and nothing outside it decides") {
  const Node tree = canonical_tree(
      "{services: {a: {build: {secrets: [s]}, secrets: [s, {source: t, target: u}], configs: [c], ports: [{target: "
      "1}], "
      "depends_on: {b: {condition: service_healthy}}, env_file: [e], gpus: [{driver: x}, {device_ids: [y]}], "
      "volumes: [{type: bind, source: ., target: /t, bind: {}}]}}}");
  const Node& a = *tree.find("services")->find("a");
  CHECK(at(a, {"build"}) == "{secrets: [{source: s, target: '/run/secrets/s'}], context: '.'}");
  CHECK(at(a, {"secrets"}) == "[{source: s, target: '/run/secrets/s'}, {source: t, target: u}]");
  CHECK(at(a, {"configs"}) == "[{source: c}]");
  CHECK(at(a, {"ports"}) == "[{target: 1, protocol: 'tcp', mode: 'ingress'}]");
  CHECK(at(a, {"depends_on", "b"}) == "{condition: service_healthy, required: true}");
  CHECK(at(a, {"env_file"}) == "[{path: e, required: true}]");
  CHECK(at(a, {"gpus"}) == "[{driver: x, count: -1}, {device_ids: [y]}]");
  CHECK(at(a, {"volumes"}) == "[{type: bind, source: ., target: /t, bind: {create_host_path: true}}]");
}

TEST_CASE("defaults: a build has a context") {
  for (const char* build : {"''", "{}", "{context: ''}", "{context: .}"}) {
    CAPTURE(build);
    const Node tree = project_tree(fmt::format("{{services: {{a: {{build: {}}}}}}}", build));
    CHECK(tree.find("services")->find("a")->find("build")->find("context")->scalar == "/p");
  }
}

TEST_CASE("paths: relative ones and ~ become absolute, remote ones stay") {
  CHECK(
      resolved(
          "{services: {a: {build: {context: ../x, additional_contexts: [r=./r, u=docker-image://i, s=service:b]}}}}") ==
      "{services: {a: {build: {context: /p/x, additional_contexts: {r: '/p/q/r', u: 'docker-image://i', s: "
      "'service:b'}}}}}");
  CHECK(resolved("{services: {a: {build: 'https://e.org/x.git'}}}").find("https://e.org/x.git") != std::string::npos);
  CHECK(resolved("{services: {a: {env_file: e, label_file: [~/l], extends: {file: ../f, service: b}}}}") ==
        "{services: {a: {env_file: [{path: /p/q/e, required: true}], label_file: [/home/me/l], extends: {file: /p/f, "
        "service: b}}}}");
  CHECK(resolved("{services: {a: {volumes: ['./d:/d', 'vol:/n']}}}") ==
        "{services: {a: {volumes: [{type: 'bind', source: '/p/q/d', target: '/d', bind: {create_host_path: true}}, "
        "{type: "
        "'volume', source: 'vol', target: '/n', volume: {}}]}}}");
  CHECK(resolved("{services: {a: {x-rootfs: host}, b: {x-rootfs: ./r}}}") ==
        "{services: {a: {x-rootfs: host}, b: {x-rootfs: /p/q/r}}}");
  CHECK(resolved("{secrets: {s: {file: ./a/../s}}, configs: {c: {file: /c}}}") ==
        "{secrets: {s: {file: /p/q/s}}, configs: {c: {file: /c}}}");
}

TEST_CASE("paths: a volume's device is a path only when a local driver binds it") {
  CHECK(resolved("{volumes: {v: {driver: local, driver_opts: {o: bind, device: ./d}}}}").find("/p/q/d") !=
        std::string::npos);
  CHECK(resolved("{volumes: {v: {driver_opts: {o: bind, device: ./d}}}}").find("'./d'") != std::string::npos);
}

TEST_CASE("paths: a bind without a source is an error") {
  CHECK(resolved("{services: {a: {volumes: [{type: bind, target: /t}]}}}") ==
        "f:1:27: services.a.volumes[0]: invalid mount config for type \"bind\": field Source must not be empty");
}

TEST_CASE("paths: resolving twice changes nothing") {
  Node tree = canonical_tree("{services: {a: {build: ., env_file: e, volumes: ['./d:/d']}}}");
  Problems problems;
  resolve_paths(tree, "/p", "/home/me", problems);
  const std::string once = tree_text(tree);
  resolve_paths(tree, "/other", "/elsewhere", problems);
  CHECK(tree_text(tree) == once);
}

TEST_CASE("normalise: a service without networks joins the default one, which exists only then") {
  const Node tree = project_tree("{services: {a: {image: x}}}");
  CHECK(at(tree, {"services", "a", "networks"}) == "{default: null}");
  CHECK(at(tree, {"networks"}) == "{default: {name: 'p_default'}}");
  CHECK(at(project_tree("{services: {a: {image: x, network_mode: host}}}"), {"networks"}) == "nothing");
  CHECK(at(project_tree("{services: {a: {image: x, networks: [n]}}, networks: {n: }}"), {"networks"}) ==
        "{n: {name: 'p_n'}}");
  CHECK(at(project_tree("{services: {a: {provider: {type: t}}}}"), {"services", "a", "networks"}) == "nothing");
}

TEST_CASE("normalise: names are the project's and the key's, the key's alone when external, and kept when given") {
  const Node tree = project_tree("{volumes: {a: , b: {external: true}, c: {name: mine}}, secrets: {s: {file: /s}}}");
  CHECK(at(tree, {"volumes"}) == "{a: {name: 'p_a'}, b: {external: true, name: 'b'}, c: {name: mine}}");
  CHECK(at(tree, {"secrets", "s", "name"}) == "'p_s'");
}

TEST_CASE("normalise: what refers to a service depends on it, unless that is said already") {
  const Node tree = project_tree(
      "{services: {a: {image: x, links: ['b:bb', c], network_mode: 'service:d', volumes_from: [e, 'container:z'], "
      "depends_on: {c: {condition: service_healthy}}}}}");
  CHECK(at(tree, {"services", "a", "depends_on"}) ==
        "{c: {condition: service_healthy, required: true}, "
        "b: {condition: 'service_started', restart: true, required: true}, "
        "d: {condition: 'service_started', restart: true, required: true}, "
        "e: {condition: 'service_started', required: true}}");
}

TEST_CASE("normalise: names without a value are looked up; arguments without one are dropped") {
  const Node tree =
      project_tree("{services: {a: {environment: [A, B, C=c], build: {args: [A, B]}}}}", {{"A", "1"}, {"C", "no"}});
  CHECK(at(tree, {"services", "a", "environment"}) == "{A: '1', B: null, C: 'c'}");
  CHECK(at(tree, {"services", "a", "build"}) == "{args: {A: '1'}, context: '/p', dockerfile: 'Dockerfile'}");
}

TEST_CASE("normalise: hooks inherit the image, replicas the scale, and old words become new ones") {
  const Node tree = project_tree(
      "{services: {a: {image: i, pre_start: [{command: [x]}], pull_policy: if_not_present, scale: 2, deploy: {mode: "
      "global}}}}");
  CHECK(at(tree, {"services", "a", "pre_start"}) == "[{command: [x], image: i}]");
  CHECK(at(tree, {"services", "a", "pull_policy"}) == "missing");
  CHECK(at(tree, {"services", "a", "deploy"}) == "{mode: global, replicas: 2}");
  CHECK(at(project_tree("{services: {a: {build: {dockerfile_inline: FROM x}}}}"), {"services", "a", "build"})
            .find("dockerfile:") == std::string::npos);
}
