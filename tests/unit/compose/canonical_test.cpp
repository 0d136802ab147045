#include <string>

#include <doctest/doctest.h>

#include "phase_tree.hpp"
#include "tree_text.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

std::string canonical(const std::string& text, Scalars scalars = Scalars::kFinal) {
  Node tree = parse_tree(text);
  Problems problems;
  canonicalise(tree, problems, scalars);
  const std::string once = tree_text(tree);
  if (!problems.ok()) {
    return messages(problems.errors);
  }
  canonicalise(tree, problems, scalars);
  CHECK_MESSAGE(tree_text(tree) == once, "repeating changes ", text);
  return once;
}

/// One attribute of service a, without what is around it.
std::string service(const std::string& attribute) {
  const std::string head = "{services: {a: {", text = canonical(head + attribute + "}}}");
  if (text.starts_with(head)) {
    return text.substr(head.size(), text.size() - head.size() - 3);
  }
  return text.substr(text.find(": ") + 2);
}

struct Case {
  const char* attribute;
  const char* expected;
};

}  // namespace

TEST_CASE("canonical: short forms become long ones") {
  const Case cases[] = {
      {"build: ./x", "build: {context: ./x}"},
      {"command: echo 'a b'", "command: ['echo', 'a b']"},
      {"command: ''", "command: []"},
      {"command: null", "command: null"},
      {"entrypoint: [x, y]", "entrypoint: [x, y]"},
      {"depends_on: [b, c]",
       "depends_on: {b: {condition: 'service_started', required: true}, "
       "c: {condition: 'service_started', required: true}}"},
      {"env_file: .env", "env_file: [{path: .env}]"},
      {"env_file: [a, {path: b, required: 'no'}]", "env_file: [{path: a}, {path: b, required: false}]"},
      {"label_file: l", "label_file: [l]"},
      {"extends: b", "extends: {service: b}"},
      {"networks: [n, m]", "networks: {n: null, m: null}"},
      {"models: [m]", "models: {m: null}"},
      {"secrets: [s, {source: t}]", "secrets: [{source: s}, {source: t}]"},
      {"dns: 8.8.8.8", "dns: [8.8.8.8]"},
      {"dns: ''", "dns: []"},
      {"healthcheck: {test: curl x}", "healthcheck: {test: ['CMD-SHELL', curl x]}"},
      {"healthcheck: {test: [CMD, x]}", "healthcheck: {test: [CMD, x]}"},
      {"gpus: all", "gpus: [{count: -1}]"},
      {"devices: ['/dev/a:/dev/b:r', /dev/c]",
       "devices: [{source: '/dev/a', target: '/dev/b', permissions: 'r'}, {source: '/dev/c', target: '/dev/c', "
       "permissions: 'rwm'}]"},
      {"extra_hosts: ['b:1.1.1.1', 'a=::1', 'c:[::2]', 'b=2.2.2.2,3.3.3.3']",
       "extra_hosts: ['a=::1', 'b=1.1.1.1', 'b=2.2.2.2', 'b=3.3.3.3', 'c=::2']"},
      {"extra_hosts: {b: 1.1.1.1, a: [2.2.2.2, '::1']}", "extra_hosts: ['a=2.2.2.2', 'a=::1', 'b=1.1.1.1']"},
      {"build: {ssh: [default, k=/x]}", "build: {ssh: {default: null, k: '/x'}}"},
      {"build: {additional_contexts: [a=b]}", "build: {additional_contexts: {a: 'b'}}"},
      {"provider: {type: t, options: {a: x, b: [1, true]}}",
       "provider: {type: t, options: {a: ['x'], b: ['1', 'true']}}"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
  CHECK(canonical("{include: [a, {path: [b, c]}]}") == "{include: [{path: [a]}, {path: [b, c]}]}");
}

TEST_CASE("canonical: ports are one entry each, volumes have a type") {
  const Case cases[] = {
      {"ports: [80]", "ports: [{mode: 'ingress', target: 80, protocol: 'tcp'}]"},
      {"ports: ['127.0.0.1:81:80/udp']",
       "ports: [{mode: 'ingress', host_ip: '127.0.0.1', target: 80, published: '81', protocol: 'udp'}]"},
      {"ports: ['8-9:8-9']",
       "ports: [{mode: 'ingress', target: 8, published: '8', protocol: 'tcp'}, "
       "{mode: 'ingress', target: 9, published: '9', protocol: 'tcp'}]"},
      {"ports: [{target: '80', published: 8080}]", "ports: [{target: 80, published: '8080'}]"},
      {"volumes: [/d]", "volumes: [{type: 'volume', target: '/d'}]"},
      {"volumes: [/data]", "volumes: [{type: 'volume', target: '/data', volume: {}}]"},
      {"volumes: ['./s:/t/:ro,z']",
       "volumes: [{type: 'bind', source: './s', target: '/t', read_only: true, "
       "bind: {selinux: 'z', create_host_path: true}}]"},
      {"volumes: ['vol:/t:nocopy']",
       "volumes: [{type: 'volume', source: 'vol', target: '/t', volume: {nocopy: true}}]"},
      {"volumes: [{type: tmpfs, target: /t//x/, tmpfs: {size: 64m, mode: '1777'}}]",
       "volumes: [{type: tmpfs, target: /t/x, tmpfs: {size: '67108864', mode: 1023}}]"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
}

TEST_CASE("canonical: values of variables and labels are strings; only variables may have none") {
  CHECK(service("environment: {A: 1.50, B: 0777, C: true, D: , E: x, F: 1e3}") ==
        "environment: {A: '1.5', B: '511', C: 'true', D: null, E: 'x', F: '1000'}");
  CHECK(service("environment: [A=1, B, A=2=3, C=]") == "environment: {A: '2=3', B: null, C: ''}");
  CHECK(service("labels: [a, b=c]") == "labels: {a: '', b: 'c'}");
  CHECK(service("labels: {a: , b: 1}") == "labels: {a: '', b: '1'}");
  CHECK(service("sysctls: {net.core.somaxconn: 1024}") == "sysctls: {net.core.somaxconn: '1024'}");
  CHECK(service("logging: {options: {max-file: 3}}") == "logging: {options: {max-file: '3'}}");
  CHECK(service("expose: ['3000', 8000]") == "expose: ['3000', '8000']");
}

TEST_CASE("canonical: amounts have one spelling, and the type of their attribute") {
  const Case cases[] = {
      {"mem_limit: 512m", "mem_limit: '536870912'"},
      {"mem_limit: 1e9", "mem_limit: '1000000000'"},
      {"memswap_limit: -1", "memswap_limit: '-1'"},
      {"mem_swappiness: 60", "mem_swappiness: '60'"},
      {"cpus: '0.50'", "cpus: 0.5"},
      {"cpu_period: 100ms", "cpu_period: 100000"},
      {"cpu_shares: '512'", "cpu_shares: 512"},
      {"privileged: 'on'", "privileged: true"},
      {"scale: '2'", "scale: 2"},
      {"stop_grace_period: 90s", "stop_grace_period: '1m30s'"},
      {"ulimits: {nofile: '1024', core: {soft: '0', hard: -1}}", "ulimits: {nofile: 1024, core: {soft: 0, hard: -1}}"},
      {"secrets: [{source: s, mode: 0440}, {source: t, mode: '0400'}]",
       "secrets: [{source: s, mode: '0440'}, {source: t, mode: '0400'}]"},
      {"build: {context: ., sbom: true}", "build: {context: ., sbom: 'true'}"},
      {"gpus: [{count: all}, {count: '2'}]", "gpus: [{count: -1}, {count: 2}]"},
      {"deploy: {resources: {limits: {memory: 50M, pids: '10'}}}",
       "deploy: {resources: {limits: {memory: '52428800', pids: 10}}}"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
}

TEST_CASE("canonical: a value that can't be read is named with its place in the file") {
  const Case cases[] = {
      {"privileged: maybe", "services.a.privileged must be true or false, but is 'maybe'"},
      {"mem_limit: 12q", "services.a.mem_limit must be a size such as 67108864 or 64m, but is '12q'"},
      {"cpus: many", "services.a.cpus must be a number, but is 'many'"},
      {"scale: '1.5'", "services.a.scale must be a whole number, but is '1.5'"},
      {"stop_grace_period: soon", "services.a.stop_grace_period must be a duration such as 1m30s, but is 'soon'"},
      {"ports: ['80/xyz']", "services.a.ports[0]: invalid proto: xyz (one of tcp, udp, sctp)"},
      {"volumes: ['/a::ro']",
       "services.a.volumes[0]: invalid spec: /a::ro: empty section between colons (write "
       "[SOURCE:]TARGET[:OPTIONS])"},
      {"command: 'a \"b'",
       "services.a.command: invalid command line string: a quote or bracket in 'a \"b' has no match"},
      {"environment: ['A = b']", "services.a.environment: environment variable 'A ' is declared with a trailing space"},
      {"extra_hosts: [nohost]",
       "services.a.extra_hosts[0]: invalid additional host, missing IP: nohost (write HOST=IP)"},
      {"devices: ['a:b:c:d']", "services.a.devices[0]: confusing device mapping, please use long syntax: a:b:c:d"},
  };
  for (const Case& one : cases) {
    CHECK(service(one.attribute) == one.expected);
  }
  CHECK(canonical("services:\n  a:\n    tty: maybe\n") ==
        "f:3:10: services.a.tty must be true or false, but is 'maybe'");
}

TEST_CASE("canonical: the deprecated name below external moves up, with a warning") {
  Node tree = parse_tree("{volumes: {v: {external: {name: old}}}}");
  Problems problems;
  canonicalise(tree, problems);
  CHECK(tree_text(tree) == "{volumes: {v: {external: true, name: old}}}");
  CHECK(messages(problems.warnings) ==
        "f:1:33: volumes.v: external.name is deprecated, set name and 'external: true' instead");
  CHECK(canonical("{secrets: {s: {name: a, external: {name: b}}}}") ==
        "f:1:42: secrets.s: name and external.name conflict; only use name");
}

TEST_CASE("canonical: templates stay as they are, no value is converted") {
  CHECK(canonical("{services: {a: {ports: ['${P}:80', '81'], cpus: '$C', mem_limit: 1k, command: 'a ${X:-b c}'}}}",
                  Scalars::kTemplates) ==
        "{services: {a: {ports: ['${P}:80', {mode: 'ingress', target: 81, protocol: 'tcp'}], cpus: '$C', "
        "mem_limit: 1k, command: 'a ${X:-b c}'}}}");
}

TEST_CASE("canonical: places survive, also those of entries that a range was unrolled into") {
  const Node tree = canonical_tree("services:\n  a:\n    image: x\n    ports:\n      - 80-81:80-81\n");
  const Node* ports = tree.find("services")->find("a")->find("ports");
  REQUIRE(ports->items.size() == 2);
  CHECK(ports->items[1].origin.pos().str() == "f:5:9");
  CHECK(ports->items[1].find("target")->origin.pos().str() == "f:5:9");
}
