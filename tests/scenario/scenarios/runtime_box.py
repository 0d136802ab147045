"""cmp as an OCI runtime: the box that a config.json asks for."""
import array
import json
import os
import shutil
import socket
import subprocess

import sandbox
from bundle import CAPABILITIES, Bundle
from world import Skip, eventually, expect, expect_equal, expect_in


def the_process_gets_what_its_config_says(world):
    def change(config):
        config["process"].update({
            "cwd": "/made/for/it", "user": {"uid": 7, "gid": 8, "umask": 0o27, "additionalGids": [9, 10]},
            "noNewPrivileges": True, "oomScoreAdj": 300,
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}],
            "capabilities": {"bounding": CAPABILITIES, "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"],
                             "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}})
        config.update({"hostname": "inside", "domainname": "example"})
        config["linux"].update({"sysctl": {"net.core.somaxconn": "99"}, "maskedPaths": ["/proc/cpuinfo", "/proc/acpi", "/proc/absent"],
                                "readonlyPaths": ["/proc/sys"]})
        config["root"]["readonly"] = True

    bundle = Bundle(world, "process", change=change)
    bundle.config["process"]["args"][2] = (
        "umask; pwd; id -u; id -g; id -G; hostname; cat /proc/sys/kernel/domainname /proc/sys/net/core/somaxconn "
        "/proc/self/oom_score_adj; ulimit -n; ulimit -Hn; wc -c </proc/cpuinfo; awk '$5==\"/\"{print substr($6,1,2)}' "
        "/proc/self/mountinfo; awk '$5==\"/proc/sys\"{print substr($6,1,2)}' /proc/self/mountinfo; "
        "awk '/^(Cap|NoNew)/{print $2}' /proc/self/status; ls /proc/self/fd")
    bundle.write()
    kill = "%016x" % (1 << 5)
    bounding = "%016x" % (1 << 0 | 1 << 5 | 1 << 10)
    expect_equal(bundle.run().split(), ["0027", "/made/for/it", "7", "8", "8", "9", "10", "inside", "example", "99",
                                        "300", "100", "200", "0", "ro", "ro", kill, kill, kill, bounding, kill, "1",
                                        "0", "1", "2", "3"], "what the process sees")


def mounts_are_as_their_options_say(world):
    source = world.top + "/source"
    os.makedirs(source)
    open(source + "/file", "w", encoding="utf-8").close()
    bundle = Bundle(world, "mounts")
    bundle.config["mounts"] += [
        {"destination": "/ro", "type": "bind", "source": source, "options": ["rbind", "ro", "noexec", "nosuid"]},
        {"destination": "/etc/one", "type": "bind", "source": source + "/file", "options": ["bind"]},
        {"destination": "relative", "type": "tmpfs", "source": "tmpfs", "options": ["size=4k", "nodev"]},
        {"destination": "/shared", "type": "tmpfs", "source": "tmpfs", "options": ["shared"]},
        {"destination": "/copied", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "ro"]},
        {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]},
    ]
    os.makedirs(bundle.path("/copied/deep"))
    os.symlink("deep", bundle.path("/copied/link"))
    with open(bundle.path("/copied/deep/text"), "w", encoding="utf-8") as file:
        file.write("kept\n")
    bundle.config["process"]["args"][2] = (
        "touch /ro/x 2>/dev/null || echo refused; awk '$5==\"/ro\"{print $6}' /proc/self/mountinfo; test -f /etc/one && "
        "echo file; awk '$5==\"/relative\"||$5==\"/shared\"{print $6, $7}' /proc/self/mountinfo | head -n 2; "
        "cat /copied/link/text; touch /copied/x 2>/dev/null || echo refused; "
        "mkdir /sys/fs/cgroup/memory/x /sys/fs/cgroup/x 2>/dev/null || echo refused")
    bundle.write()
    lines = bundle.run().splitlines()
    expect_equal(lines[0:1] + lines[2:3] + lines[5:], ["refused", "file", "kept", "refused", "refused"], "the output")
    expect_in("ro,nosuid,noexec", lines[1])
    expect_in("nodev", lines[3])
    expect_in("shared:", lines[4])
    expect(not os.path.exists(source + "/x"), "a read-only source was written")


