#include <string>

#include <doctest/doctest.h>

#include "phase_tree.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

std::string errors(const std::string& text, Scalars scalars = Scalars::kFinal) {
  Problems problems;
  Node tree = parse_tree(text);
  check_schema(tree, problems, scalars);
  return messages(problems.errors);
}

/// What is wrong with one attribute of service a, without the place.
std::string service(const std::string& attribute) {
  const std::string text = errors("{services: {a: {" + attribute + "}}}");
  const std::size_t message = text.find(": ");
  return message == std::string::npos ? text : text.substr(message + 2);
}

struct Case {
  const char* attribute;
  const char* expected;
};

}  // namespace

TEST_CASE("schema: what is written as the specification says passes") {
  for (const char* text : {"image: x",
                           "x-anything: {a: [1]}",
                           "command: null",
                           "command: [a, b]",
                           "environment: {A: 1, B: true, C: , D: x}",
                           "environment: [A=1, B]",
                           "ports: [80, '80:80', {target: 80, x-p: 1}]",
                           "privileged: 'true'",
                           "cpus: 0.5",
                           "mem_limit: 1e9",
                           "ulimits: {nofile: 1, nproc: {soft: 1, hard: 2}}",
                           "networks: {n: , m: {aliases: [x]}}",
                           "depends_on: {b: {condition: service_started}}",
                           "build: .",
                           "build: {context: ., x-y: 1}",
                           "deploy: null",
                           "gpus: all",
                           "env_file: [a, {path: b}]",
                           "extra_hosts: {h: [1.1.1.1]}",
                           "extends: b",
                           "tmpfs: /t",
                           "provider: {type: t, options: {a: [1, true]}}",
                           "pull_policy: every_12h",
                           "healthcheck: {test: x, retries: 3}",
                           "logging: {driver: x, options: {a: 1}}",
                           "develop: {watch: [{path: a, action: rebuild, ignore: [b]}]}"}) {
    CHECK_MESSAGE(service(text).empty(), text, " gives ", service(text));
  }
}

