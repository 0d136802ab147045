"""Rows of the vulnerability ledger that need no hostile program inside: input that a file or an image brings along."""
import os
import shutil
import stat

from bundle import Bundle
from world import expect, expect_equal, expect_in


def root_of(world):
    """A root of a static busybox in the project's directory, for x-rootfs."""
    shutil.copytree(Bundle(world, "base").dir + "/rootfs", world.dir + "/root", symlinks=True)
    return world.dir + "/root"


def people_of_a_root_are_read_from_plain_files_of_sane_size(world):
    """CVE-2024-9676, CVE-2025-4437, CVE-2026-47262: a link, a pipe, a file without end, a directory."""
    passwd = root_of(world) + "/etc/passwd"
    world.compose("services: {a: {x-rootfs: ./root, command: sleep 1000, user: daemon}}\n")
    for make, why in ((lambda: os.symlink("../" * 12 + "etc/passwd", passwd), "symbolic links"),
                      (lambda: os.mkfifo(passwd), "not a regular file"),
                      (lambda: os.truncate(os.open(passwd, os.O_CREAT | os.O_RDWR), 1 << 30), "larger than"),
                      (lambda: os.mkdir(passwd), "not a regular file")):
        make()
        expect_in(why, world.cmp("up", "-d", code=1, timeout=10).err)
        shutil.rmtree(passwd) if os.path.isdir(passwd) and not os.path.islink(passwd) else os.unlink(passwd)
    expect_equal(world.project_left(), [], "what is left")


def numbers_without_end_are_refused_and_labels_change_nothing(world):
    """CVE-2018-20699, CVE-2022-4318, CVE-2023-6476, CVE-2026-53488."""
    for key, why in (("cpuset: 0-4294967295", "no list of processors"), ("hostname: \"a\\nb\"", "no host name"),
                     ("ulimits: {nofile: {soft: 5, hard: 4}}", "the soft limit 5 is above the hard one, 4")):
        world.compose("services: {a: {x-rootfs: host, command: sleep 1000, %s}}\n" % key)
        expect_in(why, world.cmp("up", "-d", code=1).err)
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, labels: {com.docker.compose.project: other, "
                  "com.docker.compose.service: b, io.kubernetes.cri-o.Devices: /dev/sda}}}\n")
    expect_in("is reserved", world.cmp("up", "-d").err)
    labels = world.ps()["a"]["Labels"]
    expect_in("com.docker.compose.project=%s," % world.name, labels)
    expect("=other" not in labels, "the labels: %s" % labels)
    world.down()


def a_service_that_may_not_write_cannot_fill_the_disk(world):
    """CVE-2020-8557: nor by the files in /etc that cmp has made for it; what exec prints is kept nowhere."""
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, read_only: true, tmpfs: ['/t:exec,uid=5,mode=700']}}\n")
    world.cmp("up", "-d")
    script = "for name in hosts hostname resolv.conf; do echo x >>/etc/$name && echo written; done 2>/dev/null; " \
             "stat -c '%u %a' /t; cp /bin/true /t/ && /t/true && echo executed"
    expect_equal(world.cmp("exec", "-T", "a", "sh", "-c", script).out, "5 700\nexecuted\n", "what can be written")
    printed = world.cmp("exec", "-T", "a", "head", "-c", "64M", "/dev/zero").out
    expect_equal(len(printed), 64 << 20, "what exec has printed")
    with open("/proc/%d/status" % world.role("supervisor"), encoding="ascii") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
    expect(peak < 64 << 10, "the supervisor grew to %d KiB" % peak)
    world.down()


def the_callers_terminal_is_not_handed_in(world):
    """CVE-2017-5226: whoever has the caller's terminal can type into it (TIOCSTI)."""
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}}\n")
    world.cmp("up", "-d")
    terminal = world.terminal("exec", "a", "sh", "-c", "stat -L -c 'device %t:%T on %d' /proc/self/fd/0; sleep 1000")
    terminal.read_until("device ")
    for pid in sorted(filter(str.isdigit, os.listdir("/proc/%d/root/proc" % world.pid("a"))), key=int)[1:]:
        for number in ("0", "1", "2"):
            path = "/proc/%d/root/proc/%s/fd/%s" % (world.pid("a"), pid, number)
            if os.path.exists(path) and stat.S_ISCHR(os.stat(path).st_mode):
                expect(os.stat(path).st_dev != os.stat("/dev/pts").st_dev, "descriptor %s is the caller's terminal" % number)
    world.down()


SCENARIOS = (
    people_of_a_root_are_read_from_plain_files_of_sane_size,
    numbers_without_end_are_refused_and_labels_change_nothing,
    a_service_that_may_not_write_cannot_fill_the_disk,
    the_callers_terminal_is_not_handed_in,
)