def namespaces_are_mapped_shared_and_shifted(world):
    first = Bundle(world, "first")
    first.create()
    pid = first.state()["pid"]
    second = Bundle(world, "second", "readlink /proc/self/ns/net; readlink /proc/self/ns/uts; id -u; "
                    "cat /proc/self/uid_map; cat /dev/null && echo null; touch /tmp/mine; cut -d. -f1 /proc/uptime")
    os.symlink("busybox", second.path("/bin/cut"))
    for entry in second.config["linux"]["namespaces"]:
        if entry["type"] in ("network", "uts"):
            entry["path"] = "/proc/%d/ns/%s" % (pid, {"network": "net"}.get(entry["type"], entry["type"]))
    shifted = os.path.exists("/proc/self/ns/time")
    second.config["linux"]["namespaces"] += [{"type": "user"}] + ([{"type": "time"}] if shifted else [])
    if shifted:
        second.config["linux"]["timeOffsets"] = {"boottime": {"secs": 5000000}}
    mapping = [{"containerID": 0, "hostID": 100000, "size": 1000}]
    second.config["linux"].update({"uidMappings": mapping, "gidMappings": mapping})
    second.write()
    for directory, folders, _ in os.walk(second.dir + "/rootfs"):
        for path in [directory] + ["%s/%s" % (directory, folder) for folder in folders]:
            os.chown(path, 100000, 100000, follow_symlinks=False)
    lines = second.run().split()
    expect_equal(lines[:7], [os.readlink("/proc/%d/ns/%s" % (pid, kind)) for kind in ("net", "uts")] +
                 ["0", "0", "100000", "1000", "null"], "what it sees")
    expect_equal(os.stat(second.path("/tmp/mine")).st_uid, 100000, "the owner on the host")
    if shifted:
        expect(int(lines[7]) >= 5000000, "the clock is not shifted: " + lines[7])
    first.oci("delete", "--force", "first")


def a_hostile_root_reaches_nothing_of_the_host(world):
    sentinel = world.top + "/sentinel"
    os.makedirs(sentinel)
    for link, mount in (("dev", None), ("data", "/data/inner"), ("etc", "/etc/deep/er")):
        bundle = Bundle(world, "evil", "true")
        bundle.config["mounts"] = [entry for entry in bundle.config["mounts"] if not entry["destination"].startswith("/dev")]
        if mount is not None:
            bundle.config["mounts"].append({"destination": mount, "type": "tmpfs", "source": "tmpfs"})
        path = bundle.path("/" + link)
        shutil.rmtree(path, ignore_errors=True)
        os.symlink("../" * 12 + sentinel.lstrip("/"), path)
        bundle.config["process"]["cwd"] = "/%s/made" % link
        bundle.write()
        subprocess.run([world.binary, "oci", "--root=%s/oci" % world.top, "run", "--bundle", bundle.dir, "evil"],
                       env=world.env, capture_output=True, timeout=30, check=False)
        expect_equal(os.listdir(sentinel), [], "what a link at /%s let through" % link)


def a_terminal_goes_to_the_console_socket(world):
    bundle = Bundle(world, "console", "tty; echo done")
    bundle.config["process"]["terminal"] = True
    bundle.write()
    path = world.top + "/console.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    listener.settimeout(10)
    bundle.create("--console-socket", path)
    peer, _ = listener.accept()
    _, ancillary, _, _ = peer.recvmsg(64, socket.CMSG_SPACE(4))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2][:4])
    bundle.oci("start", "console")
    seen = b""
    try:
        while b"done" not in seen:
            seen += os.read(descriptors[0], 1024)
    except OSError:
        pass
    os.close(descriptors[0])
    peer.close()
    listener.close()
    expect_in("/dev/pts/0", seen.decode())
    bundle.is_now("stopped")
    bundle.oci("delete", "console")


def a_system_call_is_filtered_as_the_profile_says(world):
    def change(config):
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                                      "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
                                                    "errnoRet": 38}]}

    bundle = Bundle(world, "filtered", "mkdir /tmp/x 2>&1; grep ^Seccomp: /proc/self/status", change)
    out = bundle.run()
    expect_in("Function not implemented", out)
    expect_in("Seccomp:\t2", out)


def how_a_process_is_scheduled_and_what_it_takes_the_machine_for(world):
    def change(config):
        config["process"]["scheduler"] = {"policy": "SCHED_BATCH", "nice": 7}
        config["process"]["ioPriority"] = {"class": "IOPRIO_CLASS_IDLE", "priority": 0}
        config["linux"]["personality"] = {"domain": "LINUX32"}

    bundle = Bundle(world, "scheduled", "echo ready; exec sleep 1000", change)
    bundle.create()
    bundle.oci("start", "scheduled")
    pid = bundle.state()["pid"]
    eventually(lambda: bundle.log() == "ready\n", "it runs")
    expect_equal(os.sched_getscheduler(pid), os.SCHED_BATCH, "the policy")
    expect_equal(os.getpriority(os.PRIO_PROCESS, pid), 7, "nice")
    with open("/proc/%d/personality" % pid, encoding="ascii") as file:
        expect_equal(int(file.read(), 16) & 0xff, 8, "the personality")
    process = bundle.dir + "/process.json"
    with open(process, "w", encoding="utf-8") as file:
        json.dump({"args": ["sh", "-c", "grep Cpus_allowed_list /proc/self/status; cat /proc/self/personality"],
                   "cwd": "/", "env": ["PATH=/bin"], "execCPUAffinity": {"initial": "0", "final": "0"}}, file)
    lines = bundle.oci("exec", "--process", process, "scheduled").out.split()
    expect_equal(lines[1:], ["0", "00000008"], "a further process's processors and personality")
    bundle.oci("delete", "--force", "scheduled")


