#include "container/namespaces.hpp"

#include <doctest/doctest.h>

#include "container/compile.hpp"

namespace {

using namespace cmp;
using namespace cmp::container;

model::Service web() {
  model::Service service;
  service.name = "web";
  service.where = {"compose.yaml", 3, 3};
  service.command = std::vector<std::string>{"serve"};
  return service;
}

Facts facts() {
  Facts facts;
  facts.name = "shop-web-1";
  facts.id = std::string(64, 'a');
  facts.lower = {"/l"};
  facts.root = "/c/root";
  facts.cgroup_v2 = true;
  facts.available_capabilities = 0x1fffeffffff;
  const Owner owner{"shop-db-1", 42, 1000};
  for (const char* kind : {"net", "pid", "ipc", "uts"}) {
    facts.owners[kind] = owner;
  }
  return facts;
}

std::string compiled(const model::Service& service, const Facts& with = facts()) {
  const auto spec = compile(service, with);
  return spec ? render(*spec) : "error: " + spec.error().str();
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::string complaints(const model::Service& service) {
  std::string text;
  for (const auto& errors : {check_namespaces(service), check_platform(service)}) {
    for (const Error& error : errors) {
      text += error.message + ";";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("each namespace is new, the host's, or another container's") {
  model::Service service = web();
  service.pid = service.ipc = service.uts = service.cgroup = service.network_mode = "host";
  std::string text = compiled(service);
  CHECK(has_line(text, "born in new mnt"));
  CHECK(has_line(text, "unshare nothing"));
  CHECK(text.find("\nhostname ") == std::string::npos);
  CHECK(has_line(text, "bind /dev/shm on /dev/shm rw"));

  service.pid = service.ipc = service.uts = service.network_mode = "service:db";
  service.cgroup = "private";
  text = compiled(service);
  CHECK(has_line(text, "born in new mnt"));
  CHECK(has_line(text, "born in pid of shop-db-1 (process 42 of 1000)"));
  for (const char* kind : {"net", "ipc", "uts"}) {
    CHECK(has_line(text, std::string("share ") + kind + " of shop-db-1 (process 42 of 1000)"));
  }
  CHECK(has_line(text, "unshare cgroup"));
  CHECK(has_line(text, "share mount /dev/shm of shop-db-1 (process 42 of 1000)"));
  CHECK(text.find("mount tmpfs on /dev/shm") == std::string::npos);
}

TEST_CASE("an owner that nobody has looked for is an error, not a namespace of its own") {
  model::Service service = web();
  service.network_mode = "service:db";
  Facts without = facts();
  without.owners.clear();
  CHECK_FALSE(compile(service, without));
}

TEST_CASE("ipc: none has no shared memory; shareable has its own") {
  model::Service service = web();
  service.ipc = "none";
  CHECK(compiled(service).find("/dev/shm") == std::string::npos);
  service.ipc = "shareable";
  CHECK(compiled(service).find("mount tmpfs on /dev/shm") != std::string::npos);
  CHECK(has_line(compiled(service), "born in new ipc,mnt,pid,uts"));
}

TEST_CASE("a kernel that has time namespaces gives each container one, whatever else it shares") {
  Facts with = facts();
  with.has_time_namespaces = true;
  model::Service service = web();
  service.pid = service.ipc = service.uts = "host";
  CHECK(has_line(compiled(service, with), "born in new mnt,time"));
}

TEST_CASE("with cgroup: host the whole tree of v1 is seen, read-only") {
  model::Service service = web();
  service.cgroup = "host";
  Facts with = facts();
  with.cgroup_v2 = false;
  with.cgroup_v1_controllers = {"/sys/fs/cgroup/memory"};
  const auto spec = compile(service, with);
  REQUIRE(spec);
  CHECK(has_line(render(*spec), "bind /sys/fs/cgroup/memory on /sys/fs/cgroup/memory rw"));
  CHECK(has_line(render(*spec), "read-only tree /sys/fs/cgroup"));
}

TEST_CASE("lxcfs stands in for files of /proc") {
  Facts with = facts();
  with.lxcfs_files = {"/var/lib/lxcfs/proc/meminfo"};
  const auto spec = compile(web(), with);
  REQUIRE(spec);
  CHECK(has_line(render(*spec), "bind /var/lib/lxcfs/proc/meminfo on /proc/meminfo ro"));
}

TEST_CASE("words that are none, and keys that do not go together, are named with their key") {
  CHECK(complaints(web()).empty());
  model::Service service = web();
  service.pid = "private";
  service.ipc = "mine";
  service.uts = "shareable";
  service.userns_mode = "keep-id";
  const std::string words = complaints(service);
  CHECK(words.find("service 'web': pid: 'private' is not possible") != std::string::npos);
  CHECK(words.find("ipc: 'mine' is not possible") != std::string::npos);
  CHECK(words.find("uts: 'shareable' is not possible") != std::string::npos);
  CHECK(words.find("userns_mode: 'keep-id' is not possible") != std::string::npos);

  service = web();
  service.network_mode = "service:db";
  service.hostname = "x";
  service.ports.emplace_back();
  service.mac_address = "02:00:00:00:00:01";
  const std::string conflicts = complaints(service);
  CHECK(conflicts.find("hostname: it cannot be given together with network_mode: service:db") != std::string::npos);
  CHECK(conflicts.find("ports: it cannot be") != std::string::npos);
  CHECK(conflicts.find("mac_address: it cannot be") != std::string::npos);
}

TEST_CASE("what one runtime without storage drivers cannot do is refused") {
  model::Service service = web();
  service.runtime = "runc";
  service.isolation = "default";
  service.working_dir = "/srv";
  CHECK(complaints(service).empty());
  service.runtime = "kata";
  service.isolation = "hyperv";
  service.storage_opt = {{"size", "much"}, {"dm.basesize", "10G"}};
  service.working_dir = "srv";
  const std::string text = complaints(service);
  CHECK(text.find("runtime: 'kata'") != std::string::npos);
  CHECK(text.find("isolation: 'hyperv'") != std::string::npos);
  CHECK(text.find("storage_opt: 'size=much' is no size") != std::string::npos);
  CHECK(text.find("storage_opt: 'dm.basesize=10G': there is no such option") != std::string::npos);
  CHECK(text.find("working_dir: 'srv' is not an absolute path") != std::string::npos);
}
