#include "state/record.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp::state;  // NOLINT(google-build-using-namespace): a test of this namespace
using cmp::Nanoseconds;
using cmp::WallTime;

struct Place {
  cmp::test::TempDir dir;
  Paths paths{{dir / "run", dir / "state"}, "shop"};

  Place() {
    REQUIRE(cmp::sys::make_directories(paths.containers_dir()));
    REQUIRE(cmp::sys::make_directories(paths.networks_dir()));
  }
};

ContainerRecord full_record() {
  ContainerRecord record;
  record.project = "shop";
  record.service = "web";
  record.name = "shop-web-2";
  record.id = std::string(64, 'a');
  record.image = "nginx:1";
  record.number = 2;
  record.command = {"nginx", "-g", "daemon off;"};
  record.config_hash = "beef";
  record.labels = {{"com.docker.compose.project", "shop"}};
  record.mounts = {"/srv"};
  record.local_volumes = {"shop_data"};
  record.exposed = {80};
  record.cgroup = "cmp/shop/shop-web-2";
  record.endpoints = {{"front", "shop_front", "cmpb1", "cmpv1", "eth0", "10.89.0.2", 16, "10.89.0.1", {"web"}}};
  record.ports = {{"127.0.0.1", 8080, 80, "udp"}};
  record.service_definition.name = "web";
  record.service_definition.scale = 3;
  record.state = ContainerState::kExited;
  record.exit = cmp::sys::ExitStatus{.code = 137, .signal = 9, .core_dumped = true};
  record.exit_unknown = true;
  record.oom_killed = true;
  record.error = "could not";
  record.health = Health::kUnhealthy;
  record.restart_count = 4;
  record.stop_requested = true;
  record.created_at = WallTime(Nanoseconds(1));
  record.started_at = WallTime(Nanoseconds(2));
  record.finished_at = WallTime(Nanoseconds(3));
  record.next_start_at = WallTime(Nanoseconds(4));
  return record;
}

TEST_CASE("a container's record comes back with every field") {
  const Place place;
  const ContainerRecord record = full_record();
  REQUIRE(write_record(place.paths, record));
  const auto records = read_containers(place.paths);
  REQUIRE(records);
  REQUIRE(records->size() == 1);
  const ContainerRecord& back = records->front();
  CHECK(back.project == record.project);
  CHECK(back.service == record.service);
  CHECK(back.name == record.name);
  CHECK(back.id == record.id);
  CHECK(back.image == record.image);
  CHECK(back.number == record.number);
  CHECK(back.command == record.command);
  CHECK(back.config_hash == record.config_hash);
  CHECK(back.labels == record.labels);
  CHECK(back.mounts == record.mounts);
  CHECK(back.local_volumes == record.local_volumes);
  CHECK(back.exposed == record.exposed);
  CHECK(back.cgroup == record.cgroup);
  CHECK(back.endpoints == record.endpoints);
  CHECK(back.ports == record.ports);
  CHECK(back.service_definition == record.service_definition);
  CHECK(back.state == record.state);
  CHECK(back.exit == record.exit);
  CHECK(back.exit_unknown == record.exit_unknown);
  CHECK(back.oom_killed == record.oom_killed);
  CHECK(back.error == record.error);
  CHECK(back.health == record.health);
  CHECK(back.restart_count == record.restart_count);
  CHECK(back.stop_requested == record.stop_requested);
  CHECK(back.created_at == record.created_at);
  CHECK(back.started_at == record.started_at);
  CHECK(back.finished_at == record.finished_at);
  CHECK(back.next_start_at == record.next_start_at);
}

TEST_CASE("records are for their owner only: environments hold secrets") {
  const Place place;
  REQUIRE(write_record(place.paths, full_record()));

  struct stat info {};

  REQUIRE(::stat(place.paths.container_record("shop-web-2").c_str(), &info) == 0);
  CHECK((info.st_mode & 077U) == 0);
}

TEST_CASE("a record that says running is checked against the kernel") {
  const Place place;
  ContainerRecord record;
  record.name = record.service = "living";
  record.state = ContainerState::kRunning;
  record.process = {::getpid(), *cmp::sys::start_ticks(::getpid())};
  REQUIRE(write_record(place.paths, record));
  record.name = record.service = "reused";
  record.process.start_ticks += 1;
  REQUIRE(write_record(place.paths, record));
  const auto records = read_containers(place.paths).value();
  REQUIRE(records.size() == 2);
  CHECK(records[0].state == ContainerState::kRunning);
  CHECK(records[0].process.pid == ::getpid());
  CHECK(records[1].state == ContainerState::kExited);
  CHECK(records[1].exit_unknown);
  CHECK(records[1].process.pid == 0);
}

