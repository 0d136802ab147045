#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "phase_tree.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace
using namespace std::chrono_literals;
namespace model = cmp::model;
using cmp::Bytes;

model::Service service(const std::string& attributes) {
  return bound_project("{services: {a: {" + attributes + "}}}").services.at("a");
}

std::string hash(const std::string& attributes) {
  return service(attributes).config_hash;
}

}  // namespace

TEST_CASE("bind: devices, their rules, and what a driver is to choose") {
  const model::Service a = service(
      "image: i, devices: [/dev/a, '/dev/b:/dev/c:r'], device_cgroup_rules: ['c 1:3 r'], gpus: all, "
      "deploy: {resources: {reservations: {devices: [{driver: d, capabilities: [tpu]}]}}}");
  REQUIRE(a.devices.size() == 2);
  CHECK(a.devices[0].target == "/dev/a");
  CHECK(a.devices[0].permissions == "rwm");
  CHECK(a.devices[1].source == "/dev/b");
  CHECK(a.devices[1].target == "/dev/c");
  CHECK(a.devices[1].permissions == "r");
  CHECK(a.devices[0].where.known());
  CHECK(a.device_cgroup_rules == std::vector<std::string>{"c 1:3 r"});
  REQUIRE(a.device_requests.size() == 2);
  CHECK(a.device_requests[0].capabilities == std::vector<std::string>{"gpu"});
  CHECK(a.device_requests[1].driver == "d");
}

TEST_CASE("bind: what a service says is in its fields") {
  const model::Service a = service(
      "image: i, x-rootfs: ./r, command: [x, y], entrypoint: '', user: u, working_dir: /w, hostname: h, domainname: d, "
      "labels: {l: 1}, container_name: nn, stop_signal: SIGINT, stop_grace_period: 90s, attach: false, init: true, "
      "tty: "
      "true, stdin_open: true, read_only: true, privileged: true, cap_add: [A], cap_drop: [B], security_opt: [o], "
      "sysctls: {k: 1}, shm_size: 1m, oom_score_adj: -5, cgroup_parent: g, group_add: [1, g], expose: [80], dns: d1, "
      "dns_search: [d2], dns_opt: [d3], extra_hosts: {h: 1.1.1.1}, ulimits: {core: 0, nofile: {soft: 1, hard: -1}}");
  CHECK(a.name == "a");
  CHECK(a.image == "i");
  CHECK(a.rootfs == "/p/r");
  CHECK(a.command == std::vector<std::string>{"x", "y"});
  CHECK(a.entrypoint == std::vector<std::string>{});
  CHECK(a.user == "u");
  CHECK(a.working_dir == "/w");
  CHECK(a.hostname == "h");
  CHECK(a.domainname == "d");
  CHECK(a.labels == std::map<std::string, std::string>{{"l", "1"}});
  CHECK(a.container_name == "nn");
  CHECK(a.stop_signal == "SIGINT");
  CHECK(a.stop_grace_period == 90s);
  CHECK_FALSE(a.attach);
  CHECK((a.init && a.tty && a.stdin_open && a.read_only && a.privileged));
  CHECK(a.cap_add == std::vector<std::string>{"A"});
  CHECK(a.cap_drop == std::vector<std::string>{"B"});
  CHECK(a.security_opt == std::vector<std::string>{"o"});
  CHECK(a.sysctls.at("k") == "1");
  CHECK(a.shm_size == Bytes{1 << 20});
  CHECK(a.oom_score_adj == -5);
  CHECK(a.cgroup_parent == "g");
  CHECK(a.group_add == std::vector<std::string>{"1", "g"});
  CHECK(a.expose == std::vector<std::string>{"80"});
  CHECK(a.dns == std::vector<std::string>{"d1"});
  CHECK(a.dns_search == std::vector<std::string>{"d2"});
  CHECK(a.dns_opt == std::vector<std::string>{"d3"});
  CHECK(a.extra_hosts == std::vector<std::string>{"h=1.1.1.1"});
  CHECK(a.ulimits.at("core") == model::Ulimit{0, 0});
  CHECK(a.ulimits.at("nofile") == model::Ulimit{1, -1});
}

