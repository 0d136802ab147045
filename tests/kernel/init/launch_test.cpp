// The protocol, the program and its failures, users, volumes, the reaper, entering.

#include "kernel/init/launch.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "rootfs/directories.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace {

using namespace cmp;
using test::Box;
using test::Launch;
using test::run;
using test::run_script;

test::Outcome run_program(std::vector<std::string> argv) {
  Box box("");
  box.service.entrypoint = std::move(argv);
  return run(box.spec());
}

std::string write_file(const std::string& name, const std::string& text, mode_t mode) {
  const std::string path = test::private_directory() + '/' + name;
  REQUIRE(sys::write_file_atomically(path, text, mode));
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

container::ResolvedMount bind(const std::string& source, const std::string& target) {
  container::ResolvedMount resolved;
  resolved.mount.type = model::MountType::kBind;
  resolved.mount.source = resolved.host_path = source;
  resolved.mount.target = target;
  return resolved;
}

/// Runs a host file, bound into the container, as the service's program.
test::Outcome run_bound(const std::string& host_file) {
  Box box("");
  box.facts.mounts = {bind(host_file, "/program")};
  box.service.entrypoint = std::vector<std::string>{"/program"};
  return run(box.spec());
}

}  // namespace

TEST_CASE("the service's exit code is the container's, and signals count from 128") {
  CHECK(run_script("exit 0").exit_code == 0);
  CHECK(run_script("exit 42").exit_code == 42);
  Box box("");
  box.service.entrypoint = std::vector<std::string>{"/bin/sleep", "100"};
  Launch launch(box.spec());
  launch.await_prepared();
  launch.say_go();
  CHECK(!launch.next());
  REQUIRE(sys::send_signal(launch.pidfd(), SIGKILL));
  CHECK(launch.wait() == 137);
}

TEST_CASE("a program that is not there is known before the go, with 127") {
  Box box("");
  box.service.entrypoint = std::vector<std::string>{"no-such-program"};
  Launch launch(box.spec());
  CHECK(launch.next()->type == init::Message::kNamespaces);
  const auto report = launch.next();
  REQUIRE(report);
  CHECK(report->type == init::Message::kFailed);
  CHECK(report->exit_code == 127);
  CHECK(report->error.message.find("exec 'no-such-program': not found in the container's PATH (/usr/local/sbin:") == 0);
  CHECK(launch.wait() == 127);
}

TEST_CASE("a program that may come later is looked for after the go") {
  Box box("");
  box.service.entrypoint = std::vector<std::string>{"no-such-program"};
  auto spec = box.spec();
  spec.exec.program_may_come_later = true;
  const auto outcome = run(spec);
  CHECK(outcome.exit_code == 127);
}

TEST_CASE("each way of not being executable has its words and its exit code") {
  auto outcome = run_program({"/etc"});
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/etc': is a directory");

  outcome = run_program({"/etc/passwd"});
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/etc/passwd': is not an executable file: chmod +x");

  outcome = run_bound(write_file("script", "#!/no/such/sh\n", 0755));
  CHECK(outcome.exit_code == 127);
  CHECK(outcome.error == "exec '/program': its interpreter '/no/such/sh' is missing in the container");

  outcome = run_bound(write_file("windows", "#!/bin/sh\r\n", 0755));
  CHECK(outcome.exit_code == 127);
  CHECK(outcome.error.find("Windows line ends") != std::string::npos);

  outcome = run_bound(write_file("text", "hello\n", 0755));
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/program': neither a program nor a script with a #! line");

  std::string elf = std::string("\177ELF\2\1\1", 7) + std::string(57, '\0');
  elf[18] = static_cast<char>(183);  // e_machine: aarch64
  outcome = run_bound(write_file("foreign", elf, 0755));
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error.find("exec '/program': built for aarch64, this host is ") == 0);
}

TEST_CASE("what the user may not execute is 126") {
  Box box("");
  box.facts.mounts = {bind(write_file("rootonly", "#!/bin/sh\n", 0700), "/program")};
  box.service.entrypoint = std::vector<std::string>{"/program"};
  box.service.user = "1000";
  const auto outcome = run(box.spec());
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/program': permission denied: user 1000 may not execute it (mode 0700, owner 0:0)");
}

TEST_CASE("a directory that the user may not enter, and a file system without exec, are named") {
  Box box("mkdir -m 700 /closed; cp /bin/true /closed/program");
  REQUIRE(run(box.spec()).exit_code == 0);
  box.service.entrypoint = std::vector<std::string>{"/closed/program"};
  box.service.user = "1000";
  auto outcome = run(box.spec());
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/closed/program': user 1000 may not enter the directory '/closed'");

  const std::string directory = test::private_directory() + "/noexec";
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  REQUIRE(::mount("noexec", directory.c_str(), "tmpfs", MS_NOEXEC, nullptr) == 0);
  REQUIRE(sys::write_file_atomically(directory + "/program", "#!/bin/sh\n", 0755));
  outcome = run_bound(directory + "/program");
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/program': lies on a file system that is mounted noexec");
  CHECK(::umount2(directory.c_str(), MNT_DETACH) == 0);
}

