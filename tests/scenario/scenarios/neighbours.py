"""Several projects on one host: they do not take from each other what is one's own."""
import json
import os
import subprocess

from world import Failure, eventually, expect, expect_equal, expect_in

PROJECTS = ("one", "two")
SHARED = """
    services:
      a:
        x-rootfs: host
        command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
        networks: [n]
        volumes: ["data:/data"]
    networks: {n: {name: everybodys}}
    volumes: {data: {name: everybodys-data}}
    """


def subnets(world, project):
    directory = "%s/%s/networks" % (world.run_dir, project)
    found = {}
    for name in sorted(os.listdir(directory)):
        with open("%s/%s" % (directory, name), encoding="utf-8") as file:
            record = json.load(file)
        found["%s/%s" % (project, record["key"])] = record["subnet"]
    return found


def networks_of_projects_that_come_up_at_once_are_apart(world):
    names = ["p%d" % number for number in range(6)]
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, networks: [x, y]}
        networks: {x: {}, y: {}}
        """)
    started = [world.start("-p", name, "up", "-d", stdout=subprocess.DEVNULL) for name in names]
    for process in started:
        _, err = process.communicate(timeout=60)
        expect_equal(process.returncode, 0, "exit of up (%s)" % err.decode()[-500:])
    taken = {}
    for name in names:
        taken.update(subnets(world, name))
    expect_equal(len(taken), 12, "networks")
    expect_equal(len(set(taken.values())), 12, "different subnets of %s" % taken)
    for name in names:
        world.cmp("-p", name, "down", "-t", "0")


def two_with_shared_names(world):
    world.compose(SHARED)
    world.cmp("-p", "one", "up", "-d")
    done = world.cmp("-p", "two", "up", "-d")
    for kind, name in (("network", "everybodys"), ("volume", "everybodys-data")):
        expect_in('%s "%s" already exists but was created for project "one" (expected "two")' % (kind, name), done.err)
    expect_equal(subnets(world, "one")["one/n"], subnets(world, "two")["two/n"], "the subnet of the one network")
    with open("/proc/net/dev", encoding="utf-8") as file:
        expect_equal(sum(line.strip().startswith("cmpb") for line in file), 1, "bridges")
    with open("%s/volumes/everybodys-data/_data/kept" % world.state_dir, "w", encoding="utf-8") as file:
        file.write("x")


def kept(world):
    return os.path.exists("%s/volumes/everybodys-data/_data/kept" % world.state_dir)


def addresses(world):
    found = []
    for project in PROJECTS:
        with open("%s/%s/containers/%s-a-1.json" % (world.run_dir, project, project), encoding="utf-8") as file:
            found += [endpoint["address"] for endpoint in json.load(file)["endpoints"]]
    return found


def the_second_user_of_a_name_takes_nothing_with_it(world):
    two_with_shared_names(world)
    expect_equal(len(set(addresses(world))), 2, "different addresses")
    done = world.cmp("-p", "two", "down", "-v", "-t", "2")
    expect_in("Network everybodys Resource is still in use", done.err)
    expect_in('volume "everybodys-data" is kept: it belongs to project "one"', done.err)
    expect(kept(world), "the volume of the first has lost its data")
    world.cmp("-p", "one", "exec", "a", "true")
    world.cmp("-p", "one", "down", "-v", "-t", "2")
    expect(not kept(world), "the volume is left")


def the_creator_leaves_what_is_still_used(world):
    two_with_shared_names(world)
    done = world.cmp("-p", "one", "down", "-v", "-t", "2")
    expect_in("Network everybodys Resource is still in use", done.err)
    expect_in("Volume everybodys-data Resource is still in use", done.err)
    expect(kept(world), "the volume has lost its data")
    with open("/proc/net/dev", encoding="utf-8") as file:
        expect_in("cmpb", file.read(), "the devices")
    # The network goes with its last user; the volume stays, as it is not the second one's.
    world.cmp("-p", "two", "down", "-v", "-t", "2")
    expect(kept(world), "the volume went with a project that has not made it")


def one_container_name_for_two_projects(world):
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    container_name: the-one\n")
    world.cmp("-p", "one", "up", "-d")
    done = world.cmp("-p", "two", "up", "-d", code=1)
    expect_in("compose.yaml:5:5", done.err)
    expect_in("'the-one' is in use by project 'one'", done.err)
    expect(not os.path.exists(world.run_dir + "/two"), "the second project has left something")
    world.cmp("-p", "one", "down", "-t", "0")


def a_port_of_another_project(world):
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    ports: ['127.0.0.1:18082:80']\n")
    world.cmp("-p", "one", "up", "-d")
    done = world.cmp("-p", "two", "up", "-d", code=1)
    expect_in("compose.yaml:5:13", done.err)
    expect_in("published by project 'one', service 'a'", done.err)
    # Of another run directory only the process is known, and its title.
    done = world.cmp("-p", "two", "up", "-d", code=1, env={"CMP_RUN_DIR": world.top + "/run2"})
    expect_in("project 'one'", done.err)
    world.cmp("-p", "one", "down", "-t", "0")


SCENARIOS = [
    networks_of_projects_that_come_up_at_once_are_apart, the_second_user_of_a_name_takes_nothing_with_it,
    the_creator_leaves_what_is_still_used, one_container_name_for_two_projects, a_port_of_another_project,
]
