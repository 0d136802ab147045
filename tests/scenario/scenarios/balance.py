"""Addresses that stand for services: who takes the connections, and what stays."""
import os
import shutil
import signal
import subprocess
import urllib.request

from names import resolve
from outside import server
from world import Skip, eventually, expect, expect_equal, expect_in

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../compose-examples/balance")

# Connects so often to a name or address and prints who has answered.
MANY = ("import socket,sys,collections\\n"
        "c=collections.Counter()\\n"
        "for i in range(int(sys.argv[3])):\\n"
        "  s=socket.create_connection((sys.argv[1],int(sys.argv[2])),2)\\n"
        "  c[s.recv(99).decode().split()[0]]+=1\\n"
        "print(' '.join(map(str,sorted(c.values()))))\\n").replace("\\n", "\n")


def nf_tables_or_skip():
    if subprocess.run(["nft", "list", "ruleset"], capture_output=True, check=False).returncode != 0:
        raise Skip("no nf_tables")


def shares(world, service, name, count):
    """How many of `count` connections each container got, fewest first."""
    done = world.cmp("exec", "-T", service, "python3", "-c", MANY, name, "80", str(count), code=None)
    return [int(word) for word in done.out.split()] if done.code == 0 else done.err[-200:]


def addresses(world, service, name, family="ahostsv4"):
    out = world.cmp("exec", "-T", service, "getent", family, name, code=None).out
    return sorted({line.split()[0] for line in out.splitlines()})


def replicated(mode, network="{enable_ipv6: true}"):
    return """
            services:
              web:%s
              client: {x-rootfs: host, command: sleep 1000}
            networks: {default: %s}
            """ % (server(80, "deploy: {replicas: 3, endpoint_mode: %s}" % mode).replace("AF_INET)", "AF_INET6,dualstack_ipv6=True)"), network)


def one_address_leads_to_the_ready_replicas_and_stays_when_they_are_recreated(world):
    nf_tables_or_skip()
    world.compose(replicated("vip"))
    world.cmp("up", "-d")
    service = addresses(world, "client", "web")
    expect_equal(len(service), 1, "the addresses of the service")
    own = sorted(world.record("web", number)["endpoints"][0]["address"] for number in (1, 2, 3))
    expect(service[0] not in own, "the service has the address of a container")
    expect_equal(addresses(world, "client", "tasks.web"), own, "tasks.web")
    expect_equal(addresses(world, "client", "%s-web-2" % world.name), [own[1]], "a container's own name")
    eventually(lambda: shares(world, "client", service[0], 30) == [10, 10, 10], "the replicas take turns")
    expect_equal(shares(world, "client", addresses(world, "client", "web", "ahostsv6")[0], 6), [2, 2, 2], "by IPv6")
    expect_equal(len(shares(world, "web", "web", 6)), 3, "who answers a replica")
    here = subprocess.run(["python3", "-c", MANY, service[0], "80", "6"], capture_output=True, text=True, check=False)
    expect_equal(here.stdout, "2 2 2\n", "from the host")
    os.kill(world.pid("web", 2), signal.SIGKILL)
    eventually(lambda: shares(world, "client", service[0], 8) == [4, 4], "the two that are left take turns")
    world.cmp("up", "-d", "--force-recreate", "web")
    expect_equal(addresses(world, "client", "web"), service, "the address later")
    eventually(lambda: shares(world, "client", service[0], 9) == [3, 3, 3], "who has the old address reaches the new ones")
    os.kill(world.role("supervisor"), signal.SIGKILL)
    eventually(lambda: shares(world, "client", "web", 3) == [1, 1, 1], "as before with a new supervisor")
    world.down()