TEST_CASE("bind: what a service leaves out has the specification's default") {
  const model::Service a = service("image: i");
  CHECK(a.command == std::nullopt);
  CHECK(a.entrypoint == std::nullopt);
  CHECK(a.stop_grace_period == 10s);
  CHECK(a.restart == model::RestartPolicy{});
  CHECK(a.healthcheck == model::HealthCheck{});
  CHECK(a.limits == model::Limits{});
  CHECK(a.scale == 1);
  CHECK(a.attach);
  CHECK(a.networks.contains("default"));
}

TEST_CASE("bind: variables keep apart no value and an empty one") {
  const auto variables = service("image: i, environment: {A: x, B: '', C: }").environment;
  CHECK(variables.at("A") == "x");
  CHECK(variables.at("B") == "");
  CHECK(variables.at("C") == std::nullopt);
}

TEST_CASE("bind: restart is taken from deploy where the service says nothing") {
  const auto restart = [](const char* text) { return service(std::string("image: i, ") + text).restart; };
  using Mode = model::RestartMode;
  CHECK(restart("restart: always") == model::RestartPolicy{Mode::kAlways, 0});
  CHECK(restart("restart: 'no'") == model::RestartPolicy{Mode::kNo, 0});
  CHECK(restart("restart: on-failure:3") == model::RestartPolicy{Mode::kOnFailure, 3});
  CHECK(restart("restart: on-failure:x") == model::RestartPolicy{Mode::kOnFailure, 0});
  CHECK(restart("restart: unless-stopped") == model::RestartPolicy{Mode::kUnlessStopped, 0});
  const auto deployed = [](Mode mode, int attempts) {
    model::RestartPolicy policy{mode, attempts};
    policy.unhealthy = true;  // as Swarm takes a failing health check for a failure
    return policy;
  };
  CHECK(restart("deploy: {restart_policy: {}}") == deployed(Mode::kAlways, 0));
  CHECK(restart("deploy: {restart_policy: {condition: none}}") == model::RestartPolicy{Mode::kNo, 0});
  CHECK(restart("deploy: {restart_policy: {condition: on-failure, max_attempts: 4}}") ==
        deployed(Mode::kOnFailure, 4));
  CHECK(restart("restart: always, deploy: {restart_policy: {condition: none}}") ==
        model::RestartPolicy{Mode::kAlways, 0});
}

TEST_CASE("bind: limits come from the service's own keys, else from deploy") {
  const model::Limits own =
      service(
          "image: i, cpus: 0.5, cpu_shares: 512, cpu_quota: 1000, cpu_period: 2000, cpuset: 0-1, mem_limit: 64m, "
          "mem_reservation: 32m, memswap_limit: -1, mem_swappiness: 10, pids_limit: 7, oom_kill_disable: true")
          .limits;
  CHECK(own.cpus == doctest::Approx(0.5));
  CHECK(own.cpu_shares == 512);
  CHECK(own.cpu_quota_us == 1000);
  CHECK(own.cpu_period_us == 2000);
  CHECK(own.cpuset == "0-1");
  CHECK(own.memory == Bytes{64 << 20});
  CHECK(own.memory_reservation == Bytes{32 << 20});
  CHECK(own.memswap == Bytes{-1});
  CHECK(own.mem_swappiness == 10);
  CHECK(own.pids == 7);
  CHECK(own.oom_kill_disable == true);
  const model::Limits deployed = service(
                                     "image: i, deploy: {replicas: 3, resources: {limits: {cpus: '2', memory: 1g, "
                                     "pids: 9}, reservations: {memory: "
                                     "1m}}}")
                                     .limits;
  CHECK(deployed.cpus == doctest::Approx(2));
  CHECK(deployed.memory == Bytes{1 << 30});
  CHECK(deployed.pids == 9);
  CHECK(deployed.memory_reservation == Bytes{1 << 20});
  CHECK(service("image: i, deploy: {replicas: 3}").scale == 3);
  CHECK(service("image: i, mem_limit: 0, cpus: 0").limits == model::Limits{});
}

