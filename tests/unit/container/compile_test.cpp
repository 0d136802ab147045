#include "container/compile.hpp"

#include <doctest/doctest.h>

#include "container/capabilities.hpp"
#include "container/mounts.hpp"
#include "unit/container/compiled.hpp"

namespace {

using namespace container_test;

constexpr const char* kGolden =
    R"(container shop-web-1
born in new ipc,mnt,pid,uts
unshare cgroup,net
isolate mounts rprivate
mount overlay on /c/root lower /l/2 /l/1 upper /c/upper work /c/work
mount proc on /proc nosuid,nodev,noexec
mount tmpfs on /dev nosuid,strictatime mode=755,size=65536k
mount devpts on /dev/pts nosuid,noexec newinstance,ptmxmode=0666,mode=0620,gid=5
mount sysfs on /sys ro,nosuid,nodev,noexec
mount cgroup2 on /sys/fs/cgroup ro,nosuid,nodev,noexec
mount mqueue on /dev/mqueue nosuid,nodev,noexec
mount tmpfs on /dev/shm nosuid,nodev,noexec mode=1777,size=67108864
device /dev/null c 1:3 0666
device /dev/zero c 1:5 0666
device /dev/full c 1:7 0666
device /dev/random c 1:8 0666
device /dev/urandom c 1:9 0666
device /dev/tty c 5:0 0666
link /dev/ptmx to pts/ptmx
link /dev/fd to /proc/self/fd
link /dev/stdin to /proc/self/fd/0
link /dev/stdout to /proc/self/fd/1
link /dev/stderr to /proc/self/fd/2
pivot root to /c/root
hostname aaaaaaaaaaaa
sysctl net.ipv4.ip_unprivileged_port_start = 0
sysctl net.ipv4.ping_group_range = '0 2147483647'
read-only /proc/bus
read-only /proc/fs
read-only /proc/irq
read-only /proc/sys
read-only /proc/sysrq-trigger
mask /proc/acpi
mask /proc/asound
mask /proc/interrupts
mask /proc/kcore
mask /proc/keys
mask /proc/latency_stats
mask /proc/sched_debug
mask /proc/scsi
mask /proc/timer_list
mask /proc/timer_stats
mask /sys/devices/virtual/powercap
mask /sys/firmware
user 0
capabilities bounding 00000000a80425fb root 00000000a80425fb
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOSTNAME=aaaaaaaaaaaa
directory /
exec serve --dir '/srv/my files'
)";

TEST_CASE(
    "secrets and configs: a tmpfs before the root is made, whose files are bound into it; what they say is not shown") {
  auto with = facts();
  with.granted_dir = "/c/granted";
  with.granted = {{.name = "secret-0", .uid = 5, .gid = 6, .mode = 0440, .content = "pass"}};
  auto mount = mount_of(model::MountType::kBind, "secret-0", "/run/secrets/db");
  mount.mount.read_only = true;
  with.mounts = {mount};
  const std::string text = compiled(web(), with);
  CHECK(has_line(text, "grant files at /c/granted secret-0:440:5:6:4"));
  CHECK(text.find("grant files") < text.find("mount overlay"));
  CHECK(text.find("pass") == std::string::npos);
  CHECK(text.find("/run/secrets/db") != std::string::npos);
}

TEST_CASE("images that are mounted are shown before the root is made, then bound into it read-only") {
  auto with = facts();
  with.shown_images = "/c/images";
  with.image_layers = {{"/l/2", "/l/1"}};
  auto mount = mount_of(model::MountType::kImage, "data:1", "/data");
  mount.host_path = "/c/images/0";
  mount.mount.subpath = "www";
  with.mounts = {mount};
  const std::string text = compiled(web(), with);
  CHECK(has_line(text, "show images at /c/images lower /l/2 /l/1"));
  CHECK(has_line(text, "bind /c/images/0 below www on /data rro"));
  CHECK(text.find("show images") < text.find("mount overlay"));
}

}  // namespace

TEST_CASE("a plain service compiles to Docker's default box") {
  CHECK(compiled(web(), facts()) == kGolden);
}

TEST_CASE("the same input gives the same bytes") {
  CHECK(compiled(web(), facts()) == compiled(web(), facts()));
}