TEST_CASE("an empty file, and a 32-bit program under the default profile, are refused in words") {
  auto outcome = run_bound(write_file("empty", "", 0755));
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error == "exec '/program': the file is empty");

  std::string elf = std::string("\177ELF\1\1\1", 7) + std::string(57, '\0');
  elf[18] = 3;  // e_machine: 386
  outcome = run_bound(write_file("i386", elf, 0755));
  CHECK(outcome.exit_code == 126);
  CHECK(outcome.error.find("exec '/program': a 32-bit program (i686): the default seccomp profile") == 0);
}

TEST_CASE("a failed step is 125 and names what was to be done") {
  Box box("true");
  box.facts.mounts = {bind("/no/such/source", "/data")};
  auto outcome = run(box.spec());
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.error ==
        "mount bind '/no/such/source' on '/data': open mount '/no/such/source': no such file or directory");

  Box overlap("true");
  overlap.facts.lower = {overlap.facts.upper, "/"};
  outcome = run(overlap.spec());
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.error.find("(lower and upper directories overlap)") != std::string::npos);
}

TEST_CASE("an upper directory on an overlay is refused in words") {
  const Box outer("");
  REQUIRE(sys::mount("overlay", outer.facts.root, "overlay", 0,
                     fmt::format("lowerdir=/etc,upperdir={},workdir={}", outer.facts.upper, outer.facts.work)));
  const auto nested = rootfs::make_container_directories(
      {outer.facts.root + "/upper", outer.facts.root + "/work", outer.facts.root + "/root"});
  REQUIRE(!nested);
  CHECK(nested.error().message.find("is on an overlay, which cannot hold a container's files") != std::string::npos);
  CHECK(sys::umount(outer.facts.root, 0));
}

TEST_CASE("end of file before the go ends init quietly") {
  Box box("echo never");
  Launch launch(box.spec());
  launch.await_prepared();
  launch.close_sync();
  CHECK(launch.wait() == 0);
  CHECK(launch.output() == "");
}

TEST_CASE("the host's mount table and /tmp are the same after a container") {
  const auto before = sys::read_file("/proc/self/mountinfo");
  CHECK(run_script("mkdir /tmp/made-inside; echo x > /etc/made-inside; echo done").output == "done\n");
  CHECK(*sys::read_file("/proc/self/mountinfo") == *before);
  CHECK(!sys::exists("/tmp/made-inside"));
  CHECK(!sys::exists("/etc/made-inside"));
}

TEST_CASE("the host's people are hidden, its programs are not") {
  const auto outcome = run_script(
      "ls -A /root /home /tmp /run /mnt /var/tmp; stat -c '%a' /tmp /var/tmp /root; "
      "test -x /usr/bin/env && echo programs");
  CHECK(outcome.output.find("programs\n") != std::string::npos);
  std::string empty;
  for (const char* dir : {"/home", "/mnt", "/root", "/run", "/tmp", "/var/tmp"}) {
    empty += fmt::format("{}{}:\n", empty.empty() ? "" : "\n", dir);
  }
  CHECK(outcome.output.substr(0, empty.size()) == empty);

  struct stat info {};

  REQUIRE(::stat("/root", &info) == 0);
  CHECK(outcome.output.find(fmt::format("1777\n1777\n{:o}\n", info.st_mode & 07777U)) != std::string::npos);
}

TEST_CASE("volumes: parents are made, read-only is read-only, files are bound over links that dangle") {
  const std::string data = test::private_directory() + "/data";
  REQUIRE(rootfs::make_volume(data));
  Box box(
      "echo hi > /srv/a/b/c/file && cat /ro/file; echo no > /ro/file || echo refused; cat /etc/hosts; "
      "cat /run/dangling/conf");
  box.facts.mounts = {bind(data, "/srv/a/b/c"), bind(data, "/ro")};
  box.facts.mounts[1].mount.read_only = true;
  box.facts.hosts_file = write_file("hosts", "127.0.0.1 localhost\n", 0644);
  box.facts.resolv_file = write_file("resolv", "nameserver 127.0.0.1\n", 0644);
  // As systemd has it on a host: a link into /run, which is hidden.
  REQUIRE(::mkdir((box.facts.upper + "/etc").c_str(), 0755) == 0);
  REQUIRE(::symlink("../run/dangling/conf", (box.facts.upper + "/etc/resolv.conf").c_str()) == 0);
  const auto outcome = run(box.spec());
  CHECK(outcome.error == "");
  CHECK(outcome.output.find("hi\n") == 0);
  CHECK(outcome.output.find("refused\n127.0.0.1 localhost\nnameserver 127.0.0.1\n") != std::string::npos);
}

