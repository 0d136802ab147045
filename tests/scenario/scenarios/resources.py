"""Limits as the service feels them."""
import os
import subprocess
import time

from world import Skip, eventually, expect, expect_equal, expect_in

EAT = "python3 -c 'x = bytearray(200 << 20)'"


def service(world, command, *lines):
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: %s\n%s" %
                  (command, "".join("    %s\n" % line for line in lines)))


def an_end_for_want_of_memory_is_called_so(world):
    service(world, '["sh", "-c", "echo hungry; exec %s"]' % EAT, "mem_limit: 64m", "memswap_limit: 64m")
    attached = world.cmp("up", code=None)
    expect_in("a-1 exited with code 137 (out of memory: peak 64M of 64M)", attached.text, "the attached up")
    state = world.ps()["a"]
    expect_equal(state["ExitCode"], 137, "exit code")
    expect_in("(out of memory: peak 64M of 64M)", state["Status"], "STATUS")
    record = world.record("a")
    expect(record["oom_killed"], "the record does not say so")
    expect(32 << 20 < record["memory_peak"] <= 64 << 20, "peak %d" % record["memory_peak"])
    world.down()


def a_dependant_is_told_of_it(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "%s"]
            mem_limit: 32m
            memswap_limit: 32m
          b:
            x-rootfs: host
            command: sleep 1000
            depends_on: {a: {condition: service_completed_successfully}}
        """ % EAT)
    failed = world.cmp("up", "-d", code=None)
    expect_in("didn't complete successfully: exit 137, out of memory: peak 32M of 32M", failed.err)
    world.down()


def a_killed_child_of_a_service_that_goes_on_is_no_end(world):
    service(world, '["sh", "-c", "%s; echo still here; exec sleep 1000"]' % EAT, "mem_limit: 32m", "memswap_limit: 32m")
    world.cmp("up", "-d")
    eventually(lambda: "still here" in world.cmp("logs").out, "the service goes on")
    expect_equal(world.ps()["a"]["State"], "running", "state")
    world.down()


def processor_time_is_rationed(world):
    service(world, '["sh", "-c", "while :; do :; done"]', "cpus: 0.1")
    world.cmp("up", "-d")

    def throttled():
        stat = dict(line.split() for line in world.cgroup_file("a", ("cpu", "cpu.stat"), "cpu.stat").splitlines())
        return int(stat["nr_throttled"]) >= 3
    eventually(throttled, "the kernel throttles", 60)
    with open("/proc/%d/stat" % world.pid("a"), encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open("/proc/uptime", encoding="utf-8") as file:
        age = float(file.read().split()[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    expect(used <= 0.1 * age + 0.15, "%.2f s of processor time in %.2f s" % (used, age))
    world.down()


def nproc_agrees_with_cpuset(world):
    service(world, "[nproc]", "cpuset: '0'")
    world.cmp("up", "-d", "--wait", code=None)
    eventually(lambda: world.cmp("logs", "--no-log-prefix").out == "1\n", "nproc says 1")
    world.down()


def one_fork_too_many_is_refused(world):
    service(world, '["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait"]', "pids_limit: 4")
    world.cmp("up", "-d")
    eventually(lambda: "fork" in world.cmp("logs").text, "the shell complains")
    world.down()


def a_disk_is_read_as_slowly_as_asked(world):
    image = world.top + "/disk"
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    made = subprocess.run(["losetup", "--find", "--show", "--direct-io=on", image], capture_output=True, text=True,
                          check=False)
    if made.returncode != 0:
        raise Skip("no loop device: " + made.stderr.strip())
    disk = made.stdout.strip()
    try:
        service(world, '["dd", "if=%s", "of=/dev/null", "bs=256k", "count=8", "iflag=direct"]' % disk,
                "volumes: [\"%s:%s\"]" % (disk, disk), "privileged: true",
                "blkio_config: {weight: 300, device_read_bps: [{path: %s, rate: 2m}]}" % disk)
        started = time.monotonic()
        done = world.cmp("up", code=None)
        if "no cgroup controller 'blkio'" in done.err or "scheduler that knows weights" in done.err:
            raise Skip(done.err.strip())
        took = time.monotonic() - started
        expect_in("2097152 bytes", done.text)
        expect(took > 0.7, "2 MiB at 2 MiB/s took %.2f s" % took)
        world.down()
    finally:
        subprocess.run(["losetup", "-d", disk], check=False)


def real_time_needs_its_budget(world):
    chrt = '["chrt", "-f", "1", "echo", "on time"]'
    service(world, chrt, "cap_add: [SYS_NICE]", "cpu_rt_runtime: 50000", "cpu_rt_period: 1000000")
    done = world.cmp("up", code=None)
    if "CONFIG_RT_GROUP_SCHED" in done.err:
        expect_in("compose.yaml:6:", done.err)
        raise Skip("this kernel has no real-time groups")
    expect_in("on time", done.text)
    world.down()
    service(world, chrt, "cap_add: [SYS_NICE]", "cpu_shares: 100")
    expect_in("failed to set pid 0's policy", world.cmp("up", code=None).text)
    world.down()


def a_group_of_the_users_own_is_the_parent(world):
    service(world, "sleep 1000", "cgroup_parent: /cmptest-%d/inner" % os.getpid(), "mem_limit: 32m")
    outer = "/sys/fs/cgroup/memory/cmptest-%d" % os.getpid()
    if not os.path.isdir("/sys/fs/cgroup/memory"):
        outer = "/sys/fs/cgroup/cmptest-%d" % os.getpid()
    os.mkdir(outer)
    try:
        world.cmp("up", "-d")
        with open("/proc/%d/cgroup" % world.pid("a"), encoding="utf-8") as file:
            lines = [line for line in file if "memory" in line or line.startswith("0::")]
        expect(any("/cmptest-%d/inner/" % os.getpid() in line for line in lines), "groups: %s" % lines)
        world.down()
        expect(os.path.isdir(outer), "the user's group is gone")
        expect_equal([name for name in os.listdir(outer) if os.path.isdir(outer + "/" + name)], [], "groups left in it")
    finally:
        os.rmdir(outer)


def lxcfs_tells_the_service_the_truth(world):
    service(world, "[cat, /proc/meminfo]", "mem_limit: 32m", "x-lxcfs: true")
    place = "/var/lib/lxcfs/proc"
    before = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib"], check=False)
    expect_equal(before.returncode, 0, "a /var/lib of our own")
    try:
        done = world.cmp("up", code=None)
        expect_in("x-lxcfs", done.err, "the warning")
        expect_in("lxcfs does not run on this host", done.err)
        world.down()
        os.makedirs(place)
        with open(place + "/meminfo", "w", encoding="utf-8") as file:
            file.write("MemTotal: 32768 kB\n")
        done = world.cmp("up", code=None)
        expect_in("MemTotal: 32768 kB", done.text)
        expect("x-lxcfs" not in done.err, "a warning all the same: " + done.err)
        world.down()
    finally:
        subprocess.run(["umount", "-l", "/var/lib"], check=False)


SCENARIOS = [
    an_end_for_want_of_memory_is_called_so, a_dependant_is_told_of_it,
    a_killed_child_of_a_service_that_goes_on_is_no_end, processor_time_is_rationed, nproc_agrees_with_cpuset,
    one_fork_too_many_is_refused, a_disk_is_read_as_slowly_as_asked, real_time_needs_its_budget,
    a_group_of_the_users_own_is_the_parent, lxcfs_tells_the_service_the_truth,
]
