// The default box seen from inside. SB numbers: the checklist of the security reference, as one line of shell each.

#include <sys/syscall.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

#include "kernel/init/launch.hpp"
#include "sys/namespaces.hpp"

namespace {

using test::run;
using test::run_script;

const std::string kStatus = "st() { awk -v k=\"$1:\" '$1==k{$1=\"\";sub(/^ /,\"\");print}' /proc/1/status; }; ";

std::string in_box(const std::string& script) {
  const auto outcome = run_script(kStatus + script);
  CHECK(outcome.error == "");
  return outcome.output;
}

/// What the same shell prints outside.
std::string printed_here(const std::string& script) {
  std::FILE* pipe = ::popen(script.c_str(), "re");
  REQUIRE(pipe != nullptr);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    text += static_cast<char>(c);
  }
  ::pclose(pipe);
  return text;
}

}  // namespace

TEST_CASE("SB1 root has Docker's 14 capabilities and SB2 nothing to inherit") {
  CHECK(in_box("echo $(st CapPrm) $(st CapEff) $(st CapBnd) $(st CapInh) $(st CapAmb)") ==
        "00000000a80425fb 00000000a80425fb 00000000a80425fb 0000000000000000 0000000000000000\n");
}

TEST_CASE("SB3 a user that is not root has none, but the bounding set stays") {
  test::Box box(kStatus + "echo $(st CapPrm) $(st CapEff) $(st CapBnd) $(st CapInh)");
  box.service.user = "1234";
  CHECK(run(box.spec()).output == "0000000000000000 0000000000000000 00000000a80425fb 0000000000000000\n");
}

TEST_CASE("SB4 the primary group leads the supplementary ones") {
  test::Box box(kStatus + "st Groups; id -u; id -g");
  box.service.user = "1000:1000";
  box.service.group_add = {"2000"};
  CHECK(run(box.spec()).output == "1000 2000\n1000\n1000\n");
}

TEST_CASE("SB5 no_new_privs is off unless asked for") {
  CHECK(in_box("st NoNewPrivs") == "0\n");
  test::Box box(kStatus + "st NoNewPrivs");
  box.service.security_opt = {"no-new-privileges"};
  CHECK(run(box.spec()).output == "1\n");
}

TEST_CASE("SB6 one filter is in force, in the reaper too, with and without no_new_privs") {
  CHECK(in_box("echo $(st Seccomp) $(st Seccomp_filters)") == "2 1\n");
  test::Box box(kStatus + "echo $(st Seccomp) $(st NoNewPrivs); awk '/^Seccomp/{print $2}' /proc/self/status");
  box.service.init = true;
  CHECK(run(box.spec()).output == "2 0\n2\n1\n");
  box.service.security_opt = {"no-new-privileges:true"};
  CHECK(run(box.spec()).output == "2 1\n2\n1\n");
}

TEST_CASE("SB6 only the word unconfined unconfines, and privileged does (CVE-2023-2431)") {
  test::Box box(kStatus + "st Seccomp");
  box.service.security_opt = {"seccomp=unconfined"};
  CHECK(run(box.spec()).output == "0\n");
  box.service.security_opt = {"seccomp:builtin"};
  CHECK(run(box.spec()).output == "2\n");
  box.service.security_opt = {};
  box.service.privileged = true;
  CHECK(run(box.spec()).output == "0\n");
}

TEST_CASE("SB7 masked files are empty and SB8 masked directories too") {
  CHECK(in_box("for p in interrupts kcore keys latency_stats sched_debug timer_list timer_stats; do "
               "[ -e /proc/$p ] && wc -c </proc/$p; done | sort -u") == "0\n");
  CHECK(in_box("for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do "
               "[ -d $d ] && ls -A $d | wc -l; done | sort -u") == "0\n");
}

TEST_CASE("SB9 read-only paths keep the flags of /proc") {
  CHECK(in_box("awk '$5~\"^/proc/(bus|fs|irq|sys|sysrq-trigger)$\"{print $6}' /proc/self/mountinfo | sort -u") ==
        "ro,nosuid,nodev,noexec,relatime\n");
}

TEST_CASE("SB10 masks cannot be lifted") {
  CHECK(in_box("umount /proc/kcore && echo lifted; mount -o remount,rw /proc/sys && echo lifted").find("lifted") ==
        std::string::npos);
}

TEST_CASE("SB11 the default mounts have Docker's flags") {
  CHECK(in_box("for t in /proc /dev /dev/pts /sys /dev/mqueue /dev/shm; do awk -v t=$t "
               "'$5==t{gsub(/,relatime/,\"\",$6);o=$6}END{print o}' /proc/self/mountinfo; done") ==
        "rw,nosuid,nodev,noexec\nrw,nosuid\nrw,nosuid,noexec\nro,nosuid,nodev,noexec\nrw,nosuid,nodev,noexec\n"
        "rw,nosuid,nodev,noexec\n");
}

TEST_CASE("SB12 no mount is shared, and nothing of the host is mounted inside") {
  CHECK(in_box("grep -c shared: /proc/self/mountinfo") == "0\n");
  CHECK(in_box("grep -c cmp-init-test /proc/self/mountinfo") == "1\n");  // the options of the overlay itself
}

