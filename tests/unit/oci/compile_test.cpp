#include "oci/compile.hpp"

#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>

#include <doctest/doctest.h>

#include "oci/device_rules.hpp"
#include "oci/mount_options.hpp"

using namespace cmp;  // NOLINT(google-build-using-namespace): a test

namespace {

oci::Facts facts() {
  oci::Facts out;
  out.bundle = "/b";
  out.rootfs = "/b/rootfs";
  out.cgroup_own = {"/sys/fs/cgroup/memory/c1"};
  out.cgroup_mounts = {"/sys/fs/cgroup/memory"};
  out.available_capabilities = 0x1ff;
  return out;
}

oci::Config config(const std::string& more) {
  auto parsed = oci::parse_config(R"({"ociVersion":"1.0.2","root":{"path":"rootfs"},)" + more + "}");
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
  return *std::move(parsed);
}

Result<oci::Launch> compile(const std::string& more) {
  return oci::compile_create(config(more), facts(), {.id = "c1"});
}

std::string complaint(const std::string& more) {
  const auto launch = compile(more);
  return launch ? "" : launch.error().message;
}

constexpr const char* kMount = R"("linux":{"namespaces":[{"type":"mount"}]})";

}  // namespace

TEST_CASE("a bundle becomes steps in the order in which they must be done") {
  const auto launch = compile(R"("hostname":"h","root":{"path":"rootfs","readonly":true},
    "process":{"args":["sh"],"cwd":"/w","env":["PATH=/bin"],"user":{"uid":1,"gid":2,"umask":63},
      "capabilities":{"bounding":["CAP_KILL","CAP_SYS_ADMIN"],"permitted":["CAP_KILL"],"effective":["CAP_KILL"]}},
    "mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid","ro"]},
      {"destination":"data","type":"bind","source":"d","options":["rbind","rro","rslave"]}],
    "hooks":{"prestart":[{"path":"/p"}],"createContainer":[{"path":"/c"}],"startContainer":[{"path":"/s"}]},
    "linux":{"namespaces":[{"type":"mount"},{"type":"uts"},{"type":"cgroup"},{"type":"network","path":"/n"}],
      "sysctl":{"net.core.x":"1"},"maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"],
      "rootfsPropagation":"shared"})");
  REQUIRE_MESSAGE(launch.has_value(), (launch ? "" : launch.error().message));
  CHECK(launch->clone_flags == (std::uint64_t{CLONE_NEWNS} | CLONE_NEWUTS));
  REQUIRE(launch->joins.size() == 1);
  CHECK(launch->joins[0].path == "/n");
  CHECK(launch->waits_for_hooks);
  CHECK(launch->warnings == std::vector<std::string>{"capability CAP_SYS_ADMIN cannot be granted here, ignoring"});
  CHECK(launch->spec.exec.umask == 077);
  CHECK(launch->spec.before_exec.hooks.size() == 1);
  const std::string text = container::render(launch->spec);
  std::size_t at = 0;
  for (const char* line :
       {"rendezvous", "unshare cgroup\n", "bind root /b/rootfs parent private\n", "mount proc on /proc ro,nosuid\n",
        "bind /b/d on /data rrw set below 0x1 propagation 0x84000\n", "device /dev/null c 1:3 0666\n",
        "link /dev/ptmx to pts/ptmx\n", "rendezvous hooks\n", "hooks createContainer /c\n", "directory /w 0755\n",
        "pivot root to /b/rootfs\n", "hostname h\n", "sysctl net.core.x = 1\n", "read-only root\n",
        "flags of / propagation 0x100000\n", "read-only /proc/sys\n", "mask /proc/kcore\n"}) {
    const auto found = text.find(line, at);
    CAPTURE(line);
    CAPTURE(text);
    CHECK(found != std::string::npos);
    at = found == std::string::npos ? at : found;
  }
}