TEST_CASE("on cgroup v1 the process joins its groups first, and sees each of them read-only") {
  Facts with = facts();
  with.cgroup_v2 = false;
  with.cgroup_join_files = {"/sys/fs/cgroup/cpu,cpuacct/cmp/web/cgroup.procs",
                            "/sys/fs/cgroup/memory/cmp/web/cgroup.procs"};
  with.cgroup_v1_controllers = {"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/systemd"};
  const std::string text = compiled(web(), with);
  CHECK(text.find("container shop-web-1\nborn in new ipc,mnt,pid,uts\njoin cgroups "
                  "/sys/fs/cgroup/cpu,cpuacct/cmp/web/cgroup.procs "
                  "/sys/fs/cgroup/memory/cmp/web/cgroup.procs\nunshare cgroup,net\n") == 0);
  CHECK(text.find("mount tmpfs on /sys/fs/cgroup nosuid,nodev,noexec mode=755\n"
                  "bind /sys/fs/cgroup/cpu,cpuacct/cmp/web on /sys/fs/cgroup/cpu,cpuacct rw\n"
                  "link /sys/fs/cgroup/cpu to cpu,cpuacct\n"
                  "link /sys/fs/cgroup/cpuacct to cpu,cpuacct\n"
                  "bind /sys/fs/cgroup/memory/cmp/web on /sys/fs/cgroup/memory rw\n"
                  "read-only tree /sys/fs/cgroup\n") != std::string::npos);
}

TEST_CASE("volumes come after the default mounts, parents first, with the etc files among them") {
  Facts with = facts();
  with.mounts = {mount_of(model::MountType::kBind, "inner", "/data/x/y"),
                 mount_of(model::MountType::kVolume, "outer", "/data"),
                 mount_of(model::MountType::kTmpfs, "", "/run/../cache/")};
  with.mounts[0].mount.read_only = true;
  with.mounts[2].mount.tmpfs_size = Bytes{1024};
  with.mounts[2].mount.tmpfs_mode = 0700;
  with.mounts[2].mount.tmpfs_options = {"exec", "uid=5"};
  with.hosts_file = "/c/hosts";
  CHECK(compiled(web(), with)
            .find("link /dev/stderr to /proc/self/fd/2\n"
                  "mount tmpfs on /cache nosuid,nodev size=1024,mode=700,uid=5\n"
                  "bind /host/outer on /data rrw\n"
                  "bind /c/hosts on /etc/hosts rw\n"
                  "bind /host/inner on /data/x/y rro\n"
                  "pivot root to /c/root\n") != std::string::npos);
  model::Service still = web();
  still.read_only = true;
  CHECK(has_line(compiled(still, with), "bind /c/hosts on /etc/hosts ro"));
}

TEST_CASE("a volume on a default target replaces its row, one on /dev all of /dev") {
  Facts with = facts();
  with.mounts = {mount_of(model::MountType::kBind, "shm", "/dev/shm")};
  std::string text = compiled(web(), with);
  CHECK(text.find("mount tmpfs on /dev/shm") == std::string::npos);
  CHECK(has_line(text, "device /dev/null c 1:3 0666"));
  with.mounts = {mount_of(model::MountType::kBind, "dev", "/dev")};
  text = compiled(web(), with);
  CHECK(text.find(" on /dev/") == std::string::npos);
  CHECK(text.find("device ") == std::string::npos);
}

TEST_CASE("what cannot be mounted is refused with its place") {
  const auto refused = [](model::MountType type, const std::string& target, const std::string& propagation) {
    Facts with = facts();
    with.mounts = {mount_of(type, "x", target)};
    with.mounts[0].mount.propagation = propagation;
    return failure(web(), with);
  };
  const std::string where = "compose.yaml:7:9: service 'web': volume on ";
  CHECK(refused(model::MountType::kBind, "/proc/self/attr", "") ==
        where + "'/proc/self/attr': nothing may be mounted on or in /proc");
  CHECK(refused(model::MountType::kBind, "/x/../proc", "").find("in /proc") != std::string::npos);
  CHECK(refused(model::MountType::kBind, "/", "") == where + "'/': nothing can be mounted on the container's root");
  CHECK(refused(model::MountType::kNpipe, "/i", "") ==
        where + "'/i': only volumes, binds, images and tmpfs are supported");
  CHECK(refused(model::MountType::kBind, "/s", "common").find("'common' is no propagation") != std::string::npos);
  CHECK(refused(model::MountType::kBind, "/proc/cpuinfo", "") == "no error");
}

