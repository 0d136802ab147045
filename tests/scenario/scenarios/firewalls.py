"""Firewalls of others beside us: they keep their say, and what they leave us works."""
import shutil
import subprocess

from balance import addresses
from outside import HOST, OTHER, Machine, ask_from, server
from world import Skip, eventually, expect_equal, expect_in

BRIDGED = "/proc/sys/net/bridge/bridge-nf-call-iptables"

# As ufw has it: the host takes answers, itself, and one port; nothing is forwarded.
WALL = """
    table inet wall {
      chain input { type filter hook input priority filter; policy drop;
        ct state established,related accept;
        iifname "lo" accept;
        tcp dport 18080 accept; }
      chain forward { type filter hook forward priority filter; policy drop;
        ct state established,related accept; }
    }
    """


def shop():
    return """
            services:
              web:%s
              client: {x-rootfs: host, command: sleep 1000}
            """ % server(80, "hostname: web", 'ports: ["18080:80", "18090:80"]', "deploy: {endpoint_mode: vip}")


def nft(text):
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input=text)


def unbridged():
    """Between two ports of one bridge no firewall is asked: as long as nobody has loaded br_netfilter."""
    try:
        with open(BRIDGED, "w", encoding="utf-8") as file:
            file.write("0")
    except FileNotFoundError:
        pass


def expect_what_is_left(world, machine, name):
    """Published ports by their sockets, within the host, and names that stand for containers."""
    eventually(lambda: machine.ask(HOST, 18080).startswith("web "), "%s: the port from outside" % name)
    expect_equal(ask_from(world, "client", OTHER, 9000), "", "%s: the way out" % name)
    own = world.record("web")["endpoints"][0]["address"]
    eventually(lambda: addresses(world, "client", "web") == [own], "%s: the name stands for the container" % name)
    for place, address, port in (("client", "web", 80), ("client", HOST, 18080), ("web", HOST, 18080)):
        expect_in("web ", ask_from(world, place, address, port), "%s: %s from %s" % (name, address, place))


def expect_everything(world, machine, name):
    eventually(lambda: machine.ask(HOST, 18080) == "web " + OTHER, "%s: the port shows who calls" % name)
    expect_in(" " + HOST, ask_from(world, "client", OTHER, 9000), "%s: the way out" % name)
    own = world.record("web")["endpoints"][0]["virtual_address"]
    eventually(lambda: addresses(world, "client", "web") == [own], "%s: the name stands for the service" % name)
    expect_in("web ", ask_from(world, "client", "web", 80), "%s: the service" % name)


def a_wall_like_that_of_ufw_keeps_its_say_and_breaks_nothing_that_it_does_not_forbid(world):
    with Machine() as machine:
        unbridged()
        machine.serve(9000)
        nft(WALL)
        world.compose(shop())
        told = world.cmp("up", "-d").text
        expect_in("'inet wall' drops what it does not know", told)
        eventually(lambda: ask_from(world, "client", HOST, 18080), "the service answers")
        expect_what_is_left(world, machine, "wall")
        expect_equal(machine.ask(HOST, 18090), "", "a port that the wall does not open")
        # What the manual says lets networks through.
        nft('insert rule inet wall forward iifname "cmpb*" accept; insert rule inet wall forward oifname "cmpb*" accept')
        expect_everything(world, machine, "an open wall")
        subprocess.run(["nft", "delete", "table", "inet", "wall"], check=True)
        world.down()


def chains_like_dockers_that_come_later_leave_the_ports_and_take_a_rule_for_us(world):
    if not shutil.which("iptables-nft"):
        raise Skip("no iptables-nft")

    def iptables(words):
        subprocess.run(["iptables-nft"] + words.split(), check=True)

    with Machine() as machine:
        unbridged()
        machine.serve(9000)
        world.compose(shop())
        world.cmp("up", "-d")
        expect_everything(world, machine, "alone")
        for words in ("-N DOCKER-USER", "-A DOCKER-USER -j RETURN", "-A FORWARD -j DOCKER-USER",
                      "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-P FORWARD DROP"):
            iptables(words)
        eventually(lambda: machine.ask(HOST, 18080) not in ("", "web " + OTHER), "the port's socket answers")
        expect_what_is_left(world, machine, "Docker")
        for way in "io":
            iptables("-I DOCKER-USER -%s cmpb+ -j ACCEPT" % way)
        expect_everything(world, machine, "Docker with our rules")
        world.down()
        subprocess.run(["nft", "delete", "table", "ip", "filter"], check=True)


SCENARIOS = [a_wall_like_that_of_ufw_keeps_its_say_and_breaks_nothing_that_it_does_not_forbid,
             chains_like_dockers_that_come_later_leave_the_ports_and_take_a_rule_for_us]
