"""Namespaces in all forms: private, the host's, none, another container's."""
import os
import socket

from world import World, eventually, expect, expect_equal, expect_in

SLEEP = "command: [sleep, '1000']"


def namespace(pid, kind):
    return os.readlink("/proc/%s/ns/%s" % (pid, kind))


def the_hosts_namespaces(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            %s
            pid: host
            ipc: host
            uts: host
            cgroup: host
            network_mode: host
            userns_mode: host
        """ % SLEEP)
    world.cmp("up", "-d")
    pid = world.pid("a")
    for kind in ("pid", "ipc", "uts", "cgroup", "net", "user"):
        expect_equal(namespace(pid, kind), namespace("self", kind), kind)
    expect(namespace(pid, "mnt") != namespace("self", "mnt"), "the host's mounts")
    seen = world.cmp("exec", "-T", "a", "sh", "-c", "ls -d /proc/%d; hostname; echo $HOSTNAME" % os.getpid()).out
    host = socket.gethostname()
    expect_equal(seen, "/proc/%d\n%s\n%s\n" % (os.getpid(), host, host), "what it sees of the host")
    world.down()
    expect(not os.path.exists("/proc/%d" % pid), "it lives on")


def no_process_of_a_service_in_the_hosts_pid_namespace_stays_as_a_zombie(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            pid: host
            command: ["sh", "-c", "(sleep 0.01 & sleep 0.01 &) ; (setsid sleep 1001 &) ; exec sleep 1000"]
        """)
    world.cmp("up", "-d")
    world.down()

    def zombies():
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with open("/proc/%s/stat" % entry, encoding="utf-8") as file:
                name, rest = file.read().rsplit(")", 1)
            if rest.split()[0] == "Z" and "sleep" in name:
                found.append(entry)
        return found
    eventually(lambda: not zombies(), "no zombies")


def another_services_processes_can_be_seen_and_signalled(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "trap 'echo told' USR1; echo ready; while :; do sleep 0.05; done"]
          b:
            x-rootfs: host
            pid: service:a
            command: ["sh", "-c", "kill -USR1 1; exec sleep 1000"]
            depends_on: [a]
        """)
    world.cmp("up", "-d")
    expect_equal(namespace(world.pid("b"), "pid"), namespace(world.pid("a"), "pid"), "pid namespace")
    # A signal that came before the shell had its handler was dropped; the second one is not.
    eventually(lambda: "ready" in world.cmp("logs", "a").out, "a is ready")
    world.cmp("exec", "-T", "b", "kill", "-USR1", "1")
    eventually(lambda: "told" in world.cmp("logs", "a").out, "the signal")
    world.down()


def a_service_ends_with_the_process_namespace_it_lives_in(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            %s
          b:
            x-rootfs: host
            %s
            pid: service:a
            restart: always
        """ % (SLEEP, SLEEP))
    world.cmp("up", "-d")
    world.cmp("kill", "a")
    eventually(lambda: world.ps()["b"]["State"] != "running", "b has ended with a")
    world.cmp("up", "-d")
    expect_equal(namespace(world.pid("b"), "pid"), namespace(world.pid("a"), "pid"), "pid namespace")
    world.down()


def shared_memory_is_for_those_who_may(world):
    text = """
        services:
          a:
            x-rootfs: host
            %s
            ipc: shareable
          b:
            x-rootfs: host
            %s
            ipc: service:a
          c:
            x-rootfs: host
            %s
            ipc: none
        """ % (SLEEP, SLEEP, SLEEP)
    world.compose(text)
    world.cmp("up", "-d")
    world.cmp("exec", "-T", "a", "sh", "-c", "echo here > /dev/shm/x; ipcmk -M 100 >/dev/null")
    expect_equal(world.cmp("exec", "-T", "b", "cat", "/dev/shm/x").out, "here\n", "shared memory")
    expect_in("100", world.cmp("exec", "-T", "b", "ipcs", "-m").out)
    expect("tmpfs /dev/shm" not in world.cmp("exec", "-T", "c", "grep", "-E", "/dev/(shm|null)", "/proc/mounts",
                                             code=None).out, "ipc: none has shared memory")
    world.down()
    world.compose(text.replace("ipc: shareable", "ipc: private"))
    refused = world.cmp("up", "-d", code=None)
    expect(refused.code != 0, "a private IPC namespace was shared")
    expect_in("compose.yaml:10:", refused.err)
    expect("Creat" not in refused.err, "something was made: " + refused.err)
    expect_in("keeps its IPC namespace to itself; give its service 'ipc: shareable'", refused.err)
    expect_equal(world.project_left(), [], "left of the project")