def unhealthy_replicas_get_nothing_new_and_an_internal_network_has_service_addresses_too(world):
    nf_tables_or_skip()
    flag = world.dir + "/sick"
    world.compose(replicated("vip", "{internal: true}").replace("              client:", """
                volumes: [".:/project"]
                healthcheck:
                  test: ["CMD-SHELL", "! test -e /project/sick-$$(hostname)"]
                  interval: 50ms
                  retries: 1
              client:"""))
    world.cmp("up", "-d", "--wait")
    expect_equal(shares(world, "client", "web", 6), [2, 2, 2], "all are healthy")
    sick = world.cmp("exec", "-T", "--index", "1", "web", "hostname").out.strip()
    open("%s-%s" % (flag, sick), "w", encoding="utf-8").close()
    eventually(lambda: shares(world, "client", "web", 6) == [3, 3], "the sick one gets nothing")
    expect(world.cmp("exec", "-T", "client", "python3", "-c", MANY, "192.0.2.2", "80", "1", code=None).code != 0,
           "an internal network reaches the outside")
    world.down()


def without_a_mode_a_name_stands_for_all_replicas(world):
    world.compose(replicated("dnsrr"))
    world.cmp("up", "-d")
    own = sorted(world.record("web", number)["endpoints"][0]["address"] for number in (1, 2, 3))
    expect_equal(addresses(world, "client", "web"), own, "the addresses with dnsrr")
    world.compose(replicated("dnsrr").replace(", endpoint_mode: dnsrr", ""))
    world.cmp("up", "-d")
    expect_equal(addresses(world, "client", "web"), own, "the addresses without a mode")
    world.compose(replicated("swarm"))
    expect_in("endpoint_mode", world.cmp("up", "-d", code=1).text)
    world.down()


def links_are_names_for_who_has_them_only(world):
    world.compose("""
        name: elsewhere
        services:
          store: {x-rootfs: host, command: sleep 1000, container_name: the-store, networks: [common]}
        networks: {common: {name: common-one}}
        """, "elsewhere.yaml")
    world.cmp("-f", "elsewhere.yaml", "up", "-d")
    world.compose("""
        services:
          app:
            x-rootfs: host
            command: sleep 1000
            links: ["db:database", cache]
            external_links: ["the-store:store-alias"]
            networks: {default: {}, common: {}}
          db: {x-rootfs: host, command: sleep 1000}
          cache: {x-rootfs: host, command: sleep 1000}
        networks: {common: {name: common-one, external: true}}
        """)
    done = world.cmp("up", "-d")
    expect("links:" not in done.text and "external_links" not in done.text, "links are warned about: " + done.text)
    expect_equal(resolve(world, "app", "database"), world.record("db")["endpoints"][0]["address"], "the link")
    expect(resolve(world, "app", "store-alias"), "app does not know its external link")
    expect_equal(resolve(world, "cache", "database"), "", "the link as another service resolves it")
    world.down()
    world.cmp("-f", "elsewhere.yaml", "down", "-t", "1")


def interfaces_are_as_the_file_has_them(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            networks:
              one:
                priority: 5
                interface_name: front0
                link_local_ips: [169.254.8.8, "fe80::77"]
                driver_opts: {com.docker.network.endpoint.sysctls: "net.ipv4.conf.IFNAME.log_martians=1"}
              two: {gw_priority: 1, driver_opts: {com.docker.network.endpoint.ifname: back0}}
        networks: {one: {}, two: {}}
        """)
    world.cmp("up", "-d")
    shown = world.cmp("exec", "-T", "a", "ip", "addr").out
    for fragment in ("front0", "back0", "169.254.8.8/16", "fe80::77/64"):
        expect_in(fragment, shown, "the interfaces")
    expect_in("dev back0", world.cmp("exec", "-T", "a", "ip", "route", "show", "default").out, "the default route")
    expect_equal(world.cmp("exec", "-T", "a", "cat", "/proc/sys/net/ipv4/conf/front0/log_martians").out, "1\n", "sysctl")
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, networks: {one: {link_local_ips: [10.1.2.3]}}}
        networks: {one: {}}
        """)
    expect_in("'10.1.2.3' is no link-local address", world.cmp("up", "-d", code=1).text)
    world.down()


