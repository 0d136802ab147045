"""The escape suite: what root in a default container tries, by rows of the vulnerability ledger, through the product.

What a launch alone can be measured by is in tests/kernel/init/escape_test.cpp.
"""
import hashlib
import os
import socket

from world import expect, expect_equal

SLEEPER = "services: {a: {x-rootfs: host, command: sleep 1000%s}}\n"


def up(world, keys=""):
    world.compose(SLEEPER % (", " + keys if keys else ""))
    world.cmp("up", "-d")


def inside(world, command, *options, code=0):
    return world.cmp("exec", "-T", *options, "a", "sh", "-c", command, code=code)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


WATCHER = r"""
import os, sys, time
end, seen, found = time.monotonic() + 20, set(os.listdir("/proc")), []
own = os.stat("/").st_dev
print("watching", flush=True)
while time.monotonic() < end and not os.path.exists("/tmp/end"):
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or pid in seen:
            continue
        for name in ("cwd", "root"):
            try:
                if os.stat("/proc/%s/%s" % (pid, name)).st_dev != own:
                    found.append(name)
            except OSError:
                pass
        try:
            for fd in os.listdir("/proc/%s/fd" % pid):
                target = os.readlink("/proc/%s/fd/%s" % (pid, fd))
                if sys.argv[1] in target:
                    found.append(target)
        except OSError:
            pass
        try:
            os.close(os.open("/proc/%s/exe" % pid, os.O_WRONLY))
            found.append("exe")
        except OSError:
            pass
print(sorted(set(found)))
"""


def nothing_of_the_host_shows_in_a_process_that_enters(world):
    """CVE-2016-9962, CVE-2019-5736, CVE-2024-21626: descriptors, directories and the program of one that is entering."""
    world.write("watcher", WATCHER)
    up(world, "volumes: ['./watcher:/watcher']")
    before = digest(world.binary)
    watcher = world.start("exec", "-T", "a", "python3", "/watcher", world.top)
    expect_equal(watcher.stdout.readline(), b"watching\n", "the watcher")
    for _ in range(15):
        inside(world, "true")
    inside(world, "touch /tmp/end")
    out, _ = watcher.communicate(timeout=30)
    expect_equal(out.decode().strip(), "[]", "what it found")
    expect_equal(digest(world.binary), before, "the binary")
    world.down()


THIEF = r"""
import os, sys, time
seen, stolen = set(os.listdir("/proc")), False
print("watching", flush=True)
end = time.monotonic() + 20
while time.monotonic() < end and not os.path.exists("/tmp/end"):
    for pid in os.listdir("/proc"):
        if pid.isdigit() and pid not in seen:
            try:
                fd = os.open("/proc/%s/exe" % pid, os.O_RDONLY)
                stolen |= os.fstat(fd).st_ino == int(sys.argv[1])
                os.close(fd)
            except OSError:
                pass
print("stolen" if stolen else "safe")
"""


def a_program_that_runs_its_own_runner_gets_a_copy(world):
    """CVE-2019-5736: `#!/proc/self/exe` makes exec run cmp itself inside, where its file could be opened and kept."""
    world.write("thief", THIEF)
    world.write("trap", "#!/proc/self/exe version\n", 0o755)
    up(world, "volumes: ['./thief:/thief', './trap:/trap']")
    thief = world.start("exec", "-T", "a", "python3", "/thief", str(os.stat(world.binary).st_ino))
    expect_equal(thief.stdout.readline(), b"watching\n", "the thief")
    for _ in range(15):
        world.cmp("exec", "-T", "a", "/trap", code=None)
    inside(world, "touch /tmp/end")
    out, _ = thief.communicate(timeout=30)
    expect_equal(out.decode().strip(), "safe", "cmp's own file")
    world.down()


def no_working_directory_of_exec_leads_out(world):
    """CVE-2024-21626."""
    up(world)
    for number in range(3, 9):
        done = inside(world, "pwd -P", "-w", "/proc/self/fd/%d" % number, code=None)
        expect(done.code != 0 or done.out.startswith("/"), "exec -w of descriptor %d: %s" % (number, done.text))
        expect(world.top not in done.out, "exec -w of descriptor %d leads to the host" % number)
    world.down()


