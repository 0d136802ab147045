#include <string>

#include <doctest/doctest.h>

#include "phase_tree.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

std::string errors(const std::string& text) {
  Problems problems;
  const Node tree = project_tree(text);
  check_values(tree, problems);
  check_consistency(tree, problems);
  return messages(problems.errors);
}

/// What is wrong with service a, which has an image, without the place.
std::string service(const std::string& attributes) {
  const std::string text = errors("{services: {a: {image: x, " + attributes + "}}}");
  const std::size_t message = text.find(": ");
  return message == std::string::npos ? text : text.substr(message + 2);
}

struct Case {
  const char* attributes;
  const char* expected;
};

}  // namespace

TEST_CASE("consistency: a project that fits together passes") {
  CHECK(
      errors(
          "{services: {a: {image: x, depends_on: [b], networks: [n], volumes: ['vol:/v', /w, './d:/d'], secrets: [s], "
          "configs: [c], models: [m]}, b: {build: .}, c: {provider: {type: t}}, d: {x-rootfs: host}}, networks: {n: }, "
          "volumes: {vol: }, secrets: {s: {file: f}}, configs: {c: {content: x}}, models: {m: {model: y}}}") == "");
}

TEST_CASE("consistency: what is named must be there, and a near name is proposed") {
  CHECK(service("depends_on: [bb]") == "service \"a\" depends on undefined service \"bb\" (defined: a)");
  CHECK(service("networks: [nope]") == "service \"a\" refers to undefined network nope");
  CHECK(service("volumes: ['data:/d']") == "service \"a\" refers to undefined volume data");
  CHECK(service("secrets: [s]") == "service \"a\" refers to undefined secret s");
  CHECK(service("configs: [{source: c}]") == "service \"a\" refers to undefined config c");
  CHECK(service("models: [m]") == "service \"a\" refers to undefined model m");
  CHECK(service("build: {secrets: [s]}") == "service \"a\" refers to undefined build secret s");
  CHECK(service("build: {additional_contexts: [x=service:y]}") ==
        "service \"a\" declares unknown service \"y\" as additional context x (defined: a)");
  CHECK(errors("{services: {a: {build: {additional_contexts: {x: 'service:b'}}}, b: {build: .}}}").empty());
  CHECK(errors("{services: {a: {build: {additional_contexts: {x: 'service:b'}}}, b: {image: i}}}") ==
        "f:1:50: service \"a\" declares non-buildable service \"b\" as additional context x: it has no build");
  CHECK(service("network_mode: 'service:zz'") == "service \"a\" depends on undefined service \"zz\" (defined: a)");
  CHECK(errors("services:\n  web: {image: x, networks: [fornt]}\nnetworks: {front: }\n") ==
        "f:2:30: service \"web\" refers to undefined network fornt, did you mean 'front'?");
}

TEST_CASE("consistency: a cycle is printed as the way around it, at the place that closes it") {
  CHECK(errors("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n") ==
        "f:3:30: dependency cycle detected: a -> b -> a");
  CHECK(errors("services:\n  a: {image: x, depends_on: [a]}\n") == "f:2:30: dependency cycle detected: a -> a");
  CHECK(errors("services:\n  top: {image: x, depends_on: [x]}\n  x: {image: x, links: [y]}\n"
               "  y: {image: x, volumes_from: [z]}\n  z: {image: x, depends_on: [x]}\n") ==
        "f:5:30: dependency cycle detected: x -> y -> z -> x");
  CHECK(
      errors("{services: {a: {image: x, depends_on: [b, c]}, b: {image: x, depends_on: [d]}, c: {image: x, depends_on: "
             "[d]}, d: {image: x}}}") == "");
}