TEST_CASE("what would reach the host is refused") {
  struct Row {
    std::string more, says;
  };

  const std::vector<Row> rows = {
      {R"("linux":{})", "linux.namespaces: a mount namespace is needed: the container's mounts would be the host's"},
      {R"("linux":{"namespaces":[{"type":"mount"}],"sysctl":{"net.ipv4.ip_forward":"1"}})",
       "linux.sysctl: 'net.ipv4.ip_forward' needs a network namespace: it would be the host's"},
      {R"("linux":{"namespaces":[{"type":"mount"},{"type":"network"}],"sysctl":{"net/../kernel/core_pattern":"|x"}})",
       "linux.sysctl: 'net/../kernel/core_pattern' is not kept apart by any namespace"},
      {R"("linux":{"namespaces":[{"type":"mount"}],"sysctl":{"vm.swappiness":"1"}})",
       "linux.sysctl: 'vm.swappiness' is not kept apart by any namespace"},
      {R"("linux":{"namespaces":[{"type":"mount"}],"uidMappings":[{"containerID":0,"hostID":0,"size":1}]})",
       "linux.uidMappings: there is no new user namespace to be mapped"},
      {R"("linux":{"namespaces":[{"type":"mount"},{"type":"user"}]})",
       "linux.uidMappings: a new user namespace needs uidMappings and gidMappings"},
      {R"("linux":{"namespaces":[{"type":"mount"}],"timeOffsets":{"boottime":{"secs":1}}})",
       "linux.timeOffsets: there is no new time namespace to be set"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/proc/self/attr","type":"tmpfs","source":"t"}])",
       "mount on '/proc/self/attr': it would hide what the kernel tells in /proc"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/x/../proc/sys","type":"tmpfs","source":"t"}])",
       "mount on '/x/../proc/sys': it would hide what the kernel tells in /proc"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/..","type":"tmpfs","source":"t"}])",
       "mount on '/..': the root itself cannot be mounted on: that is root.path"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/m","type":"bind","source":"s","options":["idmap"]}])",
       "mount on '/m': idmap needs uidMappings and gidMappings, or a user namespace that has some"},
      {std::string(kMount) +
           R"(,"mounts":[{"destination":"/m","type":"bind","source":"s","options":["idmap=uids=0-1-1"]}])",
       "mount on '/m': option 'idmap=uids=0-1-1': uidMappings and gidMappings say how ids are mapped"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/m","type":"tmpfs","source":"t","options":["idmap"]}])",
       "mount on '/m': only what is bound can be id-mapped"},
      {std::string(kMount) + R"(,"mounts":[{"destination":"/m","type":"proc","options":["tmpcopyup"]}])",
       "mount on '/m': tmpcopyup is for a tmpfs"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    CHECK(complaint(row.more) == row.says);
  }
}

TEST_CASE("mount options: the later word wins, r-words reach below, the rest is the file system's") {
  struct Row {
    std::vector<std::string> options;
    std::uint64_t flags;
    container::MountFlags bound;
    std::string data;
  };

  const std::uint64_t times = MOUNT_ATTR__ATIME;
  const std::vector<Row> rows = {
      {{"ro", "nosuid", "mode=755"}, MS_RDONLY | MS_NOSUID, {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID}, "mode=755"},
      {{"ro", "rw"}, 0, {.clear = MOUNT_ATTR_RDONLY}, ""},
      {{"rw", "ro"}, MS_RDONLY, {.set = MOUNT_ATTR_RDONLY}, ""},
      {{"rro", "rnoexec"}, 0, {.set_below = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC}, ""},
      {{"rrw"}, 0, {.clear_below = MOUNT_ATTR_RDONLY}, ""},
      {{"noatime"}, MS_NOATIME, {.set = MOUNT_ATTR_NOATIME, .clear = times}, ""},
      {{"noatime", "strictatime"}, MS_NOATIME | MS_STRICTATIME, {.set = MOUNT_ATTR_STRICTATIME, .clear = times}, ""},
      {{"relatime"}, MS_RELATIME, {.clear = times}, ""},
      {{"size=1", "uid=3"}, 0, {}, "size=1,uid=3"},
      {{"private", "rshared"}, 0, {.propagation = {MS_PRIVATE, MS_SHARED | MS_REC}}, ""},
  };
  for (const Row& row : rows) {
    const auto parsed = oci::parse_mount_options(row.options);
    REQUIRE(parsed.has_value());
    CAPTURE(row.options.front());
    CHECK(parsed->flags == row.flags);
    CHECK(parsed->bound == row.bound);
    CHECK(parsed->data == row.data);
  }
  CHECK(oci::parse_mount_options({"rbind"})->recursive);
  CHECK(oci::parse_mount_options({"bind"})->bind);
  CHECK(oci::parse_mount_options({"tmpcopyup"})->copy_up);
}

TEST_CASE("only listed devices are allowed, whether or not the list begins with a denial") {
  const auto rules = oci::device_rules(
      config(R"("linux":{"resources":{"devices":[{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"}]}})"));
  REQUIRE(rules.size() > 3);
  CHECK(rules[0] == cgroup::DeviceRule{.allow = false, .type = 'a', .major = {}, .minor = {}});
  CHECK(rules[1] == cgroup::DeviceRule{.allow = true, .type = 'c', .major = 10, .minor = 229, .access = "rw"});
  const auto all = oci::device_rules(config(R"("linux":{"resources":{"devices":[{"allow":true}]}})"));
  CHECK(all.size() == 2);
}