TEST_CASE("a link at a mount target cannot lead out of the container") {
  const std::string outside = test::private_directory() + "/outside";
  const std::string data = test::private_directory() + "/inside-data";
  REQUIRE(::mkdir(outside.c_str(), 0755) == 0);
  REQUIRE(rootfs::make_volume(data));
  for (const std::string& link : {outside, "../../../../../../.." + outside, "../../../.." + outside + "/new/dir"}) {
    Box box("echo written > /evil/file; grep -c ' /evil ' /proc/self/mountinfo");
    REQUIRE(::symlink(link.c_str(), (box.facts.upper + "/evil").c_str()) == 0);
    box.facts.mounts = {bind(data, "/evil")};
    const auto outcome = run(box.spec());
    CHECK(outcome.error == "");
    CHECK(sys::list_directory(outside)->empty());
    CHECK(*sys::list_directory(data) == std::vector<std::string>{"file"});
  }
}

TEST_CASE("a subpath of a volume must lie in it") {
  const std::string data = test::private_directory() + "/subpath-data";
  REQUIRE(sys::make_directories(data + "/in/deep"));
  REQUIRE(::symlink("/etc", (data + "/out").c_str()) == 0);
  Box box("ls /v");
  box.facts.mounts = {bind(data, "/v")};
  box.facts.mounts[0].mount.subpath = "in";
  CHECK(run(box.spec()).output == "deep\n");
  box.facts.mounts[0].mount.subpath = "out";
  CHECK(run(box.spec()).exit_code == 125);
}

TEST_CASE("the working directory is made, and one outside is refused") {
  Box box("pwd");
  box.service.working_dir = "/work/made/deep";
  CHECK(run(box.spec()).output == "/work/made/deep\n");
}

TEST_CASE("a read-only root cannot be written to, but /dev/shm can") {
  Box box("echo x > /file || echo refused; echo x > /dev/shm/file && echo written");
  box.service.read_only = true;
  const auto output = run(box.spec()).output;
  CHECK(output.find("refused\nwritten\n") != std::string::npos);
}

TEST_CASE("users and homes come from the container's own files") {
  Box box("id -un; echo $HOME");
  REQUIRE(::mkdir((box.facts.upper + "/etc").c_str(), 0755) == 0);
  REQUIRE(sys::write_file_atomically(box.facts.upper + "/etc/passwd", "inner:x:77:78::/inner:/bin/sh\n", 0644));
  box.service.user = "inner";
  CHECK(run(box.spec()).output == "inner\n/inner\n");
  box.service.user = "nobody-knows";
  const auto outcome = run(box.spec());
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.error == "the container's /etc/passwd has no user 'nobody-knows'");
}

TEST_CASE("a service that is not root can open its standard output again") {
  Box box("echo again > /dev/stdout");
  box.service.user = "1000";
  CHECK(run(box.spec()).output == "again\n");
}

TEST_CASE("the reaper is PID 1, forwards signals and ends as the service does") {
  Box box("test $$ -ne 1 && echo child; trap 'echo term; exit 7' TERM; echo ready; while :; do sleep 1; done");
  box.service.init = true;
  Launch launch(box.spec());
  launch.await_prepared();
  launch.say_go();
  CHECK(!launch.next());
  while (launch.output_so_far().find("ready") == std::string::npos) {
    static_cast<void>(launch.first_output());
  }
  REQUIRE(sys::send_signal(launch.pidfd(), SIGTERM));
  CHECK(launch.wait() == 7);
  CHECK(launch.output() == "child\nready\nterm\n");
}

TEST_CASE("entering a container gives the same box") {
  Box box("sleep 1000 & echo $! > /pid; wait");
  Launch first(box.spec());
  first.await_prepared();
  first.say_go();
  CHECK(!first.next());

  const std::string ns = fmt::format("/proc/{}/ns/", first.pid());
  const container::RunningContainer running{
      .name = "test", .namespace_files = {ns + "ipc", ns + "uts", ns + "net", ns + "cgroup", ns + "mnt"}};
  const container::EnterRequest request{
      .argv = {"/bin/sh", "-c",
               "hostname; echo $EXTRA; awk '/^Cap(Prm|Bnd)/{print $2}' /proc/self/status; "
               "ls /home; cat /proc/1/comm; ls /proc/self/fd | wc -l"},
      .env = {{"EXTRA", "more"}}};
  auto spec = container::compile_exec(box.service, box.facts, running, request);
  REQUIRE(spec);
  auto own = sys::open_file("/proc/self/ns/pid_for_children", O_RDONLY);
  auto pid_namespace = sys::open_file(ns + "pid", O_RDONLY);
  REQUIRE(::setns(pid_namespace->get(), CLONE_NEWPID) == 0);
  Launch second(*spec, Launch::Go::kAtOnce);
  REQUIRE(::setns(own->get(), CLONE_NEWPID) == 0);
  const auto report = second.next();
  CHECK_MESSAGE(!report, (report ? report->error.message : ""));
  CHECK(second.wait() == 0);
  CHECK(second.output() == "0123456789ab\nmore\n00000000a80425fb\n00000000a80425fb\nsh\n4\n");
}
