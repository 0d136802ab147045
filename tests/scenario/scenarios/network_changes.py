"""Networks that change under what is on them, networks without IPv4, and files whose networks cannot be."""
import subprocess
import urllib.request

from world import eventually, expect, expect_equal, expect_in

# Two services on a network that changes, with an alias and a static address.
TWO = """
    services:
      a:
        x-rootfs: host
        command: %s
        networks: {n: {ipv4_address: 10.77.41.9, aliases: [other]}, m: {}}
      b: {x-rootfs: host, command: sleep 1000, networks: [n, m]}
    networks:
      n: {labels: {turn: "%s"}, ipam: {config: [{subnet: 10.77.41.0/24}]}}
      m: {labels: {turn: "%s"}}
    """


def addresses(world, service):
    return [end["address"] for end in world.record(service)["endpoints"]]


def lookup(world, service, name):
    out = world.cmp("exec", "-T", service, "getent", "ahostsv4", name, code=None).out
    return sorted({line.split()[0] for line in out.splitlines()})


def a_changed_network_is_made_again_under_the_same_containers(world):
    world.compose(TWO % ("sleep 1000", "1", "1"))
    world.cmp("up", "-d")
    before = {service: (world.record(service)["id"], addresses(world, service)) for service in ("a", "b")}
    world.cmp("exec", "-T", "a", "touch", "/tmp/mark")
    world.compose(TWO % ("sleep 1000", "2", "2"))
    told = world.cmp("up", "-d").text
    for words in ("-a-1 Stopped", "_n Removed", "_n Created", "-a-1 Started"):
        expect_in(words, told)
    for service, was in before.items():
        expect_equal((world.record(service)["id"], addresses(world, service)), was, "container and addresses of " + service)
    world.cmp("exec", "-T", "a", "test", "-e", "/tmp/mark")
    expect_equal(lookup(world, "b", "other"), ["10.77.41.9"], "the alias")
    expect_in('"turn": "2"', world.cmp("network", "inspect", world.name + "_n").out)
    expect_in("Nothing to do", world.cmp("up", "-d").text)
    # What cannot come up leaves the network of before, and who was there on it.
    world.compose(TWO % ("/no/such/program", "3", "3"))
    world.cmp("up", "-d", code=1)
    expect_in('"turn": "2"', world.cmp("network", "inspect", world.name + "_n").out)
    eventually(lambda: lookup(world, "b", "other") == ["10.77.41.9"], "a is back on the network")
    for service, was in before.items():
        expect_equal((world.record(service)["id"], addresses(world, service)), was, service + " afterwards")
    world.down()


def a_network_without_ipv4_has_names_ports_and_service_addresses(world):
    world.compose("""
        services:
          web:
            x-rootfs: host
            command: [python3, -m, http.server, --bind, "::", "80"]
            ports: ["18441:80"]
            networks: [six]
            deploy: {replicas: 2, endpoint_mode: vip}
          client: {x-rootfs: host, command: sleep 1000, networks: [six]}
        networks: {six: {enable_ipv4: false, enable_ipv6: true}}
        """)
    world.cmp("up", "-d")
    own = world.record("client")["endpoints"][0]
    expect_equal(own.get("address", ""), "", "the IPv4 address")
    hosts = world.cmp("exec", "-T", "client", "cat", "/etc/hosts").out
    expect_in("\n%s\t" % own["address6"], hosts)
    shown = world.cmp("exec", "-T", "client", "ip", "-br", "address", "show", "dev", "eth0").out.split()
    expect_equal(shown[2:], [own["address6"] + "/64"], "the addresses of eth0")
    for url in ("http://127.0.0.1:18441/", "http://[::1]:18441/"):
        eventually(lambda url=url: urllib.request.urlopen(url, timeout=2).status == 200, url)
    for name in ("web", "tasks.web", "host.docker.internal:18441"):
        eventually(lambda name=name: world.cmp("exec", "-T", "client", "curl", "-sf", "-m", "2", "-o", "/dev/null",
                                               "http://%s/" % name, code=None).code == 0, name)
    world.down()


BASE = "services: {a: {x-rootfs: host, command: sleep 1000, networks: %s}}\nnetworks: %s\n"
WRONG = [
    ("[n]", "{n: {ipam: {config: [{subnet: 10.77.42.0/24, gateway: 10.78.0.1}]}}}", "gateway '10.78.0.1' is not an address"),
    ("[n, m]", "{n: {ipam: {config: [{subnet: 10.77.42.0/24}]}}, m: {ipam: {config: [{subnet: 10.77.42.128/25}]}}}",
     "overlaps"),
    ("{n: {ipv6_address: 'fd00::9'}}", "{n: {}}", "network 'n' has no IPv6"),
    ("[n]", "{n: {driver_opts: {com.docker.network.bridge.name: lo}}}", "this host has a device 'lo' already"),
    ("[n]", "{n: {driver_opts: {com.docker.network.bridge.name: theirs}}}", "this host has a device 'theirs' already"),
    ("[n]", "{n: {driver_opts: {com.docker.network.driver.mtu: many}}}", "mtu is 68 to 65535, not 'many'"),
    ("{n: {mac_address: '02:00:00:00:00:01'}}}, b: {x-rootfs: host, command: sleep 1000, "
     "networks: {n: {mac_address: '02:00:00:00:00:01'}}", "{n: {}}", "is that of service 'a' on network 'n'"),
    ("[n]", "{n: {external: true}}", "declared as external, but could not be found"),
]


def networks_that_cannot_be_are_refused_with_their_place_and_nothing_is_made(world):
    subprocess.run(["ip", "link", "add", "theirs", "type", "bridge"], check=True)
    try:
        for attachment, networks, told in WRONG:
            world.compose(BASE % (attachment, networks))
            text = world.cmp("up", "-d", code=1).text
            expect_in(told, text)
            expect_in("compose.yaml:", text)
            expect("Creat" not in text, "something was made: " + text)
            if "external" not in told and "device" not in told:
                expect_in(told, world.cmp("--dry-run", "up", "-d", code=1).text)
        expect_equal(subprocess.run(["ip", "link", "show", "theirs"], capture_output=True, check=False).returncode, 0,
                     "somebody else's bridge")
    finally:
        subprocess.run(["ip", "link", "delete", "theirs"], check=False)

SCENARIOS = [a_changed_network_is_made_again_under_the_same_containers,
             a_network_without_ipv4_has_names_ports_and_service_addresses,
             networks_that_cannot_be_are_refused_with_their_place_and_nothing_is_made]
