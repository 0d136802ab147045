"""Which addresses networks and containers get, that they stay, and how they are shown; what the resolver says of others."""
import ipaddress
import json
import os
import shutil
import signal
import subprocess

from world import Skip, eventually, expect, expect_equal, expect_in

COUNT = 200


def one_service_on_two_hundred_networks_from_a_pool_of_small_ones(world):
    os.makedirs(world.state_dir, exist_ok=True)
    with open(world.state_dir + "/networks.json", "w", encoding="utf-8") as file:
        file.write('{"default-address-pools": [{"base": "10.231.0.0/20", "size": 28}]}')
    names = ["n%03d" % number for number in range(COUNT)]
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, networks: [%s]}}\nnetworks: {%s}\n" %
                  (", ".join(names), ", ".join(name + ": {}" for name in names)))
    world.cmp("up", "-d")
    addresses = {end["address"] for end in world.record("a")["endpoints"]}
    expect_equal(len({ipaddress.ip_network(address + "/28", strict=False) for address in addresses}), COUNT,
                 "the networks a is on")
    expect(all(address.startswith("10.231.") for address in addresses), "an address is not of the pool: %s" % addresses)
    expect_equal(len(world.cmp("network", "ls", "-q").out.split()), COUNT, "the networks that are listed")
    world.down()
    with open(world.state_dir + "/networks.json", "w", encoding="utf-8") as file:
        file.write('{"default-address-pools": [{"base": "10.231.0.0/20", "size": 8}]}')
    expect_in("a size of 8 is not between 20 and 29", world.cmp("up", "-d", code=1).text)


def addresses_come_again_after_the_host_has_been_started_again(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000}
          b: {x-rootfs: host, command: sleep 1000, networks: [default, more]}
        networks: {default: {}, more: {}}
        """)
    world.compose("name: other\nservices: {a: {x-rootfs: host, command: sleep 1000}}\n", "other.yaml")
    # An order of its own: what came later is not what the file would give now.
    world.cmp("-f", "other.yaml", "up", "-d")
    world.cmp("up", "-d", "b")
    world.cmp("up", "-d")
    world.cmp("-f", "other.yaml", "down", "-t", "1")
    before = {service: world.record(service)["endpoints"] for service in ("a", "b")}
    for pid in [world.role("guardian"), world.role("supervisor"), world.pid("a"), world.pid("b")]:
        os.kill(pid, signal.SIGKILL)
    for end in before["b"]:
        subprocess.run(["ip", "link", "delete", end["bridge"]], check=True)
    subprocess.run(["nft", "flush", "ruleset"], check=False)
    shutil.rmtree(world.run_dir)
    world.cmp("up", "-d")
    after = {service: world.record(service)["endpoints"] for service in ("a", "b")}
    for service in before:
        expect_equal([end["address"] for end in after[service]], [end["address"] for end in before[service]],
                     "the addresses of " + service)
    world.down()


def networks_are_listed_and_drawn(world):
    world.compose("""
        services:
          web: {x-rootfs: host, command: sleep 1000, ports: ["127.0.0.1:18123:80"], deploy: {endpoint_mode: vip}}
        networks: {default: {labels: {of: mine}}}
        """)
    world.cmp("up", "-d")
    name, own = world.name + "_default", world.record("web")["endpoints"][0]
    expect_in(name, world.cmp("network", "ls").out)
    row = json.loads(world.cmp("network", "ls", "--format", "json").out)
    expect_equal((row["Name"], row["Project"], row["Device"], row["Containers"]), (name, world.name, own["bridge"], 1), "ls")
    shown = json.loads(world.cmp("network", "inspect", name).out)[0]
    expect_equal(shown["Containers"][world.name + "-web-1"]["IPv4Address"], own["address"] + "/24", "inspect")
    expect_equal(shown["Labels"], {"of": "mine"}, "labels")
    expect_in("network nowhere not found", world.cmp("network", "inspect", "nowhere", code=1).text)
    text = world.cmp("graph", "--network").out
    for fragment in (own["bridge"], own["host_device"], own["address"], "port 127.0.0.1:18123/tcp", "chain services"):
        expect_in(fragment, text, "the drawing")
    expect_in("flowchart LR", world.cmp("graph", "--network", "--format", "mermaid").out)
    expect_in("digraph", world.cmp("graph", "--network", "--format", "graphviz").out)
    listed = world.ps()["web"]["Addresses"][0]
    expect_equal((listed["Network"], listed["IPv4"], listed["Service"]), (name, own["address"], own["virtual_address"]), "ps")
    world.down()
    expect_equal(world.cmp("network", "ls", "-q").out, "", "networks after down")


# Answers every name with 192.0.2.77 for a minute and writes down what it is asked.
OUTSIDE = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.5', 53)); open(%r, 'w').close()
while True:
    d, a = s.recvfrom(999)
    end = d.index(0, 12) + 5
    name = d[12:end - 5]
    open(%r, 'a').write(repr(name) + '\\n')
    if d[end - 3] != 1:
        s.sendto(d[:2] + b'\\x81\\x80\\0\\1\\0\\0\\0\\0\\0\\0' + d[12:end], a)
        continue
    answer = b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4\\xc0\\0\\2\\x4d'
    s.sendto(d[:2] + b'\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0' + d[12:end] + answer, a)
"""


def answers_from_outside_are_kept_and_names_of_ours_have_no_other_family(world):
    if not shutil.which("dig"):
        raise Skip("no dig")
    asked = os.path.join(world.dir, "asked")
    server = subprocess.Popen(["python3", "-c", OUTSIDE % (asked, asked)])
    try:
        eventually(lambda: os.path.exists(asked), "the name server")
        world.compose("""
            services:
              web: {x-rootfs: host, command: sleep 1000, dns: 127.0.0.5}
              db: {x-rootfs: host, command: sleep 1000, dns: 127.0.0.5}
            """)
        world.cmp("up", "-d")

        def dig(service, *words):
            return world.cmp("exec", "-T", service, "dig", "+tries=1", "+time=2", *words).out

        for service in ("web", "db", "web"):
            expect_equal(dig(service, "+short", "www.example.org"), "192.0.2.77\n", "the answer")
        with open(asked, encoding="utf-8") as file:
            expect_equal(len(file.read().split()), 1, "how often it was asked outside")
        expect_in("status: NOERROR", dig("web", "db", "AAAA"))
        expect_in("ANSWER: 0", dig("web", "db", "AAAA"))
        address = world.record("db")["endpoints"][0]["address"]
        expect_equal(dig("web", "+short", "db"), address + "\n", "db")
        expect_equal(dig("web", "+short", "+tcp", "DB"), address + "\n", "db by TCP")
        expect_in(world.name + "-db-1.", dig("web", "+short", "-x", address))
        expect_in("status: NXDOMAIN", dig("web", "nobody"))
        with open(asked, encoding="utf-8") as file:
            expect_equal(len(file.read().split()), 1, "what of ours was asked outside")
        world.down()
    finally:
        server.kill()
        server.wait()


SCENARIOS = [
    one_service_on_two_hundred_networks_from_a_pool_of_small_ones,
    addresses_come_again_after_the_host_has_been_started_again, networks_are_listed_and_drawn,
    answers_from_outside_are_kept_and_names_of_ours_have_no_other_family,
]
