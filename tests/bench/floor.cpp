// bench_floor N: what the kernel alone takes to bring up N containers and to take them down: a bridge, and for each
// service its overlay, cgroup directories, namespaces, veth pair, address, pivot_root, proc and exec of `sleep`. No
// compose file, no image, no state on disk, no logs, no names, no ports, nobody who watches: nothing that does all this
// can be faster, and what cmp adds is the difference. Prints "up_ms X" and "down_ms Y".
//
// Works in its own mount and network namespaces, so that of all it makes only cgroups and a temporary directory could
// be left; both are removed, also after an error.

#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "bench/floor_links.hpp"
#include "cgroup/cgroup.hpp"

namespace {

using cmp::bench::fail;
using cmp::bench::LinkSocket;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kLinkGroup = 7777;
constexpr std::uint32_t kNetwork = 0x0AE70000;  // 10.231.0.0/16, in a network namespace of our own

struct Service {
  int number = 0;
  pid_t pid = 0;
  int go_read = -1, go_write = -1;      ///< a byte says: the veth pair is there
  std::string upper, work;              ///< directories of its overlay
  std::vector<std::string> cgroups;     ///< its directories
  std::vector<std::string> join_files;  ///< v1: to join
  std::string clone_cgroup;             ///< the v2 one, to be born in
};

struct Bench {
  std::string directory;  ///< temporary
  std::string cgroup;     ///< name of the group above ours in each hierarchy
  cmp::cgroup::Layout layout;
  std::vector<Service> services;
  int all_done_read = -1, all_done_write = -1;  ///< end of file once every child has exec'd
};

Bench* g_cleanup = nullptr;  // for atexit: fail() may come from anywhere

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void must(long result, const char* what) {
  if (result < 0) {
    fail(what);
  }
}

void make_directory(const std::string& path) {
  must(::mkdir(path.c_str(), 0755), path.c_str());
}

std::string cgroup_path(const cmp::cgroup::Hierarchy& hierarchy, const std::string& name) {
  return fmt::format("{}{}/{}", hierarchy.mount_point, hierarchy.base == "/" ? "" : hierarchy.base, name);
}

/// The hierarchies cmp uses for a service without limits, chosen by cmp's own code, made by nothing but mkdir.
void make_cgroups(const Bench& bench, Service& service) {
  for (const auto& hierarchy : cmp::cgroup::joined(bench.layout, {})) {
    std::string path = cgroup_path(hierarchy, fmt::format("{}/{}", bench.cgroup, service.number));
    make_directory(path);
    if (hierarchy.born_inside) {
      service.clone_cgroup = path;
    } else {
      service.join_files.push_back(path +
                                   (hierarchy.version == cmp::cgroup::Version::kV1 ? "/tasks" : "/cgroup.procs"));
    }
    service.cgroups.push_back(std::move(path));
  }
}

/// Each removed directory can cost milliseconds of its own (ext4 with discard): two a service, the rest is shared, also
/// the mount point, since every child mounts on it in its own namespace.
void make_overlay_directories(const Service& service) {
  make_directory(service.upper);
  make_directory(service.work);
}

// ---- the child

void join_cgroups(const Service& service) {
  for (const auto& file : service.join_files) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    must(::write(fd, "0", 1), file.c_str());
    ::close(fd);
  }
  must(::unshare(CLONE_NEWCGROUP), "unshare cgroup namespace");
}

/// The host's /usr is the read-only layer below: it has programs, libraries and the loader at the paths they need. The
/// skeleton adds the directory for proc.
void enter_root(const Bench& bench, const Service& service) {
  const std::string root = bench.directory + "/root";
  const std::string options =
      fmt::format("lowerdir={}/skeleton:/usr,upperdir={},workdir={}", bench.directory, service.upper, service.work);
  must(::mount("overlay", root.c_str(), "overlay", 0, options.c_str()), "mount overlay");
  must(::chdir(root.c_str()), "chdir");
  must(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(::umount2(".", MNT_DETACH), "umount");
  must(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr), "mount proc");
}

void configure_network(const Service& service) {
  char byte = 0;
  must(::read(service.go_read, &byte, 1) == 1 ? 0 : -1, "wait for the veth pair");
  LinkSocket links;
  links.set_up("lo");
  links.set_up("eth0");
  links.add_address("eth0", kNetwork + 2 + static_cast<std::uint32_t>(service.number), 16);
}

[[noreturn]] void run_child(const Bench& bench, const Service& service) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  join_cgroups(service);
  enter_root(bench, service);
  const std::string host = fmt::format("service{}", service.number);
  must(::sethostname(host.data(), host.size()), "sethostname");
  configure_network(service);
  ::execl("/bin/sleep", "sleep", "infinity", nullptr);
  fail("exec sleep");
}

// ---- the parent