def exec_as_a_number_is_never_root(world):
    """CVE-2026-30892, CVE-2016-3697."""
    up(world)
    expect_equal(inside(world, "id -u", "-u", "1").out, "1\n", "exec -u 1")
    for user in ("4294967296", "2147483648", "-1", "0x0", " 0"):
        done = inside(world, "id -u", "--user=" + user, code=None)
        expect(done.code != 0 and done.out == "", "exec as '%s': %s" % (user, done.text))
    world.down()


def abstract_sockets_of_the_host_are_its_own(world):
    """CVE-2020-15257: cmp has none, and a container with a network of its own sees nobody's."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0cmp-test-%d" % os.getpid())
        listener.listen()
        up(world)
        expect_equal(inside(world, "grep -c @ /proc/net/unix; true").out, "0\n", "abstract sockets inside")
        with open("/proc/net/unix", encoding="utf-8") as file:
            names = [line.split()[-1] for line in file if " @" in line]
        expect(all("cmp-test" in name for name in names), "abstract sockets: %s" % names)
    world.down()


def environments_do_not_mix(world):
    """CVE-2020-14370, CVE-2021-21334: neither that of another service nor the caller's."""
    world.compose("services:\n" + "".join(
        "  s%d: {x-rootfs: host, command: sleep 1000, environment: {OWN: 'secret-%d'}}\n" % (i, i) for i in range(4)))
    world.cmp("up", "-d", env={"CANARY": "of the caller"})
    for i in range(4):
        with open("/proc/%d/environ" % world.pid("s%d" % i), "rb") as file:
            environment = file.read()
        expect(b"secret-%d" % i in environment and environment.count(b"secret-") == 1, "environment of s%d" % i)
        expect(b"CANARY" not in environment and b"CMP_" not in environment, "the caller's environment in s%d" % i)
    world.down()


def others_on_the_host_can_read_nothing(world):
    """CVE-2021-41091, CVE-2021-41103, CVE-2024-25621: what cmp keeps of a service is for root."""
    up(world, "environment: {PASSWORD: canary}")
    readable = []
    for top in (world.run_dir, world.state_dir):
        for directory, _, files in os.walk(top):
            for path in (os.path.join(directory, name) for name in files):
                if os.path.islink(path) or not os.path.isfile(path) or not os.stat(path).st_mode & 0o004:
                    continue
                with open(path, "rb") as file:
                    if b"canary" in file.read() and all(os.stat(above).st_mode & 0o001 for above in parents(path)):
                        readable.append(path)
    expect(not readable, "readable for everybody: %s" % readable)
    world.down()


def parents(path):
    while path != "/":
        path = os.path.dirname(path)
        yield path


def root_inside_cannot_get_at_the_kernel(world):
    """CVE-2022-0492, CVE-2022-0185: user namespaces, raw memory, other mounts, helpers of the kernel."""
    up(world)
    # Files are opened only: harmless where it succeeds.
    tries = ["unshare -Ur true", "unshare -m true", "mount -t cgroup -o memory c /mnt", "mount -t proc p /mnt",
             "mount --bind / /mnt", "mount -o remount,rw /sys", ": >>/proc/sys/kernel/core_pattern",
             ": >>/proc/sys/kernel/modprobe", ": >>/sys/kernel/uevent_helper", ": >>/proc/sysrq-trigger",
             "umount /proc/kcore", "umount -l /sys/firmware", "mkdir /sys/fs/cgroup/x", "ls /sys/firmware | grep .",
             "mknod /tmp/mem c 1 1 && : </tmp/mem", "mknod /tmp/sda b 8 0 && : </tmp/sda", "dmesg",
             "ip link add d0 type dummy", "hostname x", "chroot /proc/1/root mount -t tmpfs t /mnt"]
    script = "".join("({ %s; }) >/dev/null 2>&1 && echo '%s'; " % (one, one) for one in tries) + "echo end"
    expect_equal(inside(world, script).out, "end\n", "what worked")
    world.down()


SCENARIOS = [
    nothing_of_the_host_shows_in_a_process_that_enters, a_program_that_runs_its_own_runner_gets_a_copy,
    no_working_directory_of_exec_leads_out,
    exec_as_a_number_is_never_root, abstract_sockets_of_the_host_are_its_own, environments_do_not_mix,
    others_on_the_host_can_read_nothing, root_inside_cannot_get_at_the_kernel,
]
