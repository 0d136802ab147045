"""A place to run in where nothing else happens, and the comparison of the machine before and after.

The sandbox is a network, mount and process namespace: whatever cmp makes is ours, and ends with it. Control groups have
no such walls; cmp names its own after the run directory, so they are found by name.
"""
import hashlib
import os
import signal
import subprocess
import time

from world import Failure

MARK = "CMP_SCENARIO_SANDBOX"
SECONDS_TO_SETTLE = 3.0
CGROUP_ROOT = "/sys/fs/cgroup"
KERNEL = ("0", "2")  # parents of kernel threads; nobody of ours has them but process 1


def inside():
    return MARK in os.environ


def enter(command):
    """Replaces this process by one that runs the command in a sandbox. Process 1 there only reaps."""
    os.environ[MARK] = "1"
    reaper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reaper.py")
    os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                          command[0], reaper] + command)


def prepare():
    """Inside: loopback up, no forwarding, and memory under /var/tmp: it can carry an overlay's upper layer whatever the
    host's file system is, and removing many files is no matter of the disk."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for switch in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):  # as the host has it: another tool may need it
        path = "/proc/sys/net/" + switch
        if os.path.exists(path):
            with open(path, "w", encoding="utf-8") as file:
                file.write("0")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/var/tmp"], check=True)


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""


def processes():
    """pid → what it is called, without this process, process 1, the kernel's own and zombies about to be reaped."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) in (1, os.getpid()):
            continue
        try:
            with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
            with open("/proc/%s/cmdline" % entry, "rb") as file:
                title = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:
            continue
        if state not in "ZX" and parent not in KERNEL:
            found[int(entry)] = title
    return found


def namespaces():
    found = set()
    for pid in processes():
        for kind in ("mnt", "net", "pid", "ipc", "uts", "cgroup"):
            try:
                found.add(os.readlink("/proc/%d/ns/%s" % (pid, kind)))
            except OSError:
                pass
    return found


def cgroup_name(world):
    """The top group of a run directory that is not the system's (state/paths.cpp)."""
    return "cmp-" + hashlib.sha256(world.run_dir.encode()).hexdigest()[:8]


def cgroups(world):
    """Directories of this world's groups, in every hierarchy, deepest first."""
    top = cgroup_name(world)
    found = []
    for directory, names, _ in os.walk(CGROUP_ROOT, topdown=True):
        relative = os.path.relpath(directory, CGROUP_ROOT)
        if top in relative.split(os.sep):
            found.append(directory)
        elif relative.count(os.sep) > 4:
            names[:] = []
    return sorted(found, key=lambda path: (-path.count("/"), path))


def mounts():
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return ["%s on %s" % (fields[fields.index("-") + 1], fields[4]) for fields in (line.split() for line in file)]


def devices():
    with open("/proc/net/dev", encoding="utf-8") as file:
        return [line.split(":")[0].strip() for line in file if ":" in line]


def tree(top):
    return ["%s/%s" % (directory, name) for directory, folders, files in os.walk(top) for name in folders + files]


class Snapshot:
    """What the machine has that cmp could leave behind."""

    def __init__(self, world):
        self.things = {
            "process": ["%d %s" % entry for entry in processes().items()],
            "namespace": sorted(namespaces()),
            "mount": mounts(),
            "network device": devices(),
            "route": output_of("ip", "route", "show", "table", "all").splitlines(),
            "nft rule": output_of("nft", "list", "ruleset").splitlines(),
            "sysctl": [open("/proc/sys/net/ipv4/ip_forward", encoding="utf-8").read().strip()],
            "cgroup": cgroups(world),
            "file in the run directory": tree(world.run_dir),
        }

    def difference(self, other):
        """`+ thing` for what is new in the other, `- thing` for what is gone."""
        lines = []
        for kind, mine in self.things.items():
            theirs = other.things[kind]
            lines += ["+ %s %s" % (kind, thing) for thing in theirs if thing not in mine]
            lines += ["- %s %s" % (kind, thing) for thing in mine if thing not in theirs]
        return lines


def expect_as_before(before, world):
    """Fails unless the machine is as before. The last of the supervisor's own end may still be under way."""
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    while True:
        lines = before.difference(Snapshot(world))
        if not lines:
            return
        if time.monotonic() > deadline:
            raise Failure("something is left: " + "; ".join(lines))
        time.sleep(0.02)


def clean_up(before, world):
    """After a failure: ends and removes what is new. Only in a sandbox may all processes be taken for ours."""
    thaw(cgroups(world))
    if inside():
        kill_processes(set(before.things["process"]))
    for place in reversed([mount.split(" on ", 1)[1] for mount in mounts() if mount not in before.things["mount"]]):
        subprocess.run(["umount", "-l", place.encode().decode("unicode_escape")], stderr=subprocess.DEVNULL, check=False)
    for device in devices():
        if device not in before.things["network device"] and device.startswith("cmp"):
            subprocess.run(["ip", "link", "delete", device], stderr=subprocess.DEVNULL, check=False)
    for directory in cgroups(world):
        remove_cgroup(directory)


def thaw(directories):
    """A frozen process of cgroup v1 does not die of SIGKILL."""
    for directory in directories:
        for name, text in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
            try:
                with open(os.path.join(directory, name), "r+", encoding="ascii") as file:
                    file.write(text)
            except OSError:
                pass  # no freezer there, or gone already


def kill_processes(before):
    for _ in range(100):
        left = [pid for pid, title in processes().items() if "%d %s" % (pid, title) not in before]
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)


def remove_cgroup(directory):
    for _ in range(100):
        try:
            os.rmdir(directory)
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)