def mounts_have_their_ids_mapped(world):
    source = world.top + "/ids"
    os.makedirs(source)
    os.chown(source, 5, 6)
    hidden = world.top + "/hidden"
    os.makedirs(hidden + "/dir", 0o700)
    os.chmod(hidden, 0o700)

    def change(config):
        config["mounts"] += [
            {"destination": "/mapped", "type": "bind", "source": source, "options": ["bind"],
             "uidMappings": [{"containerID": 5, "hostID": 1005, "size": 1}],
             "gidMappings": [{"containerID": 6, "hostID": 1006, "size": 1}]},
        ]

    bundle = Bundle(world, "mapped", "stat -c '%u %g' /mapped", change)
    done = bundle.oci("run", "--bundle", bundle.dir, "mapped", code=None)
    if "does not take id mappings" in done.err:
        raise Skip("the file system of %s has no id-mapped mounts" % source)
    expect_equal(done.out, "1005 1006\n", "the owner in the mount")

    def own_users(config):
        config["linux"]["namespaces"].append({"type": "user"})
        mapping = [{"containerID": 0, "hostID": 100000, "size": 1000}]
        config["linux"].update({"uidMappings": mapping, "gidMappings": mapping})
        config["mounts"] += [{"destination": "/mapped", "type": "bind", "source": source, "options": ["bind", "idmap"]},
                             {"destination": "/reached", "type": "bind", "source": hidden + "/dir", "options": ["rbind", "ro"]}]

    bundle = Bundle(world, "mapped", "stat -c '%u %g' /mapped; touch /reached/x 2>/dev/null || echo refused", own_users)
    for directory, folders, _ in os.walk(bundle.dir + "/rootfs"):
        for path in [directory] + ["%s/%s" % (directory, folder) for folder in folders]:
            os.chown(path, 100000, 100000, follow_symlinks=False)
    expect_equal(bundle.run(), "5 6\nrefused\n", "what root of a user namespace sees")


def no_link_stands_for_a_view_of_the_kernel(world):
    """CVE-2019-19921, CVE-2025-54867."""
    for view, kind in (("/proc", "proc"), ("/sys", "sysfs")):
        bundle = Bundle(world, "linked", "true")
        bundle.config["mounts"] = [{"destination": view, "type": kind, "source": kind}]
        os.rmdir(bundle.path(view))
        os.symlink("/tmp", bundle.path(view))
        bundle.write()
        expect_in("must be mounted on ordinary directory", bundle.oci("run", "--bundle", bundle.dir, "linked",
                                                                         code=1).err)


def hooks_in_the_container_have_no_more_rights_than_it(world):
    def change(config):
        config["process"]["user"] = {"uid": 7, "gid": 8}
        config["process"]["args"] = ["cat", "/tmp/hook"]
        config["hooks"] = {"startContainer": [
            {"path": "/bin/sh", "args": ["sh", "-c", "id -u >/tmp/hook; mkdir /tmp/x 2>>/tmp/hook; echo $CALLER >>/tmp/hook"]}]}
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}

    bundle = Bundle(world, "hooked", "true", change)
    os.chmod(bundle.path("/tmp"), 0o777)
    out = bundle.oci("run", "--bundle", bundle.dir, "hooked", env={"CALLER": "inherited"}).out.splitlines()
    expect_equal((out[0], out[2]), ("7", "inherited"), "the user of the hook, and the environment it inherits")
    expect_in("not permitted", out[1])


def descriptors_are_the_callers_or_none(world):
    """What is not the caller's must not become ours (CVE-2024-21626), and sockets of a service manager go along."""
    bundle = Bundle(world, "passed", "ls /proc/self/fd; echo $LISTEN_FDS $LISTEN_PID; cat /dev/fd/3")
    read_end, write_end = os.pipe()
    os.write(write_end, b"handed over\n")
    os.close(write_end)
    descriptor = os.dup2(read_end, 3) if read_end != 3 else read_end
    done = subprocess.run([world.binary, "oci", "--root=%s/oci" % world.top, "run", "--preserve-fds=20", "--bundle",
                           bundle.dir, "passed"], env={**world.env, "LISTEN_FDS": "1"}, capture_output=True, text=True,
                          pass_fds=(descriptor,), timeout=30, check=False)
    expect_equal(done.stdout.split("\n")[-3:], ["1 1", "handed over", ""], "the output (%s)" % done.stderr)
    open_ones = done.stdout.split("\n")[:-3]
    expect(set(open_ones) <= {"0", "1", "2", "3", "4"}, "descriptors inside: %s" % open_ones)


SCENARIOS = (
    the_process_gets_what_its_config_says,
    mounts_are_as_their_options_say,
    namespaces_are_mapped_shared_and_shifted,
    a_hostile_root_reaches_nothing_of_the_host,
    a_terminal_goes_to_the_console_socket,
    a_system_call_is_filtered_as_the_profile_says,
    how_a_process_is_scheduled_and_what_it_takes_the_machine_for,
    mounts_have_their_ids_mapped,
    no_link_stands_for_a_view_of_the_kernel,
    hooks_in_the_container_have_no_more_rights_than_it,
    descriptors_are_the_callers_or_none,
)