TEST_CASE(
    "a bind that is shared with the host is taken hold of before mounts are cut off; x-owner names who is shown") {
  Facts with = facts();
  with.mounts = {mount_of(model::MountType::kBind, "a", "/a"), mount_of(model::MountType::kBind, "b", "/b")};
  with.mounts[0].mount.propagation = "rshared";
  with.mounts[1].mount.for_caller = true;
  with.mounts[1].mount.owner = model::HostOwner{1000, 1001};
  const auto spec = compile(web(), with);
  REQUIRE(spec);
  const std::string text = render(*spec);
  CHECK(text.find("pin ") < text.find("isolate mounts"));
  CHECK(text.find("rrw rshared") != std::string::npos);
  CHECK(text.find(" host 1000:1001 as ") != std::string::npos);
}

TEST_CASE("a volume that wants the host's later mounts makes the others private one by one") {
  Facts with = facts();
  with.mounts = {mount_of(model::MountType::kBind, "a", "/a"), mount_of(model::MountType::kBind, "b", "/b")};
  with.mounts[1].mount.propagation = "rslave";
  const std::string text = compiled(web(), with);
  CHECK(has_line(text, "isolate mounts rslave"));
  CHECK(has_line(text, "bind /host/a on /a rrw rprivate"));
  CHECK(has_line(text, "bind /host/b on /b rrw rslave"));
}

TEST_CASE("the host as root gets its people hidden, as the topmost lower layer") {
  Facts with = facts();
  with.lower = {"/"};
  with.hidden = {{"/home", 0755, 0, 0, true}, {"/var", 0755, 0, 0, false}, {"/var/tmp", 01777, 0, 0, true}};
  model::Service service = web();
  service.rootfs = "host";
  CHECK(compiled(service, with)
            .find("hide host at /c/root /home:755:0:0 /var:755:0:0:shown /var/tmp:1777:0:0\n"
                  "mount overlay on /c/root lower /c/root / upper /c/upper work /c/work\n") != std::string::npos);
  service.command.reset();
  CHECK(failure(service, with) ==
        "compose.yaml:3:3: service 'web': command: x-rootfs: host needs a command or an entrypoint: there is no image "
        "to name one");
}

TEST_CASE("privileged takes the guards away and gives every available capability") {
  model::Service service = web();
  service.privileged = true;
  Facts with = facts();
  with.host_devices = {{.path = "/dev/kvm", .major = 10, .minor = 232, .mode = 0660}};
  const std::string text = compiled(service, with);
  CHECK(text.find("mask ") == std::string::npos);
  CHECK(text.find("read-only ") == std::string::npos);
  CHECK(has_line(text, "mount sysfs on /sys nosuid,nodev,noexec"));
  CHECK(has_line(text, "device /dev/kvm c 10:232 0660"));
  CHECK(has_line(text, "capabilities bounding 000001fffeffffff root 000001fffeffffff"));
}

TEST_CASE("capability arithmetic is Docker's") {
  constexpr CapabilityMask all = 0x1fffeffffff;  // without SYS_RESOURCE

  struct Row {
    std::vector<std::string> add, drop;
    CapabilityMask expected;
  };

  for (const Row& row :
       {Row{{}, {}, 0xa80425fb}, Row{{"NET_ADMIN"}, {}, 0xa80435fb}, Row{{}, {"cap_chown"}, 0xa80425fa},
        Row{{}, {"ALL"}, 0}, Row{{"net_admin", "CHOWN"}, {"all"}, 0x1001}, Row{{"ALL"}, {}, all},
        Row{{"ALL"}, {"CHOWN"}, all & ~CapabilityMask{1}}}) {
    const auto mask = capabilities_for({.add = row.add, .drop = row.drop, .available = all});
    REQUIRE(mask);
    CHECK(*mask == row.expected);
  }
  model::Service service = web();
  service.cap_add = {"SYS_RESOURCE"};
  CHECK(failure(service).find("CAP_SYS_RESOURCE is not available") != std::string::npos);
  service.cap_add = {"FLY"};
  service.positions["cap_add"] = {"compose.yaml", 9, 5};
  CHECK(failure(service) == "compose.yaml:9:5: service 'web': cap_add: 'FLY' is no capability");
}

TEST_CASE("the environment: later ones win in place, one without a value goes") {
  model::Service service = web();
  service.tty = true;
  service.hostname = "shop";
  service.environment = {{"A", "2"}, {"B", std::nullopt}, {"PATH", "/bin"}};
  CHECK(compile(service, facts())->exec.env ==
        std::vector<std::string>{"PATH=/bin", "HOSTNAME=shop", "TERM=xterm", "A=2"});
}