pid_t clone_child(const Service& service) {
  clone_args args{};
  args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
  args.exit_signal = SIGCHLD;
  int directory = -1;
  if (!service.clone_cgroup.empty()) {
    directory = ::open(service.clone_cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<__u64>(directory);
  }
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  must(pid, "clone3");
  if (pid > 0 && directory >= 0) {
    ::close(directory);
  }
  return pid;
}

void start_service(Bench& bench, Service& service, LinkSocket& links, unsigned bridge) {
  make_overlay_directories(service);
  make_cgroups(bench, service);
  int go[2] = {-1, -1};
  must(::pipe2(go, O_CLOEXEC), "pipe");
  service.go_read = go[0];
  service.go_write = go[1];
  service.pid = clone_child(service);
  if (service.pid == 0) {
    g_cleanup = nullptr;
    ::close(bench.all_done_read);
    run_child(bench, service);
  }
  links.add_veth(fmt::format("flr{}", service.number), bridge, service.pid, kLinkGroup);
  must(::write(service.go_write, "g", 1), "go");
  ::close(service.go_read);
  ::close(service.go_write);
}

void wait_for_execs(Bench& bench) {
  ::close(bench.all_done_write);
  char byte = 0;
  must(::read(bench.all_done_read, &byte, 1), "wait for exec");
  for (const auto& service : bench.services) {
    if (::waitpid(service.pid, nullptr, WNOHANG) != 0) {
      fail(fmt::format("service {} did not come up", service.number));
    }
  }
}

void up(Bench& bench, LinkSocket& links) {
  for (const auto& hierarchy : cmp::cgroup::joined(bench.layout, {})) {
    make_directory(cgroup_path(hierarchy, bench.cgroup));
  }
  for (const char* name : {"/root", "/skeleton", "/skeleton/proc"}) {
    make_directory(bench.directory + name);
  }
  links.add_bridge("flrbr", kLinkGroup);
  links.add_address("flrbr", kNetwork + 1, 16);
  const unsigned bridge = ::if_nametoindex("flrbr");
  for (auto& service : bench.services) {
    start_service(bench, service, links, bridge);
  }
  wait_for_execs(bench);
}

void kill_services(Bench& bench) {
  for (const auto& service : bench.services) {
    if (service.pid > 0) {
      ::kill(service.pid, SIGKILL);
    }
  }
  for (auto& service : bench.services) {
    if (service.pid > 0) {
      ::waitpid(service.pid, nullptr, 0);
      service.pid = 0;
    }
  }
}

/// A process that has been waited for may still be leaving its cgroup on the newest kernels, hence cmp's own remove().
void remove_files(Bench& bench) {
  for (const auto& service : bench.services) {
    static_cast<void>(cmp::cgroup::remove(bench.layout, {fmt::format("{}/{}", bench.cgroup, service.number)}));
  }
  static_cast<void>(cmp::cgroup::remove(bench.layout, {bench.cgroup}));
  for (const auto& service : bench.services) {
    // The overlay made the inner work directory.
    for (const auto& path : {service.upper, service.work + "/work", service.work}) {
      ::rmdir(path.c_str());
    }
  }
  for (const char* name : {"/skeleton/proc", "/skeleton", "/root", ""}) {
    ::rmdir((bench.directory + name).c_str());
  }
}

void down(Bench& bench, LinkSocket& links) {
  kill_services(bench);
  links.remove_group(kLinkGroup);
  remove_files(bench);
}

void clean_up() {
  if (g_cleanup != nullptr) {
    kill_services(*g_cleanup);
    remove_files(*g_cleanup);
  }
}

Bench prepare(int count) {
  Bench bench;
  auto layout = cmp::cgroup::detect();
  if (!layout) {
    std::fprintf(stderr, "floor: %s\n", layout.error().str().c_str());
    std::exit(1);
  }
  bench.layout = std::move(*layout);
  bench.cgroup = fmt::format("cmp-floor-{}", ::getpid());
  must(::unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare (needs root)");
  must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  const char* temporary = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
  bench.directory = fmt::format("{}/cmp-floor.XXXXXX", temporary != nullptr ? temporary : "/tmp");
  must(::mkdtemp(bench.directory.data()) != nullptr ? 0 : -1, "temporary directory");
  for (int i = 0; i < count; ++i) {
    bench.services.push_back({.number = i,
                              .upper = fmt::format("{}/upper{}", bench.directory, i),
                              .work = fmt::format("{}/work{}", bench.directory, i)});
  }
  int done[2] = {-1, -1};
  must(::pipe2(done, O_CLOEXEC), "pipe");
  bench.all_done_read = done[0];
  bench.all_done_write = done[1];
  return bench;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc == 2 ? std::atoi(argv[1]) : 0;
  if (count < 1 || count > 1000) {
    std::fprintf(stderr, "usage: bench_floor N (1 to 1000 services)\n");
    return 2;
  }
  Bench bench = prepare(count);
  g_cleanup = &bench;
  std::atexit(clean_up);
  LinkSocket links;
  const auto start = Clock::now();
  up(bench, links);
  std::printf("up_ms %.2f\n", ms_since(start));
  const auto stop = Clock::now();
  down(bench, links);
  std::printf("down_ms %.2f\n", ms_since(stop));
  g_cleanup = nullptr;
  return 0;
}