TEST_CASE("device rules become one list of what is allowed") {
  using Rules = std::vector<cgroup::DeviceRule>;
  const cgroup::DeviceRule none{.allow = false, .type = 'a', .major = {}, .minor = {}};
  const cgroup::DeviceRule null{.allow = true, .type = 'c', .major = 1, .minor = 3};
  const cgroup::DeviceRule unwritable{.allow = false, .type = 'c', .major = 1, .minor = 3, .access = "wm"};
  const auto allowed = oci::allowed_devices(Rules{none, null, unwritable});
  REQUIRE(allowed.has_value());
  REQUIRE(allowed->size() == 1);
  CHECK((*allowed)[0].access == "r");
  CHECK(oci::allowed_devices(Rules{null, none})->empty());
  const cgroup::DeviceRule all{.allow = true, .type = 'a', .major = {}, .minor = {}};
  CHECK(oci::allowed_devices(Rules{none, all})->size() == 1);
  CHECK_FALSE(oci::allowed_devices(Rules{all, unwritable}).has_value());
}

TEST_CASE("capability sets are as listed, within what their rules allow") {
  oci::Process process;
  process.capabilities = oci::Capabilities{.bounding = {"CAP_CHOWN", "CAP_KILL"},
                                           .effective = {"CAP_CHOWN", "CAP_KILL"},
                                           .inheritable = {"CAP_KILL"},
                                           .permitted = {"CAP_KILL", "CAP_NONSENSE"},
                                           .ambient = {"CAP_KILL", "CAP_CHOWN"}};
  std::vector<std::string> warnings;
  const auto credentials = oci::credentials_of(process, ~std::uint64_t{0}, warnings);
  const std::uint64_t chown = 1, kill = 1U << 5U;
  CHECK(credentials.bounding == (chown | kill));
  CHECK(credentials.exactly->permitted == kill);
  CHECK(credentials.exactly->effective == kill);
  CHECK(credentials.exactly->inheritable == kill);
  CHECK(credentials.exactly->ambient == kill);
  CHECK(warnings == std::vector<std::string>{"capability CAP_NONSENSE is unknown, ignoring"});
}

TEST_CASE("paths are cleaned from the root on") {
  CHECK(oci::clean_path("a//b/./c/../d/") == "/a/b/d");
  CHECK(oci::clean_path("/../../x") == "/x");
  CHECK(oci::clean_path("/") == "/");
}

TEST_CASE("a state is JSON whatever the annotations hold, and comes back from its record") {
  const oci::Record record{.oci_version = "1.0.2",
                           .id = "c1",
                           .bundle = "/b \"x\"",
                           .pid = 5,
                           .start_ticks = 7,
                           .annotations = {{"k", "v\n\x01"}}};
  const auto hooks = oci::with_state("prestart", {}, record, "creating");
  CHECK(hooks.state_head + "12" + hooks.state_tail ==
        R"({"ociVersion":"1.0.2","id":"c1","pid":12,"status":"creating","bundle":"/b \"x\"",)"
        R"("annotations":{"k":"v\n\u0001"}})");
  const auto back = oci::decode_record(oci::encode(record));
  REQUIRE(back.has_value());
  CHECK(back->bundle == record.bundle);
  CHECK(back->start_ticks == 7);
  CHECK(back->annotations == record.annotations);
}