TEST_CASE("containers are sorted by service and number") {
  const Place place;
  ContainerRecord record;
  for (const auto& [service, number] : {std::pair{"web", 10}, {"web", 2}, {"db", 1}}) {
    record.service = service;
    record.number = number;
    record.name = record.service + "-" + std::to_string(number);
    REQUIRE(write_record(place.paths, record));
  }
  std::vector<std::string> names;
  const auto records = read_containers(place.paths).value();
  for (const auto& each : records) {
    names.push_back(each.name);
  }
  CHECK(names == std::vector<std::string>{"db-1", "web-2", "web-10"});
}

TEST_CASE("containers of one service are asked for, and of no other that has its name somewhere") {
  const Place place;
  ContainerRecord record;
  for (const char* service : {"web", "web2", "db"}) {
    record.name = record.service = service;
    record.labels = {{"friend", "web"}};
    REQUIRE(write_record(place.paths, record));
  }
  const auto records = read_containers(place.paths, Check::kWithKernel, "web").value();
  REQUIRE(records.size() == 1);
  CHECK(records[0].name == "web");
  CHECK(read_containers(place.paths, Check::kWithKernel, "we").value().empty());
}

TEST_CASE("a project that is not there has no containers, networks or volumes") {
  const cmp::test::TempDir dir;
  const Paths paths({dir / "run", dir / "state"}, "absent");
  CHECK(read_containers(paths).value().empty());
  CHECK(read_networks(paths).value().empty());
  CHECK(read_volumes(paths.roots()).value().empty());
  CHECK(list_projects(paths.roots()).value().empty());
}

TEST_CASE("a removed record is gone, and removing it again is success") {
  const Place place;
  REQUIRE(write_record(place.paths, full_record()));
  REQUIRE(remove_container_record(place.paths, "shop-web-2"));
  CHECK(read_containers(place.paths).value().empty());
  CHECK(remove_container_record(place.paths, "shop-web-2"));
}

TEST_CASE("a network's and a volume's record come back") {
  const Place place;
  NetworkRecord network{.key = "front",
                        .name = "shop_front",
                        .project = "shop",
                        .bridge = "cmpb1",
                        .subnet = "10.89.0.0/24",
                        .gateway = "10.89.0.1",
                        .config_hash = "hash",
                        .subnet6 = "fd00:1::/64",
                        .gateway6 = "fd00:1::1",
                        .internal = true,
                        .options = {{"mtu", "1400"}},
                        .labels = {{"a", "b"}}};
  REQUIRE(write_record(place.paths, network));
  const auto networks = read_networks(place.paths).value();
  REQUIRE(networks.size() == 1);
  CHECK(networks[0].subnet == network.subnet);
  CHECK(networks[0].bridge == network.bridge);
  CHECK(networks[0].labels == network.labels);
  CHECK(networks[0].subnet6 == network.subnet6);
  CHECK(networks[0].internal);
  CHECK(networks[0].options == network.options);

  VolumeRecord volume{.key = "data",
                      .name = "shop_data",
                      .config_hash = "hash",
                      .project = "shop",
                      .driver = "local",
                      .options = {{"type", "tmpfs"}},
                      .labels = {{"a", "b"}},
                      .created_at = WallTime(Nanoseconds(9))};
  REQUIRE(cmp::sys::make_directories(place.paths.volume_dir(volume.name)));
  REQUIRE(write_record(place.paths, volume));
  const auto volumes = read_volumes(place.paths.roots()).value();
  REQUIRE(volumes.size() == 1);
  CHECK(volumes[0].key == "data");
  CHECK(volumes[0].created_at == volume.created_at);
  CHECK(volumes[0].options == volume.options);
}

TEST_CASE("a role's process is alive only with its own start time") {
  const Place place;
  const std::string file = place.paths.guardian_record();
  const RoleRecord record{{::getpid(), *cmp::sys::start_ticks(::getpid())}, "1.2"};
  REQUIRE(write_role(file, record));
  const auto back = read_role(file);
  REQUIRE(back);
  CHECK(back->version == "1.2");
  CHECK(alive(*back));
  CHECK_FALSE(alive({{::getpid(), back->process.start_ticks + 1}, ""}));
  CHECK_FALSE(read_role(file + ".absent"));
}

TEST_CASE("half a record is no record") {
  const Place place;
  REQUIRE(cmp::sys::write_file_atomically(place.paths.container_record("broken"), R"({"name": "brok)"));
  REQUIRE(write_record(place.paths, full_record()));
  CHECK(read_containers(place.paths).value().size() == 1);
}

TEST_CASE("projects are listed by their directories, sorted") {
  const Place place;
  REQUIRE(cmp::sys::make_directories(place.dir / "run/another"));
  REQUIRE(cmp::sys::write_file_atomically(place.paths.lock(), ""));
  CHECK(list_projects(place.paths.roots()).value() == std::vector<std::string>{"another", "shop"});
}

}  // namespace