TEST_CASE("bind: probes") {
  const model::HealthCheck check =
      service(
          "image: i, healthcheck: {test: x, interval: 1s, timeout: 2s, start_period: 3s, start_interval: 4s, "
          "retries: 5}")
          .healthcheck;
  CHECK(check.test == std::vector<std::string>{"CMD-SHELL", "x"});
  CHECK(check.interval == 1s);
  CHECK(check.timeout == 2s);
  CHECK(check.start_period == 3s);
  CHECK(check.start_interval == 4s);
  CHECK(check.retries == 5);
  CHECK_FALSE(service("image: i, healthcheck: {disable: true}").healthcheck.enabled());
  CHECK_FALSE(service("image: i, healthcheck: {test: [NONE]}").healthcheck.enabled());
}

TEST_CASE("bind: mounts of each kind, tmpfs among them") {
  const auto mounts =
      service(
          "image: i, tmpfs: ['/run:size=1m,mode=700,ro', /tmp], volumes: ['./d:/d:ro,rslave', 'vol:/v:nocopy', /anon, "
          "{type: bind, source: /s, target: /t, bind: {create_host_path: false}}, {type: volume, source: vol, target: "
          "/w, "
          "volume: {subpath: x}}, {type: tmpfs, target: /m, tmpfs: {size: 2m}}]")
          .volumes;
  REQUIRE(mounts.size() == 8);
  CHECK(mounts[0].type == model::MountType::kBind);
  CHECK(mounts[0].source == "/p/d");
  CHECK((mounts[0].read_only && mounts[0].create_host_path));
  CHECK(mounts[0].propagation == "rslave");
  CHECK(mounts[1].type == model::MountType::kVolume);
  CHECK((mounts[1].source == "vol" && mounts[1].nocopy && !mounts[1].create_host_path));
  CHECK((mounts[2].source.empty() && mounts[2].target == "/anon"));
  CHECK_FALSE(mounts[3].create_host_path);
  CHECK(mounts[4].subpath == "x");
  CHECK(mounts[5].tmpfs_size == Bytes{2 << 20});
  CHECK(mounts[6].type == model::MountType::kTmpfs);
  CHECK((mounts[6].target == "/run" && mounts[6].read_only && mounts[6].tmpfs_mode == 0700U));
  CHECK(mounts[6].tmpfs_size == Bytes{1 << 20});
  CHECK(mounts[7].target == "/tmp");
}

TEST_CASE("bind: options of tmpfs that mount(8) has are passed on, others are errors with their place") {
  CHECK(service("image: i, tmpfs: '/t:uid=1,exec,size=10%'").volumes.at(0).tmpfs_options ==
        std::vector<std::string>{"uid=1", "exec", "size=10%"});
  Problems problems;
  const Node tree = project_tree("{services: {a: {image: i, tmpfs: '/t:colour=1'}}}");
  CHECK_FALSE(cmp::compose::bind(tree, "p", problems).has_value());
}

TEST_CASE("bind: volumes_from takes the mounts of other services, its own first, and leaves tmpfs out") {
  const model::Service a = service(
      "image: i, volumes_from: ['b:ro', 'container:other'], volumes: ['/own:/x']}, b: {image: i, tmpfs: /tmp, "
      "volumes: ['/theirs:/x', '/d:/d', /anon]");
  REQUIRE(a.volumes.size() == 3);
  CHECK(a.volumes[0].source == "/own");
  CHECK((a.volumes[1].source == "/d" && a.volumes[1].read_only && a.volumes[1].nocopy));
  CHECK((a.volumes[2].target == "/anon" && a.volumes[2].inherited_from == "p-b-1"));
  REQUIRE(a.volumes_from.size() == 2);
  CHECK((a.volumes_from[0].service == "b" && a.volumes_from[0].read_only));
  CHECK(a.volumes_from[1].container == "other");
}

