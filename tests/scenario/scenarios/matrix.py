"""Who reaches whom: every place against every address, what is open and what is closed."""
import json
import subprocess

from outside import HOST, OTHER, Machine, server
from world import eventually, expect_equal

HOST6, OTHER6 = "2001:db8::1", "2001:db8::2"

# Tries all addresses at once, for as long as an answer may take; prints those that answered.
PROBE = """
import errno, json, select, socket, sys, time
wanted, found, open_ = json.load(sys.stdin), [], {}
for name, (address, port) in wanted.items():
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.setblocking(False)
    if s.connect_ex((address, port)) in (0, errno.EINPROGRESS):
        open_[s] = name
end = time.monotonic() + 0.6
while open_ and time.monotonic() < end:
    _, ready, _ = select.select([], list(open_), [], end - time.monotonic())
    for s in ready:
        name = open_.pop(s)
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            found.append(name)
print(json.dumps(found))
"""

# Places: R is the machine beside the host H; A and A2 are on one network, B on another, I on an internal one; C is another
# project's. A publishes 18080, C 18081 on loopback. "6" is the same by IPv6; host:9001 is the host's own server on loopback.
FIRST = """
            services:
              a:%s
              a2:%s
              b:%s
              i:%s
            networks:
              front: {enable_ipv6: true}
              back: {enable_ipv6: true}
              hidden: {enable_ipv6: true, internal: true}
            """
SECOND = """
            name: second
            services:
              c:%s
            networks: {default: {enable_ipv6: true}}
            """

# From → what is open; everything else that the table of addresses has is closed.
OPEN = {
    "R": {"R", "R6", "H:18080", "H6:18080"},
    "H": {"R", "R6", "A", "A6", "A2", "A26", "B", "B6", "I", "I6", "C", "C6", "H:18080", "H6:18080", "lo:18080",
          "lo6:18080", "lo:18081", "host:9001"},
    "A": {"R", "R6", "A", "A6", "A2", "A26", "H:18080", "H6:18080", "gate:18080"},
    "A2": {"R", "R6", "A", "A6", "A2", "A26", "H:18080", "H6:18080", "gate:18080"},
    "B": {"R", "R6", "B", "B6", "H:18080", "H6:18080", "gate:18080"},
    "I": {"I", "I6"},
    "C": {"R", "R6", "C", "C6", "H:18080", "H6:18080", "gate:18080"},
}


def dual(port, *more):
    return server(port, *more).replace("AF_INET)", "AF_INET6,dualstack_ipv6=True)")


def start(world):
    world.compose(FIRST % (dual(80, "networks: [front]", 'ports: ["18080:80"]'), dual(80, "networks: [front]"),
                           dual(80, "networks: [back]"), dual(80, "networks: [hidden]")))
    world.compose(SECOND % dual(80, 'ports: ["127.0.0.1:18081:80"]'), "second.yaml")
    world.cmp("up", "-d")
    world.cmp("-f", "second.yaml", "up", "-d")


def endpoint(world, place):
    if place != "C":
        return world.record(place.lower())["endpoints"][0]
    with open("%s/second/containers/second-c-1.json" % world.run_dir, encoding="utf-8") as file:
        return json.load(file)["endpoints"][0]


def pid_of(world, place):
    if place != "C":
        return world.pid(place.lower())
    with open("%s/second/containers/second-c-1.json" % world.run_dir, encoding="utf-8") as file:
        return json.load(file)["process"]["pid"]


def table_of_addresses(world):
    table = {"R": (OTHER, 9000), "R6": (OTHER6, 9000), "H:18080": (HOST, 18080), "H6:18080": (HOST6, 18080),
             "H:18081": (HOST, 18081), "H6:18081": (HOST6, 18081), "lo:18080": ("127.0.0.1", 18080),
             "lo6:18080": ("::1", 18080), "lo:18081": ("127.0.0.1", 18081), "host:9001": ("127.0.0.1", 9001)}
    for place in ("A", "A2", "B", "I", "C"):
        table[place] = (endpoint(world, place)["address"], 80)
        table[place + "6"] = (endpoint(world, place)["address6"], 80)
    return table


def with_gateway(world, place, table):
    """The place's own gateway, which is the host, by the port that another network publishes."""
    if place in ("R", "H"):
        return table
    address = endpoint(world, place)["address"].rsplit(".", 1)[0] + ".1"
    return {**table, "gate:18080": (address, 18080)}


def reached(world, machine, table):
    """Place → what answers there; all places at once."""
    running = {}
    for place in OPEN:
        pid = {"R": machine.keeper.pid, "H": 1}.get(place) or pid_of(world, place)
        into = [] if place == "H" else ["nsenter", "--net=/proc/%d/ns/net" % pid, "--"]
        running[place] = subprocess.Popen(into + ["python3", "-c", PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          text=True)
    wanted = {place: json.dumps(with_gateway(world, place, table)) for place in OPEN}
    for place, process in running.items():
        process.stdin.write(wanted[place])
        process.stdin.close()
        process.stdin = None
    return {place: set(json.loads(process.communicate()[0])) for place, process in running.items()}


def expect_matrix(world, machine, table, what):
    got = reached(world, machine, table)
    for place, want in OPEN.items():
        expect_equal(sorted(got[place] - want), [], "%s: what %s reaches and should not" % (what, place))
        expect_equal(sorted(want - got[place]), [], "%s: what %s should reach and does not" % (what, place))


def every_place_reaches_what_it_should_and_nothing_else(world):
    with Machine() as machine:
        for command in ("ip -6 addr add %s/64 dev up0 nodad" % HOST6,):
            subprocess.run(command.split(), check=True)
        for command in ("ip -6 addr add %s/64 dev eth0 nodad" % OTHER6, "ip -6 route add default via %s" % HOST6):
            machine.run(*command.split(), check=True)
        machine.server = subprocess.Popen(
            ["nsenter", "--net=/proc/%d/ns/net" % machine.keeper.pid, "--", "python3", "-m", "http.server", "--bind", "::",
             "9000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        own = subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", "9001"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        try:
            start(world)
            table = table_of_addresses(world)
            eventually(lambda: reached(world, machine, table)["H"] == OPEN["H"], "all servers answer the host", 15)
            expect_matrix(world, machine, table, "as it comes up")
            # A firewall that drops what it does not know and lets our bridges through keeps its say and breaks nothing.
            subprocess.run(["nft", "-f", "-"], check=True, text=True, input="""
                table inet wall { chain forward { type filter hook forward priority filter; policy drop;
                  iifname "cmpb*" accept;
                  oifname "cmpb*" accept; }; }""")
            expect_matrix(world, machine, table, "beside a firewall")
            subprocess.run(["nft", "flush", "ruleset"], check=True)
            eventually(lambda: reached(world, machine, table) == OPEN, "the rules are back after a flush")
            world.down()
            world.cmp("-f", "second.yaml", "down", "-t", "1")
        finally:
            own.kill()
            own.wait()


SCENARIOS = [every_place_reaches_what_it_should_and_nothing_else]