TEST_CASE("the program: the entrypoint, then the command") {
  model::Service service = web();
  service.entrypoint = std::vector<std::string>{"/entry"};
  CHECK(compile(service, facts())->exec.argv == std::vector<std::string>{"/entry", "serve", "--dir", "/srv/my files"});
  service.command.reset();
  CHECK(compile(service, facts())->exec.argv == std::vector<std::string>{"/entry"});
}

TEST_CASE("volumes over an image are filled before anything is mounted, unless they say nocopy or are read-only") {
  model::Service service = web();
  Facts with = facts();
  model::Mount mount;
  mount.type = model::MountType::kVolume;
  mount.source = "data";
  mount.target = "/var/lib/data/";
  with.mounts = {{mount, "/volumes/data"}};
  CHECK(compiled(service, with).find("fill") == std::string::npos);
  with.fill_volumes = true;
  const std::string text = compiled(service, with);
  CHECK(has_line(text, "fill /volumes/data from /var/lib/data"));
  CHECK(text.find("fill ") < text.find("mount proc"));
  with.mounts[0].mount.nocopy = true;
  CHECK(compiled(service, with).find("fill") == std::string::npos);
  with.mounts[0].mount.nocopy = false;
  with.mounts[0].mount.read_only = true;
  CHECK(compiled(service, with).find("fill") == std::string::npos);
}

TEST_CASE("sysctls that would change the host are refused") {
  const auto with = [](const std::string& key, const std::string& value) {
    model::Service service = web();
    service.sysctls = {{key, value}};
    return service;
  };
  CHECK(failure(with("kernel.core_pattern", "|/x")).find("it would change the host") != std::string::npos);
  CHECK(failure(with("net.ipv4.ip_forward", "1\n")).find("is not well formed") != std::string::npos);
  CHECK(failure(with("kernel.shmmax", "1")) == "no error");
  model::Service on_host = with("net.core.somaxconn", "1");
  on_host.network_mode = "host";
  CHECK(failure(on_host).find("a network of the service's own") != std::string::npos);
  on_host.sysctls.clear();
  CHECK(compiled(on_host, facts()).find("sysctl") == std::string::npos);
  CHECK(has_line(compiled(on_host, facts()), "unshare cgroup"));
  model::Service shared_memory = with("kernel.shmmax", "1");
  shared_memory.ipc = "host";
  CHECK(failure(shared_memory).find("an IPC namespace of the service's own") != std::string::npos);
}

TEST_CASE("limits, directory, reaper, oom score and read-only root are steps and fields") {
  model::Service service = web();
  service.ulimits = {{"nofile", {1024, -1}}};
  service.working_dir = "/srv//app/";
  service.init = service.read_only = true;
  service.oom_score_adj = 500;
  const std::string text = compiled(service, facts());
  CHECK(has_line(text, "limit 7 1024:unlimited"));
  CHECK(has_line(text, "directory /srv/app 0755"));
  CHECK(has_line(text, "reaper"));
  CHECK(has_line(text, "oom score 500"));
  CHECK(has_line(text, "read-only root"));
  service.ulimits = {{"nofile", {5, 4}}};
  CHECK(failure(service).find("ulimits: 'nofile': the soft limit 5 is above the hard one, 4") != std::string::npos);
  service.ulimits = {{"speed", {1, 1}}};
  CHECK(failure(service).find("ulimits: 'speed' is no limit") != std::string::npos);
}

TEST_CASE("entering takes the service's identity and limits, and its own program") {
  model::Service service = web();
  service.user = "app";
  service.cap_drop = {"ALL"};
  const auto spec = compile_exec(service, facts(), {.name = "shop-web-1", .namespace_files = {"/proc/9/ns/mnt"}},
                                 {.argv = {"sh"}, .env = {{"K", "v"}}});
  REQUIRE(spec);
  CHECK(render(*spec) ==
        "container shop-web-1\njoin namespaces /proc/9/ns/mnt\nuser app\n"
        "capabilities bounding 0000000000000000 root 0000000000000000\n"
        "env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nenv HOSTNAME=aaaaaaaaaaaa\nenv K=v\n"
        "directory /\nexec sh\n");
}

TEST_CASE("clean_path never climbs above the root") {
  CHECK(clean_path("/a//b/./c/") == "/a/b/c");
  CHECK(clean_path("/a/../../../b") == "/b");
  CHECK(clean_path("") == "/");
  CHECK(clean_path("/..") == "/");
}
