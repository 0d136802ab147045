"""Networks as the file describes them: shared with other projects, with options, and the resolver beside a name server."""
import os
import subprocess

from names import resolve
from world import eventually, expect, expect_equal, expect_in

OWNER = """
    name: owner
    services:
      db: {x-rootfs: host, command: sleep 1000, networks: [shared]}
    networks:
      shared: {name: the-shared-one}
    """
USER = """
    services:
      web: {x-rootfs: host, command: sleep 1000, networks: [theirs]}
    networks:
      theirs: {name: the-shared-one, external: true}
    """


def an_external_network_joins_two_projects(world):
    world.compose(OWNER, "owner.yaml")
    world.compose(USER)
    missing = world.cmp("up", "-d", code=1)
    expect_in("network the-shared-one declared as external, but could not be found", missing.text)
    world.cmp("-f", "owner.yaml", "up", "-d")
    world.cmp("up", "-d")
    theirs = resolve(world, "web", "db")
    expect(theirs, "web does not resolve db of the other project")
    eventually(lambda: world.cmp("-f", "owner.yaml", "exec", "-T", "db", "getent", "ahostsv4", "web", code=None).out,
               "db resolves web of the other project")
    own = world.record("web")["endpoints"][0]["address"]
    expect(own != theirs, "both have the address " + own)
    kept = world.cmp("-f", "owner.yaml", "down", "-t", "1")
    expect_in("Resource is still in use", kept.text)
    world.down()
    world.cmp("-f", "owner.yaml", "down")


def bridge_options_are_carried_out(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, mac_address: "02:42:ac:11:00:07"}
          b: {x-rootfs: host, command: ["python3", "-m", "http.server", "80"]}
        networks:
          default:
            driver_opts:
              com.docker.network.bridge.name: ours0
              com.docker.network.bridge.enable_icc: "false"
              com.docker.network.driver.mtu: "1400"
        """)
    world.cmp("up", "-d")
    bridges = subprocess.run(["ip", "link", "show", "type", "bridge"], capture_output=True, text=True, check=True).stdout
    expect_in("ours0: ", bridges, "the bridges of the host")
    for path, value in (("mtu", "1400\n"), ("address", "02:42:ac:11:00:07\n")):
        expect_equal(world.cmp("exec", "-T", "a", "cat", "/sys/class/net/eth0/" + path).out, value, path)
    expect(resolve(world, "a", "b"), "a does not resolve b")
    expect(world.cmp("exec", "-T", "a", "curl", "-s", "-m", "1", "http://b/", code=None).code != 0,
           "a reaches b although enable_icc is false")
    world.down()


NAME_SERVER = ("import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('0.0.0.0',53)); "
               "print('bound',flush=True); "
               "[s.sendto(b'mine '+d,a) for d,a in iter(lambda: s.recvfrom(99), None)]")
ASK = ("import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(3); "
       "s.sendto(b'hello',('resolver',53)); print(s.recv(99).decode())")


def a_service_may_be_a_name_server_itself(world):
    world.compose("""
        services:
          resolver:
            x-rootfs: host
            command: ["python3", "-c", "%s"]
            expose: ["53/udp"]
          client: {x-rootfs: host, command: sleep 1000}
        """ % NAME_SERVER)
    world.cmp("up", "-d")
    eventually(lambda: "bound" in world.cmp("logs", "resolver").out, "it has port 53")
    expect_equal(world.cmp("exec", "-T", "client", "python3", "-c", ASK).out, "mine hello\n", "its answer")
    expect(resolve(world, "resolver", "client"), "the name server's own names are gone")
    world.down()


def names_go_to_the_services_own_name_servers_and_project_names_stay_here(world):
    asked = os.path.join(world.dir, "asked")
    # A name server on the host that writes down what it is asked and says "no such name".
    server = subprocess.Popen(["python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.5', 53)); open(%r, 'w').close()
while True:
    d, a = s.recvfrom(999)
    labels, i = [], 12
    while d[i]:
        labels.append(d[i + 1:i + 1 + d[i]].decode()); i += 1 + d[i]
    open(%r, 'a').write('.'.join(labels) + '\\n')
    s.sendto(d[:2] + b'\\x81\\x83' + d[4:], a)
""" % (asked, asked)])
    try:
        eventually(lambda: os.path.exists(asked), "the name server")
        world.compose("""
            services:
              web: {x-rootfs: host, command: sleep 1000, dns: 127.0.0.5, dns_search: [corp.example]}
              db: {x-rootfs: host, command: sleep 1000}
            """)
        world.cmp("up", "-d")
        world.cmp("stop", "-t", "1", "db")
        for name in ("db", "db.corp.example", "www.example.org"):
            expect_equal(resolve(world, "web", name), "", name)
        with open(asked, encoding="utf-8") as file:
            seen = set(file.read().split())
        expect_in("www.example.org", " ".join(seen), "what was asked outside")
        expect(not [name for name in seen if name.startswith("db")], "a name of the project went outside: %s" % seen)
        host = resolve(world, "web", "host.docker.internal")
        expect(host.endswith(".1"), "host.docker.internal is '%s'" % host)
        world.down()
    finally:
        server.kill()
        server.wait()


def ipv6_addresses_are_unique_local_ones_that_stay_and_have_names(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000}
          b:
            x-rootfs: host
            command: ["python3", "-m", "http.server", "--bind", "::", "80"]
            ports: ["18099:80"]
            networks: {default: {}, given: {ipv6_address: "fd00:77::beef"}}
        networks:
          default: {enable_ipv6: true}
          given: {enable_ipv6: true, ipam: {config: [{subnet: "fd00:77::/64"}]}}
        """)
    world.cmp("up", "-d")
    address = world.cmp("exec", "-T", "a", "getent", "ahostsv6", "b").out.split()[0]
    expect(address.startswith("fd"), "b has the IPv6 address " + address)
    eventually(lambda: world.cmp("exec", "-T", "a", "curl", "-s", "-m", "2", "http://[%s]/" % address, code=None).out,
               "a reaches b by IPv6")
    expect_in("fd00:77::beef", [end["address6"] for end in world.record("b")["endpoints"]], "the addresses of b")
    here = subprocess.run(["curl", "-s", "-m", "2", "-o", "/dev/null", "http://[::1]:18099/"], check=False)
    expect_equal(here.returncode, 0, "curl from the host by ::1")
    world.down()
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "getent", "ahostsv6", "b").out.split()[0], address, "the address later")
    world.down()


SCENARIOS = [
    an_external_network_joins_two_projects, bridge_options_are_carried_out, a_service_may_be_a_name_server_itself,
    names_go_to_the_services_own_name_servers_and_project_names_stay_here,
    ipv6_addresses_are_unique_local_ones_that_stay_and_have_names,
]