def a_macvlan_is_beside_the_host_on_its_device(world):
    subprocess.run("ip link add wire0 type veth peer name wire1".split(), check=True)
    try:
        if subprocess.run("ip link add probe0 link wire0 type macvlan mode bridge".split(), stderr=subprocess.DEVNULL,
                          check=False).returncode != 0:
            raise Skip("no macvlan in this kernel")
        subprocess.run("ip link delete probe0".split(), check=True)
        for command in ("ip addr add 192.0.2.1/24 dev wire0", "ip link set wire0 up", "ip link set wire1 up"):
            subprocess.run(command.split(), check=True)
        world.compose("""
            services:
              a:%s
              b: {x-rootfs: host, command: sleep 1000, networks: [lan]}
            networks:
              lan:
                driver: macvlan
                driver_opts: {parent: wire0}
                ipam: {config: [{subnet: 192.0.2.0/24, gateway: 192.0.2.1, ip_range: 192.0.2.128/28}]}
            """ % server(80, "networks: [lan]"))
        world.cmp("up", "-d")
        expect_equal(resolve(world, "b", "a"), "192.0.2.128", "a's address")
        eventually(lambda: shares(world, "b", "a", 1) == [1], "b reaches a")
        world.down()
        expect("wire0:" in open("/proc/net/dev", encoding="utf-8").read(), "the device of the host is gone")
        world.compose("services: {a: {x-rootfs: host, command: sleep 9, networks: [lan]}}\n"
                      "networks: {lan: {driver: macvlan, driver_opts: {parent: nowhere0}}}\n")
        expect_in("there is no device 'nowhere0'", world.cmp("up", "-d", code=1).text)
    finally:
        subprocess.run("ip link delete wire0".split(), check=True)


def the_networks_host_and_none_are_modes(world):
    world.compose("""
        services:
          on: {x-rootfs: host, command: sleep 1000, networks: [outer]}
          off: {x-rootfs: host, command: sleep 1000, networks: [nothing]}
        networks:
          outer: {name: host, external: true}
          nothing: {driver: none}
        """)
    world.cmp("up", "-d")
    expect_equal(os.readlink("/proc/%d/ns/net" % world.pid("on")), os.readlink("/proc/self/ns/net"), "the host's network")
    expect_equal(world.cmp("exec", "-T", "off", "ls", "/sys/class/net").out.split(), ["lo"], "the devices of none")
    world.down()


def page(port):
    with urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=5) as answer:
        return answer.read().decode()


def the_example_answers_from_each_worker_and_goes_on_when_they_are_made_anew(world):
    nf_tables_or_skip()
    if not shutil.which("nginx"):
        raise Skip("no nginx")
    world.name = "balance"
    shutil.copytree(EXAMPLE, world.dir, dirs_exist_ok=True)
    world.cmp("up", "-d", "--wait", env={"PORT": "18077"})
    expect_equal(len({eventually(lambda: page(18077), "the page") for _ in range(6)}), 3, "who answers")
    before = world.pid("front")
    world.cmp("up", "-d", "--force-recreate", "--no-deps", "worker", env={"PORT": "18077"})
    expect_equal(world.pid("front"), before, "the front's process")
    eventually(lambda: len({page(18077) for _ in range(6)}) == 3, "each new worker answers")
    world.down()


SCENARIOS = [
    one_address_leads_to_the_ready_replicas_and_stays_when_they_are_recreated,
    unhealthy_replicas_get_nothing_new_and_an_internal_network_has_service_addresses_too,
    without_a_mode_a_name_stands_for_all_replicas, links_are_names_for_who_has_them_only,
    interfaces_are_as_the_file_has_them, a_macvlan_is_beside_the_host_on_its_device,
    the_networks_host_and_none_are_modes,
    the_example_answers_from_each_worker_and_goes_on_when_they_are_made_anew,
]