TEST_CASE("consistency: a chain of ten thousand services is no problem") {
  std::string text = "services:\n";
  for (int i = 0; i < 10'000; ++i) {
    text += "  s" + std::to_string(i) + ": {image: x, depends_on: [s" + std::to_string((i + 1) % 10'000) + "]}\n";
  }
  CHECK(errors(text).find("dependency cycle detected: s0 -> s1 -> s2") != std::string::npos);
}

TEST_CASE("consistency: a service must not contradict itself") {
  const Case cases[] = {
      {"network_mode: host, networks: [default]",
       "service a declares mutually exclusive `network_mode` and `networks`"},
      {"build: {dockerfile: x, dockerfile_inline: y}",
       "service a declares mutually exclusive `dockerfile` and `dockerfile_inline`"},
      {"scale: 2, deploy: {replicas: 3}", "services.a: can't set distinct values on 'scale' and 'deploy.replicas'"},
      {"container_name: nn, scale: 2",
       "services.a: can't set container_name and scale above 1, as container names are unique"},
      {"cpus: 1, deploy: {resources: {limits: {cpus: '2'}}}",
       "services.a: can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus'"},
      {"mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}",
       "services.a: can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory'"},
      {"pids_limit: 1, deploy: {resources: {limits: {cpus: 1}}}",
       "services.a: can't set distinct values on 'pids_limit' and 'deploy.resources.limits.pids'"},
      {"mem_limit: 1g, deploy: {resources: {limits: {memory: 1024m}}}", ""},
      {"healthcheck: {test: [curl, x]}",
       "services.a: healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\", but starts with 'curl'"},
      {"tmpfs: /t, volumes: ['./x:/t']", "services.a.volumes[0]: target /t already mounted as services.a.tmpfs[0]"},
      {"ports: [{target: 80, host_ip: '1.2'}]", "services.a.ports[0]: invalid ip address: 1.2"},
      {"ports: [{target: 80, published: x}]",
       "services.a.ports[0]: invalid published port 'x': write a port or a range such as 8000-8010"},
      {"gpus: [{count: 1, device_ids: [x]}]",
       "services.a.gpus[0]: \"count\" and \"device_ids\" attributes are exclusive"},
      {"develop: {watch: [{path: x, action: sync}]}",
       "services.a.develop.watch[0]: target is required for non-rebuild actions"},
      {"platform: linux/arm64, build: {platforms: [linux/amd64]}",
       "services.a: build.platforms must include the service's platform \"linux/arm64\""},
      {"restart: sometimes",
       "services.a.restart must be one of no, always, on-failure[:max-attempts], unless-stopped, but "
       "is 'sometimes'"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attributes) == one.expected);
  }
  CHECK(errors("{services: {a: {command: x}}}") ==
        "f:1:16: service \"a\" has neither an image nor a build context specified");
}

TEST_CASE("consistency: name servers are addresses") {
  CHECK(service("dns: [1.1.1.1, '2001:db8::1']").empty());
  CHECK(service("dns: [1.1.1.1, one.one]") == "services.a.dns[1]: 'one.one' is no IP address");
}

TEST_CASE("consistency: labels that are Compose's own are warned of") {
  Problems problems;
  check_consistency(project_tree("{services: {a: {image: x, labels: {com.docker.compose.project: p, mine: x}}}}"),
                    problems);
  CHECK(problems.ok());
  CHECK(
      messages(problems.warnings) ==
      "f:1:36: services.a.labels: 'com.docker.compose.project' is reserved, labels with 'com.docker.compose.' are not "
      "for files");
}

TEST_CASE("consistency: two services can't have one container name") {
  CHECK(errors("services:\n  a: {image: x, container_name: nn}\n  b: {image: x, container_name: nn}\n") ==
        "f:3:33: services.b: container name \"nn\" is already in use by service a");
}

TEST_CASE("consistency: configs and secrets have one source, external volumes only a name") {
  CHECK(errors("{secrets: {s: {}}}") == "f:1:12: secrets.s: one of file|environment must be set");
  CHECK(errors("{configs: {c: {file: x, content: y}}}") ==
        "f:1:12: configs.c: file|environment|content attributes are mutually exclusive");
  CHECK(errors("{secrets: {s: {external: true}}}") == "");
  CHECK(errors("{volumes: {v: {external: true, driver: x}}}") ==
        "f:1:32: volumes.v: conflicting parameters \"external\" and \"driver\" specified");
}

TEST_CASE("consistency: an x-rootfs that is no directory is refused") {
  CHECK(errors("{services: {a: {x-rootfs: [x]}}}") == "f:1:27: services.a.x-rootfs must be 'host' or a directory");
}

TEST_CASE("consistency: options of another kind of mount are a warning") {
  Problems problems;
  check_consistency(project_tree("{services: {a: {image: x, volumes: ['vol:/v:z']}}, volumes: {vol: }}"), problems);
  CHECK(problems.ok());
  CHECK(messages(problems.warnings) == "f:1:37: services.a: mount of type 'volume' should not define 'bind' option");
}

TEST_CASE("problems: they are put in the order of the file, the first with the others inside") {
  Problems problems;
  const auto file = std::make_shared<const Source>(Source{"f", {}});
  problems.error({file, 3, 1}, "c");
  problems.error({file, 1, 5}, "b");
  problems.error({file, 1, 2}, "a");
  const cmp::Error error = std::move(problems).combined();
  CHECK(error.message == "a");
  REQUIRE(error.others.size() == 2);
  CHECK(error.others[0].message == "b");
  CHECK(error.others[1].message == "c");
}