def a_container_of_another_project(world):
    other = World(world.binary, "other")
    other.run_dir, other.state_dir, other.env = world.run_dir, world.state_dir, world.env
    other.compose("""
        services:
          web:
            x-rootfs: host
            %s
            hostname: theirs
        """ % SLEEP)
    try:
        text = """
            services:
              a:
                x-rootfs: host
                %s
                network_mode: container:other-web-1
                pid: "container:other-web-1"
              b:
                x-rootfs: host
                %s
                network_mode: container:other-web-1
            """ % (SLEEP, SLEEP)
        world.compose(text)
        refused = world.cmp("up", "-d", code=None)
        expect(refused.code != 0, "joined a container that is not there")
        expect_in("compose.yaml:6:", refused.err)
        expect_in("there is no container 'other-web-1'", refused.err)
        other.cmp("up", "-d")
        world.cmp("up", "-d")
        for kind in ("net", "pid"):
            expect_equal(namespace(world.pid("a"), kind), namespace(other.pid("web"), kind), kind)
        expect_equal(world.cmp("exec", "-T", "a", "hostname").out, "theirs\n", "hostname")
        other.cmp("up", "-d", "--force-recreate")
        eventually(lambda: world.ps()["a"]["State"] != "running", "a has ended with its process namespace")
        eventually(lambda: namespace(world.pid("b"), "net") == namespace(other.pid("web"), "net"),
                   "b is in the new network without being asked")
        world.cmp("up", "-d")
        expect_equal(namespace(world.pid("a"), "net"), namespace(other.pid("web"), "net"), "net")
        world.down()
    finally:
        other.cmp("down", "-t", "0", code=None)
        other.remove()


def names_of_its_own(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            %s
            hostname: ada
            domainname: example.org
            mac_address: 02:00:00:00:00:2a
            working_dir: /not/there/yet
            sysctls:
              net.core.somaxconn: 77
              kernel.shmmax: 1048576
        """ % SLEEP)
    world.cmp("up", "-d")
    seen = world.cmp("exec", "-T", "a", "sh", "-c", "hostname; cat /proc/sys/kernel/domainname /etc/hostname "
                     "/sys/class/net/eth0/address /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax; pwd").out
    expect_equal(seen, "ada\nexample.org\nada\n02:00:00:00:00:2a\n77\n1048576\n/not/there/yet\n", "names")
    expect_in("ada.example.org ada", world.cmp("exec", "-T", "a", "cat", "/etc/hosts").out)
    world.down()


REFUSED = {
    "pid: ours": "pid: 'ours' is not possible",
    "ipc: mine": "ipc: 'mine' is not possible",
    "userns_mode: keep-id": "userns_mode: 'keep-id' is not possible",
    "runtime: kata": "runtime: 'kata'",
    "isolation: hyperv": "isolation: 'hyperv'",
    "storage_opt: {size: much}": "storage_opt: 'size=much' is no size such as 10G",
    "storage_opt: {size: 1G}": "has no project quotas (xfs or ext4 mounted with prjquota)",
    "working_dir: srv": "working_dir: 'srv' is not an absolute path",
    "mac_address: 01:00:00:00:00:00": "no address that an interface can have",
    "cpuset: '700'": "cpuset can't be had on this host",
    "mem_limit: 1m": "no service runs with less than 6 MiB",
    "blkio_config: {device_read_bps: [{path: /dev/null, rate: 1m}]}": "'/dev/null' is no block device",
    "stop_signal: SIGNONE": "'SIGNONE' is no signal",
}


def what_cannot_be_had_is_said_with_its_place_before_anything_is_made(world):
    for line, reason in REFUSED.items():
        world.compose("""
            services:
              a:
                x-rootfs: host
                %s
                %s
            """ % (SLEEP, line))
        refused = world.cmp("up", "-d", code=None)
        expect(refused.code != 0, "'%s' was taken" % line)
        expect_in("compose.yaml:6:", refused.err, line)
        expect_in(reason, refused.err, line)
        expect("Creat" not in refused.err, "something was made for '%s': %s" % (line, refused.err))


SCENARIOS = [
    the_hosts_namespaces, no_process_of_a_service_in_the_hosts_pid_namespace_stays_as_a_zombie,
    another_services_processes_can_be_seen_and_signalled, a_service_ends_with_the_process_namespace_it_lives_in,
    shared_memory_is_for_those_who_may, a_container_of_another_project, names_of_its_own,
    what_cannot_be_had_is_said_with_its_place_before_anything_is_made,
]