TEST_CASE("SB13 /dev holds the default devices and links, and nothing else") {
  CHECK(in_box("ls /dev | grep -vx core | tr '\\n' ' '") ==
        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ");
  CHECK(in_box("stat -c '%F %a %t:%T' /dev/null /dev/tty; readlink /dev/ptmx /dev/fd") ==
        "character special file 666 1:3\ncharacter special file 666 5:0\npts/ptmx\n/proc/self/fd\n");
}

TEST_CASE("SB15 shared memory is 64 MiB") {
  CHECK(in_box("dd if=/dev/zero of=/dev/shm/x bs=1M count=65 2>&1 | tail -2 | head -1") == "64+0 records out\n");
}

TEST_CASE("SB16 a network of its own has Docker's two sysctls") {
  CHECK(in_box("echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range)") ==
        "0 0 2147483647\n");
}

TEST_CASE("SB17 the oom score is 0, or what the service says") {
  CHECK(in_box("cat /proc/1/oom_score_adj") == "0\n");
  test::Box box("cat /proc/1/oom_score_adj");
  box.service.oom_score_adj = 123;
  CHECK(run(box.spec()).output == "123\n");
}

TEST_CASE("SB18 ulimits are exactly those asked for") {
  test::Box box("ulimit -Sn; ulimit -Hn; ulimit -Sc");
  box.service.ulimits = {{"nofile", {100, 200}}, {"core", {0, 0}}};
  CHECK(run(box.spec()).output == "100\n200\n0\n");
}

TEST_CASE("SB18 without ulimits they are those of the process that starts it") {
  const std::string print = "for f in c d e f i l m n p q r s t u v x; do ulimit -S$f; ulimit -H$f; done 2>/dev/null";
  CHECK(in_box(print) == printed_here(print));
}

TEST_CASE("SB19 every namespace is its own, that of the clocks where the kernel has it") {
  std::string names = "mnt net uts pid ipc cgroup";
  if (cmp::sys::has_time_namespaces()) {
    names += " time";
  } else {
    MESSAGE("skipped: this kernel has no time namespaces");
  }
  const std::string print = "for n in " + names + "; do readlink /proc/self/ns/$n; done";
  const std::string host = printed_here(print);
  const std::string inside = in_box(print);
  CHECK(std::ranges::count(inside, '\n') == std::ranges::count(names, ' ') + 1);
  for (std::size_t at = 0; at < inside.size(); at = inside.find('\n', at) + 1) {
    const std::string line = inside.substr(at, inside.find('\n', at) - at);
    CHECK_MESSAGE(host.find(line) == std::string::npos, line);
  }
}

TEST_CASE("SB20 every cgroup is the root of its namespace") {
  CHECK(in_box("sed 's/.*://' /proc/self/cgroup | sort -u") == "/\n");
  CHECK(run_script("mkdir /sys/fs/cgroup/x").exit_code == 1);
}

TEST_CASE("SB21 the session keyring is nobody else's") {
  const std::string number = "import ctypes; print(ctypes.CDLL(None).syscall(" + std::to_string(SYS_keyctl) +
                             ", 0, -3, 0))";  // KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING
  const std::string ask = "python3 -c '" + number + "'";
  test::Box box(ask);
  box.service.security_opt = {"seccomp=unconfined"};
  const std::string first = run(box.spec()).output;
  test::Box other(ask);
  other.service.security_opt = {"seccomp=unconfined"};
  CHECK(std::strtol(first.c_str(), nullptr, 10) > 0);
  CHECK(run(other.spec()).output != first);
  CHECK(printed_here(ask) != first);
  CHECK(in_box(ask) == "-1\n");  // the default profile refuses the call
}

TEST_CASE("SB22 the service has descriptors 0, 1 and 2 only") {
  test::Box box("");
  box.service.entrypoint = std::vector<std::string>{"ls", "/proc/self/fd"};
  CHECK(run(box.spec()).output == "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

TEST_CASE("SB23 umask, directory and environment") {
  CHECK(in_box("umask; pwd; readlink /proc/1/cwd; env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= -e ^OLDPWD= | sort") ==
        "0022\n/\n/\nHOME=/root\nHOSTNAME=0123456789ab\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

TEST_CASE("SB24 host name, mounts and namespaces are out of reach") {
  CHECK(in_box("hostname; hostname x || echo no; mount -t tmpfs t /mnt || echo no; unshare -m true || echo no")
            .find("0123456789ab\n") == 0);
  CHECK(in_box("hostname x 2>/dev/null || echo no; mount -t tmpfs t /mnt 2>/dev/null || echo no; "
               "unshare -m true 2>/dev/null || echo no; unshare -U true 2>/dev/null || echo no") == "no\nno\nno\nno\n");
}

TEST_CASE("SB24 neither the clock nor the kernel's log is within reach") {
  CHECK(in_box("date -s @$(date +%s) >/dev/null 2>&1 || echo no; dmesg >/dev/null 2>&1 || echo no") == "no\nno\n");
}

TEST_CASE("SB25 there is lo, and no link can be made") {
  CHECK(in_box("ls /sys/class/net; ip link add dev d0 type dummy 2>/dev/null || echo no") == "lo\nno\n");
}

TEST_CASE("SB26 abstract sockets of the host are not visible and SB28 core_pattern cannot be opened") {
  CHECK(in_box("wc -l </proc/net/unix") == "1\n");
  CHECK(run_script(": >/proc/sys/kernel/core_pattern").exit_code != 0);
}

TEST_CASE("a first process has every signal at its default, none blocked") {
  CHECK(in_box("sed -n 's/^Sig[BI][lg][kn]:.//p' /proc/self/status") == "0000000000000000\n0000000000000000\n");
}

TEST_CASE("privileged has every available capability, a writable /sys and no masks") {
  test::Box box(kStatus +
                "st CapEff; awk '$5==\"/sys\"{print $6}' /proc/self/mountinfo; "
                "grep -c ' /proc/' /proc/self/mountinfo");
  box.service.privileged = true;
  const auto outcome = run(box.spec());
  char mask[40];
  std::snprintf(mask, sizeof mask, "%016llx\n", static_cast<unsigned long long>(box.facts.available_capabilities));
  CHECK(outcome.output == std::string(mask) + "rw,nosuid,nodev,noexec,relatime\n0\n");
}
