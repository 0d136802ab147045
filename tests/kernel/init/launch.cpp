#include "kernel/init/launch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "engine/seccomp.hpp"
#include "rootfs/directories.hpp"
#include "rootfs/host.hpp"
#include "sys/file.hpp"
#include "sys/namespaces.hpp"
#include "sys/packet.hpp"
#include "sys/privilege.hpp"

namespace test {

using namespace cmp;

namespace {

constexpr int kDeadlineMs = 20000;

[[noreturn]] void skip(const std::string& why) {
  fmt::print(stderr, "SKIPPED: {}\n", why);
  std::_Exit(77);
}

struct PrivateDirectory {
  std::string path;

  PrivateDirectory() {
    if (::geteuid() != 0) {
      skip("launching containers needs root");
    }
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      skip("no mount namespace of its own");
    }
    char name[] = "/tmp/cmp-init-test-XXXXXX";
    if (::mkdtemp(name) == nullptr || ::mount("cmp-test", name, "tmpfs", 0, "mode=700") != 0) {
      skip("no tmpfs for the test's files");
    }
    path = name;
  }

  ~PrivateDirectory() {
    ::umount2(path.c_str(), MNT_DETACH);
    ::rmdir(path.c_str());
  }

  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
};

template <typename T>
T must(Result<T> result) {
  if (!result) {
    FAIL(result.error().str());
  }
  return std::move(result).value();
}

void must(const Status& status) {
  if (!status) {
    FAIL(status.error().str());
  }
}

bool readable(int fd) {
  pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, kDeadlineMs) == 1;
}

}  // namespace

const std::uint64_t Launch::kContainer = std::uint64_t{CLONE_NEWPID} | std::uint64_t{CLONE_NEWNS} |
                                         std::uint64_t{CLONE_NEWUTS} | std::uint64_t{CLONE_NEWIPC};

const std::string& private_directory() {
  static const PrivateDirectory directory;
  return directory.path;
}

Box::Box(const std::string& script) {
  static int number = 0;
  const std::string base = fmt::format("{}/box{}", private_directory(), ++number);
  const rootfs::ContainerDirectories dirs{base + "/upper", base + "/work", base + "/root"};
  must(rootfs::make_container_directories(dirs));
  auto layers = must(rootfs::host_layers({private_directory()}));
  service.name = "web";
  service.rootfs = "host";
  service.entrypoint = std::vector<std::string>{"/bin/sh", "-c", script};
  facts.name = fmt::format("test-web-{}", number);
  facts.id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  facts.lower = layers.lower;
  facts.hidden = layers.hidden;
  facts.upper = dirs.upper;
  facts.work = dirs.work;
  facts.root = dirs.root;
  facts.has_kcore = sys::exists("/proc/kcore");
  facts.has_time_namespaces = sys::has_time_namespaces();
  facts.available_capabilities = sys::bounding_capabilities();
}

container::LaunchSpec Box::spec() const {
  static seccomp::Library filters(private_directory() + "/seccomp");
  container::Facts with_filter = facts;
  const auto kept = must(engine::choose_filter(filters, service, facts.available_capabilities, ""));
  with_filter.seccomp = engine::as_launch_data(kept.filter);
  return must(container::compile(service, with_filter));
}

Launch::Launch(const container::LaunchSpec& spec, Go go) {
  auto [mine, theirs] = must(sys::packet_pair());
  int pipe_ends[2];
  REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
  UniqueFd read_end(pipe_ends[0]);
  UniqueFd write_end(pipe_ends[1]);
  child_ = must(sys::clone_process({.flags = spec.born_in_new}));
  if (child_.pid == 0) {
    init::run(spec, {.sync = theirs.get(), .in = -1, .out = write_end.get(), .err = write_end.get()}, go == Go::kWait);
  }
  sync_ = std::move(mine);
  out_ = std::move(read_end);
}

Launch::~Launch() {
  if (!reaped_) {
    ::kill(child_.pid, SIGKILL);
    ::waitpid(child_.pid, nullptr, 0);
  }
}

std::optional<init::Report> Launch::next() {
  if (!readable(sync_.get())) {
    FAIL("init is silent");
  }
  const std::string packet = must(sys::receive_packet(sync_.get()));
  return packet.empty() ? std::nullopt : std::optional(must(init::decode(packet)));
}

void Launch::await_prepared() {
  for (;;) {
    const auto report = next();
    REQUIRE(report);
    INFO(report->error.message);
    REQUIRE(report->type != init::Message::kFailed);
    if (report->type == init::Message::kPrepared) {
      return;
    }
  }
}

void Launch::say_go() {
  must(sys::send_packet(sync_.get(), init::encode({init::Message::kGo, 0, {}, {}})));
}

std::string Launch::first_output() {
  if (!readable(out_.get())) {
    FAIL("the container neither writes nor ends");
  }
  char buffer[4096];
  const ssize_t got = ::read(out_.get(), buffer, sizeof buffer);
  const std::string text(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  output_ += text;
  return text;
}

const std::string& Launch::output() {
  while (!first_output().empty()) {
  }
  return output_;
}

int Launch::wait() {
  static_cast<void>(output());
  int status = 0;
  REQUIRE(::waitpid(child_.pid, &status, 0) == child_.pid);
  reaped_ = true;
  return sys::decode_wait_status(status).code;
}

Outcome run(const container::LaunchSpec& spec) {
  Launch launch(spec);
  Outcome outcome;
  while (const auto report = launch.next()) {
    if (report->type == init::Message::kPrepared) {
      launch.say_go();
    } else if (report->type == init::Message::kFailed) {
      outcome.error = report->error.message;
    }
  }
  outcome.exit_code = launch.wait();
  outcome.output = launch.output();
  return outcome;
}

Outcome run_script(const std::string& script) {
  return run(Box(script).spec());
}

}  // namespace test