TEST_CASE("schema: a wrong type names the attribute, what it must be and what it is") {
  const Case cases[] = {
      {"image: [x]", "services.a.image must be a string, but is a list"},
      {"user: 1000", "services.a.user must be a string, but is a whole number; quote it: \"1000\""},
      {"stop_grace_period: 10",
       "services.a.stop_grace_period must be a duration such as 1m30s, but is a whole number; write it with a unit: "
       "10s"},
      {"cap_add: NET_ADMIN", "services.a.cap_add must be a list of strings, but is a string"},
      {"extra_hosts: {h: }", "services.a.extra_hosts.h must be a string or a list, but is null"},
      {"environment: A=1", "services.a.environment must be a mapping or a list of KEY=VALUE, but is a string"},
      {"environment: {A: [1]}",
       "services.a.environment.A must be a string, a number, a boolean or null, but is a list"},
      {"command: [a, 1]", "services.a.command[1] must be a string, but is a whole number; quote it: \"1\""},
      {"volumes: ", "services.a.volumes must be a list of strings or mappings, but is null"},
      {"networks: {n: 1}", "services.a.networks.n must be a mapping or null, but is a whole number"},
      {"deploy: [x]", "services.a.deploy must be a mapping or null, but is a list"},
      {"volumes: [{type: tmpfs, target: /t, tmpfs: {size: {}}}]",
       "services.a.volumes[0].tmpfs.size must be a size such as 67108864 or 64m, but is a mapping"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
  CHECK(errors("{services: {a: }}") == "f:1:13: services.a must be a mapping, but is null");
  CHECK(errors("{networks: {a: bridge}}") == "f:1:16: networks.a must be a mapping or null, but is a string");
  CHECK(errors("[a]") == "f:1:1: top-level object must be a mapping");
}

TEST_CASE("schema: an unknown key comes with the one that was meant, or with all there are") {
  CHECK(errors("services:\n  web:\n    imgae: x\n") ==
        "f:3:5: services.web: additional properties 'imgae' not allowed, did you mean 'image'?");
  CHECK(errors("{netwroks: {}}") == "f:1:2: additional properties 'netwroks' not allowed, did you mean 'networks'?");
  CHECK(service("volumes: [{type: tmpfs, target: /t, zzz: 1}]") ==
        "services.a.volumes[0]: additional properties 'zzz' not allowed (valid: bind, consistency, image, read_only, "
        "source, target, tmpfs, type, volume)");
  CHECK(service("qqqqqqqq: 1") ==
        "services.a: additional properties 'qqqqqqqq' not allowed (valid: annotations, attach, blkio_config, build, "
        "cap_add, cap_drop, cgroup, cgroup_parent, command, configs, container_name, cpu_count and 81 more, see "
        "cmp-compose(5))");
}

TEST_CASE("schema: few mappings take no keys with x-") {
  CHECK(service("extends: {service: b, x-a: 1}") ==
        "services.a.extends: additional properties 'x-a' not allowed (valid: file, service)");
  CHECK(service("env_file: [{path: e, x-a: 1}]") ==
        "services.a.env_file[0]: additional properties 'x-a' not allowed (valid: format, path, required)");
  CHECK(errors("{include: [{path: e, x-a: 1}]}") ==
        "f:1:22: include[0]: additional properties 'x-a' not allowed (valid: env_file, path, project_directory)");
}

TEST_CASE("schema: lists whose elements differ") {
  for (const char* list : {"group_add: [g, g]", "group_add: [1, 1]", "build: {no_cache_filter: [g, g]}",
                           "develop: {watch: [{path: p, action: rebuild, ignore: [g, g]}]}",
                           "develop: {watch: [{path: p, action: rebuild, include: [g, g]}]}"}) {
    CAPTURE(list);
    CHECK(service(list).ends_with("is given twice"));
  }
  CHECK(service("group_add: [1, '1']").empty());
  CHECK(service("label_file: [l, l]").empty());
}

TEST_CASE("schema: an unknown key of an open mapping is a warning") {
  Problems problems;
  Node tree = parse_tree("{services: {a: {logging: {drivr: x}}}}");
  check_schema(tree, problems);
  CHECK(problems.ok());
  CHECK(messages(problems.warnings) ==
        "f:1:27: services.a.logging: additional properties 'drivr' not allowed, did you mean 'driver'?");
}

TEST_CASE("schema: missing keys, choices, bounds, patterns and names are checked") {
  const Case cases[] = {
      {"volumes: [{type: bind}]", "services.a.volumes[0]: missing property 'target'"},
      {"ports: [{published: 80}]", "services.a.ports[0]: missing property 'target'"},
      {"ulimits: {nofile: {soft: 1}}", "services.a.ulimits.nofile: missing property 'hard'"},
      {"post_start: [{user: x}]", "services.a.post_start[0]: missing property 'command'"},
      {"depends_on: {b: {condition: service_helthy}}",
       "services.a.depends_on.b.condition must be one of service_started, service_healthy, "
       "service_completed_successfully, but is 'service_helthy', did you mean 'service_healthy'?"},
      {"deploy: {replicas: -1}", "services.a.deploy.replicas must be greater than or equal to 0, but is -1"},
      {"oom_score_adj: 2000", "services.a.oom_score_adj must be less than or equal to 1000, but is 2000"},
      {"container_name: ''", "services.a.container_name '' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'"},
      {"pull_policy: sometimes",
       "services.a.pull_policy must be one of always, never, missing, build, daily, weekly, every_DURATION, but is "
       "'sometimes'"},
      {"depends_on: {'b c': {condition: service_started}}",
       "services.a.depends_on: 'b c' is no valid name: use letters, digits, '.', '_' and '-'"},
      {"security_opt: [a, b, a]", "services.a.security_opt[2]: 'a' is given twice"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
}

TEST_CASE("schema: all independent errors are found in one pass") {
  CHECK(errors("services:\n  a: {imge: x, user: 1}\n  b: {ports: 80}\n  'c d': {}\n") ==
        "f:2:7: services.a: additional properties 'imge' not allowed, did you mean 'image'?\n"
        "f:2:22: services.a.user must be a string, but is a whole number; quote it: \"1\"\n"
        "f:3:14: services.b.ports must be a list of whole numbers, strings or mappings, but is a whole number\n"
        "f:4:3: services: 'c d' is no valid name: use letters, digits, '.', '_' and '-'");
}

TEST_CASE("schema: what a reference will replace is not judged") {
  CHECK(
      errors("{services: {a: {ports: '${P}', restart: $R, deploy: {replicas: '${N}'}}}}", Scalars::kTemplates).empty());
  CHECK_FALSE(errors("{services: {a: {ports: '${P}'}}}").empty());
}
