"""The comparison before and after must notice each kind of thing that could be left behind."""
import os
import subprocess

import sandbox
from world import Failure, Skip, expect


def noticed(world, make, remove, word):
    """Makes the thing, expects the comparison to name it, removes it."""
    if not sandbox.inside():
        raise Skip("changes the machine: only in the sandbox")
    before = sandbox.Snapshot(world)
    made = make()
    lines = before.difference(sandbox.Snapshot(world))
    remove(made)
    expect(any(word in line for line in lines), "not noticed: a %s; seen: %s" % (word, lines))


def run(*command):
    subprocess.run(command, check=True)


def notices_a_process(world):
    noticed(world, lambda: subprocess.Popen(["sleep", "1000"]), lambda process: (process.kill(), process.wait()),
            "+ process")


def notices_a_namespace(world):
    noticed(world, lambda: subprocess.Popen(["unshare", "--net", "--uts", "sleep", "1000"]),
            lambda process: (process.kill(), process.wait()), "+ process")


def notices_a_mount(world):
    place = world.top + "/mount"
    os.makedirs(place)
    noticed(world, lambda: run("mount", "-t", "tmpfs", "tmpfs", place), lambda _: run("umount", place), "+ mount")


def notices_a_network_device(world):
    noticed(world, lambda: run("ip", "link", "add", "left0", "type", "bridge"),
            lambda _: run("ip", "link", "delete", "left0"), "+ network device left0")


def notices_an_nft_table(world):
    noticed(world, lambda: run("nft", "add", "table", "ip", "left"), lambda _: run("nft", "delete", "table", "ip", "left"),
            "+ nft rule table ip left")


def notices_a_cgroup(world):
    hierarchies = [path for path in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup") if os.path.exists(path + "/cgroup.procs")]
    if not hierarchies:
        raise Skip("no cgroup hierarchy")
    place = "%s/%s" % (hierarchies[0], sandbox.cgroup_name(world))
    noticed(world, lambda: os.mkdir(place), lambda _: os.rmdir(place), "+ cgroup " + place)


def notices_a_file_in_the_run_directory(world):
    place = world.run_dir + "/project"
    noticed(world, lambda: os.makedirs(place), lambda _: os.removedirs(place), "+ file in the run directory " + place)


def notices_a_route(world):
    noticed(world, lambda: run("ip", "route", "add", "10.255.0.0/24", "dev", "lo"),
            lambda _: run("ip", "route", "delete", "10.255.0.0/24"), "+ route")


def cleans_up_what_a_failed_scenario_leaves(world):
    if not sandbox.inside():
        raise Skip("ends processes: only in the sandbox")
    before = sandbox.Snapshot(world)
    left = subprocess.Popen(["sleep", "1000"])
    run("ip", "link", "add", "cmpleft0", "type", "bridge")
    os.makedirs(world.top + "/mount")
    run("mount", "-t", "tmpfs", "tmpfs", world.top + "/mount")
    sandbox.clean_up(before, world)
    left.wait()
    lines = before.difference(sandbox.Snapshot(world))
    expect(not lines, "left after cleaning up: %s" % lines)


def a_wrong_expectation_is_a_failure(world):
    try:
        expect(False, "on purpose")
    except Failure:
        return
    raise AssertionError("expect() accepted what is false")


SCENARIOS = [
    notices_a_process, notices_a_namespace, notices_a_mount, notices_a_network_device, notices_an_nft_table,
    notices_a_cgroup, notices_a_file_in_the_run_directory, notices_a_route, cleans_up_what_a_failed_scenario_leaves,
    a_wrong_expectation_is_a_failure,
]