TEST_CASE("bind: ports, memberships, dependencies and grants") {
  const model::Service a = service(
      "image: i, ports: ['127.0.0.1:80:81/udp', '8000-8002:90'], depends_on: {b: {condition: service_healthy, "
      "required: "
      "false}}, networks: {n: {aliases: [x], ipv4_address: 10.0.0.2, priority: 5}}, secrets: [s, {source: t, target: "
      "u, "
      "mode: 0400, uid: '5'}], configs: [c, {source: d, target: /e}]");
  REQUIRE(a.ports.size() == 2);
  CHECK(a.ports[0].host_ip == "127.0.0.1");
  CHECK(a.ports[0].target == 81);
  CHECK(a.ports[0].published == "80");
  CHECK(a.ports[0].protocol == "udp");
  CHECK(a.ports[1].published == "8000-8002");
  CHECK(a.depends_on.at("b").condition == model::Condition::kHealthy);
  CHECK_FALSE(a.depends_on.at("b").required);
  CHECK(a.networks.at("n").aliases == std::vector<std::string>{"x"});
  CHECK(a.networks.at("n").ipv4_address == "10.0.0.2");
  CHECK(a.networks.at("n").priority == 5);
  CHECK(a.secrets[0].target == "/run/secrets/s");
  CHECK(a.secrets[1].target == "/run/secrets/u");
  CHECK(a.secrets[1].mode == 0400U);
  CHECK(a.configs[0].target == "/c");
  CHECK(a.configs[1].target == "/e");
}

TEST_CASE("bind: networks, volumes, secrets and configs") {
  const model::Project project = bound_project(
      "{networks: {n: {driver: bridge, internal: true, enable_ipv6: true, labels: [a=b], ipam: {config: [{subnet: "
      "10.0.0.0/24, gateway: 10.0.0.1, aux_addresses: {h: 10.0.0.5}}]}}}, volumes: {v: {external: true, name: x}}, "
      "secrets: {s: {environment: TOKEN}}, configs: {c: {content: hello}}}");
  const model::Network& n = project.networks.at("n");
  CHECK(n.name == "p_n");
  CHECK((n.internal && n.enable_ipv6 && n.enable_ipv4 && !n.external));
  REQUIRE(n.ipam.size() == 1);
  CHECK(n.ipam[0].gateway == "10.0.0.1");
  CHECK(n.ipam[0].aux_addresses.at("h") == "10.0.0.5");
  CHECK(project.volumes.at("v").external);
  CHECK(project.volumes.at("v").name == "x");
  CHECK(project.secrets.at("s").environment == "TOKEN");
  CHECK(project.configs.at("c").content == "hello");
}

TEST_CASE("bind: places say where each thing was written") {
  const model::Service a =
      bound_project(
          "services:\n  a:\n    image: x\n    command: [y]\n    ports:\n      - 80:80\n    volumes:\n      - ./d:/d\n")
          .services.at("a");
  CHECK(a.where.str() == "f:2:3");
  CHECK(a.positions.at("command").str() == "f:4:5");
  CHECK(a.ports[0].where.str() == "f:6:9");
  CHECK(a.volumes[0].where.str() == "f:8:9");
}

TEST_CASE("bind: the hash of a service changes with what makes a container differ, and with nothing else") {
  const std::string plain = hash("image: i, command: [x]");
  CHECK(plain.size() == 64);
  CHECK(plain == hash("command: x, image: i"));
  CHECK(plain == hash("image: i, command: [x], build: ., pull_policy: always, scale: 3, profiles: [p]"));
  CHECK(plain == hash("image: i, command: [x], depends_on: [b]"));
  CHECK(plain != hash("image: j, command: [x]"));
  CHECK(plain != hash("image: i, command: [x], environment: {A: 1}"));
  CHECK(plain != hash("image: i, command: [x], x-rootfs: host"));
  CHECK(hash("image: i, deploy: {replicas: 2}") == hash("image: i, deploy: {replicas: 3}"));
  CHECK(hash("image: i, mem_limit: 1m") == hash("image: i, mem_limit: 1024k"));
}

TEST_CASE("bind: no driver and the driver local are one volume") {
  const auto volume = [](const char* text) {
    return bound_project(std::string("{volumes: {v: ") + text + "}}").volumes.at("v").config_hash;
  };
  CHECK(volume("") == volume("{driver: local}"));
  CHECK(volume("") != volume("{labels: [a=b]}"));
}
