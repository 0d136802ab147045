"""Networks: who resolves and reaches whom."""
from world import eventually, expect, expect_equal, expect_in

THREE = """
    services:
      front:
        x-rootfs: host
        command: sleep 1000
        networks: [one]
      middle:
        x-rootfs: host
        command: ["python3", "-m", "http.server", "80", "--directory", "/usr/share/common-licenses"]
        networks:
          one: {}
          two: {aliases: [other-name]}
      back:
        x-rootfs: host
        command: ["python3", "-m", "http.server", "80", "--directory", "/usr/share/common-licenses"]
        networks: [two]
    networks: {one: {}, two: {}}
    """


def resolve(world, service, name):
    """Address of a name as the service sees it; "" if it does not resolve."""
    done = world.cmp("exec", "-T", service, "getent", "ahostsv4", name, code=None)
    return done.out.split()[0] if done.code == 0 and done.out else ""


def fetch(world, service, name):
    return world.cmp("exec", "-T", service, "curl", "-s", "-m", "2", "-o", "/dev/null", "http://%s/MIT" % name,
                     code=None).code


def names_resolve_only_in_shared_networks(world):
    world.compose(THREE)
    world.cmp("up", "-d")
    expect(resolve(world, "front", "middle"), "front does not resolve middle")
    expect(resolve(world, "back", "middle"), "back does not resolve middle")
    expect(resolve(world, "middle", "back"), "middle does not resolve back")
    expect_equal(resolve(world, "front", "back"), "", "back as front resolves it")
    expect_equal(resolve(world, "back", "front"), "", "front as back resolves it")
    world.down()


def a_service_has_an_address_in_each_of_its_networks(world):
    world.compose(THREE)
    world.cmp("up", "-d")
    one, two = resolve(world, "front", "middle"), resolve(world, "back", "middle")
    expect(one != two, "middle has the address %s in both networks" % one)
    own = world.cmp("exec", "-T", "middle", "cat", "/proc/net/fib_trie").out
    for address in (one, two):
        expect_in(address, own, "the addresses of middle")
    world.down()


def container_names_and_aliases_resolve(world):
    world.compose(THREE)
    world.cmp("up", "-d")
    address = resolve(world, "back", "middle")
    expect_equal(resolve(world, "back", "other-name"), address, "the alias")
    expect_equal(resolve(world, "back", "%s-middle-1" % world.name), address, "the container's name")
    expect_equal(resolve(world, "front", "other-name"), "", "the alias in the network that lacks it")
    world.down()


def services_reach_each_other_and_networks_are_apart(world):
    world.compose(THREE)
    world.cmp("up", "-d")
    eventually(lambda: fetch(world, "front", "middle") == 0, "front reaches middle")
    eventually(lambda: fetch(world, "middle", "back") == 0, "middle reaches back")
    hidden = resolve(world, "middle", "back")
    expect(fetch(world, "front", hidden) != 0, "front reaches back at " + hidden)
    world.down()


def addresses_avoid_what_the_host_routes(world):
    """With a host network in the way, projects keep clear of it."""
    import subprocess
    world.compose(THREE)
    world.cmp("up", "-d")
    taken = resolve(world, "front", "middle")
    world.down()
    prefix = taken.rsplit(".", 1)[0]
    subprocess.run(["ip", "link", "add", "busy0", "type", "bridge"], check=True)
    try:
        subprocess.run(["ip", "addr", "add", prefix + ".254/24", "dev", "busy0"], check=True)
        subprocess.run(["ip", "link", "set", "busy0", "up"], check=True)
        world.cmp("up", "-d")
        now = resolve(world, "front", "middle")
        expect(not now.startswith(prefix + "."), "the address %s lies in the host's network %s.0/24" % (now, prefix))
        world.down()
    finally:
        subprocess.run(["ip", "link", "delete", "busy0"], check=False)


def each_service_has_its_own_namespaces(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, hostname: alpha}
          b: {x-rootfs: host, command: sleep 1000}
        """)
    world.cmp("up", "-d")
    import os
    for kind in ("mnt", "pid", "net", "uts", "ipc", "cgroup"):
        links = {os.readlink("/proc/%s/ns/%s" % (pid, kind)) for pid in ("self", world.pid("a"), world.pid("b"))}
        expect_equal(len(links), 3, "different %s namespaces of host, a and b" % kind)
    expect_equal(world.cmp("exec", "-T", "a", "hostname").out, "alpha\n", "hostname")
    expect_equal(world.cmp("exec", "-T", "b", "cat", "/proc/1/comm").out, "sleep\n", "process 1")
    world.down()


def host_homes_and_run_are_hidden(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}}\n")
    world.cmp("up", "-d")
    for place in ("/root", "/home", "/tmp", "/var/lib/cmp"):
        listing = world.cmp("exec", "-T", "a", "sh", "-c", "ls -A %s 2>/dev/null" % place, code=None).out
        expect_equal(listing, "", "content of " + place)
    world.cmp("exec", "-T", "a", "sh", "-c", "echo x > /tmp/x && echo y > /etc/ours && cat /tmp/x /etc/ours")
    import os
    expect(not os.path.exists("/etc/ours"), "a write reached the host's /etc")
    world.down()


def two_projects_live_side_by_side(world):
    world.compose(THREE)
    world.cmp("up", "-d")
    world.cmp("-p", "second", "up", "-d")
    expect_equal(resolve(world, "front", "middle") != "", True, "front resolves")
    mine = resolve(world, "front", "middle")
    other = world.cmp("-p", "second", "exec", "-T", "front", "getent", "ahostsv4", "middle").out.split()[0]
    expect(mine != other, "both projects use the address " + mine)
    refused = world.cmp("exec", "-T", "front", "curl", "-s", "-m", "2", "http://%s/MIT" % other, code=None)
    expect(refused.code != 0, "one project reaches the other's service")
    world.cmp("-p", "second", "down")
    expect_equal(resolve(world, "front", "middle"), mine, "address after the other project went")
    world.down()


SCENARIOS = [
    names_resolve_only_in_shared_networks, a_service_has_an_address_in_each_of_its_networks,
    container_names_and_aliases_resolve, services_reach_each_other_and_networks_are_apart,
    addresses_avoid_what_the_host_routes, each_service_has_its_own_namespaces, host_homes_and_run_are_hidden,
    two_projects_live_side_by_side,
]
