"""Networks and the world outside: a machine beside the host, on a cable of its own."""
import os
import subprocess

from world import Skip, eventually, expect, expect_equal, expect_in

HOST, OTHER = "192.0.2.1", "192.0.2.2"

# Answers with its own name and the address that asks.
SERVER = ("import socket,os\\n"
          "s=socket.create_server(('%s',%d),family=socket.%s)\\n"
          "while True:\\n"
          "  c,a=s.accept()\\n"
          "  c.sendall((os.uname().nodename+' '+a[0]).encode())\\n"
          "  c.close()\\n")
CLIENT = "import socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2])),2); print(s.recv(99).decode())"


def program(port, address=""):
    """The server as a Python program."""
    return SERVER.replace("\\n", "\n") % (address, port, "AF_INET6" if ":" in address else "AF_INET")


class Machine:
    """A network namespace at the other end of a cable."""

    def __init__(self):
        if subprocess.run(["nft", "list", "ruleset"], capture_output=True, check=False).returncode != 0:
            raise Skip("no nf_tables")
        self.keeper = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.server = None
        eventually(lambda: os.readlink("/proc/%d/ns/net" % self.keeper.pid) != os.readlink("/proc/self/ns/net"),
                   "a network namespace")
        for command in ("ip link add up0 type veth peer name eth0 netns %d" % self.keeper.pid,
                        "ip addr add %s/24 dev up0" % HOST, "ip link set up0 up"):
            subprocess.run(command.split(), check=True)
        for command in ("ip addr add %s/24 dev eth0" % OTHER, "ip link set eth0 up", "ip link set lo up",
                        "ip route add default via %s" % HOST):
            self.run(*command.split(), check=True)

    def run(self, *command, **options):
        return subprocess.run(["nsenter", "--net=/proc/%d/ns/net" % self.keeper.pid, "--"] + list(command),
                              capture_output=True, text=True, **options)

    def serve(self, port, address=""):
        self.server = subprocess.Popen(["nsenter", "--net=/proc/%d/ns/net" % self.keeper.pid, "--", "python3", "-c",
                                        program(port, address)])
        eventually(lambda: self.ask(address or "127.0.0.1", port), "the server outside")

    def ask(self, address, port):
        """What the server there says, or ""."""
        return self.run("python3", "-c", CLIENT, address, str(port), check=False).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.server, self.keeper):
            if process:
                process.kill()
                process.wait()
        subprocess.run(["ip", "link", "delete", "up0"], stderr=subprocess.DEVNULL, check=False)


def ask_from(world, service, address, port):
    return world.cmp("exec", "-T", service, "python3", "-c", CLIENT, address, str(port), code=None).out.strip()


def server(port, *more):
    """The definition of a service, as the files below are indented."""
    lines = ["x-rootfs: host", 'command: ["python3", "-c", "%s"]' % (SERVER % ("", port, "AF_INET"))] + list(more)
    return "".join("\n" + " " * 16 + line for line in lines)


def forwarding(device):
    with open("/proc/sys/net/ipv4/conf/%s/forwarding" % device, encoding="utf-8") as file:
        return file.read().strip()


def a_service_reaches_the_outside_with_the_address_of_the_host(world):
    with Machine() as machine:
        machine.serve(9000)
        world.compose("""
            services:
              out: {x-rootfs: host, command: sleep 1000}
              in: {x-rootfs: host, command: sleep 1000, networks: [hidden]}
            networks: {hidden: {internal: true}}
            """)
        world.cmp("up", "-d")
        expect_in(" " + HOST, ask_from(world, "out", OTHER, 9000), "what the machine outside saw")
        expect_equal(ask_from(world, "in", OTHER, 9000), "", "the internal network's way out")
        expect_equal(open("/proc/sys/net/ipv4/ip_forward", encoding="utf-8").read(), "0\n", "ip_forward")
        expect_equal(forwarding("up0"), "1", "forwarding from the uplink")
        world.down()
        expect_equal(forwarding("up0"), "0", "forwarding from the uplink after down")
        expect_equal(subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout, "",
                     "rules after down")


def a_published_port_shows_the_true_client(world):
    with Machine() as machine:
        world.compose("""
            services:
              web:%s
              other: {x-rootfs: host, command: sleep 1000, networks: [far]}
            networks: {far: {}}
            """ % server(80, "hostname: web", 'ports: ["18080:80"]'))
        world.cmp("up", "-d")
        eventually(lambda: machine.ask(HOST, 18080) == "web " + OTHER, "the machine outside reaches the port as itself")
        expect_in("web ", ask_from(world, "other", HOST, 18080), "from another network")
        expect_in("web ", ask_from(world, "web", HOST, 18080), "from the service itself")
        for address in (HOST, "127.0.0.1"):
            here = subprocess.run(["python3", "-c", CLIENT, address, "18080"], capture_output=True, text=True, check=False)
            expect_in("web ", here.stdout, "from the host by " + address)
        address = world.record("web")["endpoints"][0]["address"]
        expect_equal(machine.ask(address, 80), "", "the container's own address from outside")
        expect_equal(ask_from(world, "other", address, 80), "", "the container's own address from another network")
        # Rules that somebody flushed come back; until then the port's own socket answers.
        subprocess.run(["nft", "flush", "ruleset"], check=True)
        expect_in("web ", machine.ask(HOST, 18080), "after a flush")
        eventually(lambda: machine.ask(HOST, 18080) == "web " + OTHER, "the rules come back")
        os.kill(world.role("supervisor"), 9)
        eventually(lambda: world.role("supervisor"), "a new supervisor")
        eventually(lambda: machine.ask(HOST, 18080) == "web " + OTHER, "the port after a supervisor was killed")
        world.down()


def connections_to_replicas_take_turns(world):
    with Machine() as machine:
        world.compose("""
            services:
              web:%s
            """ % server(80, "deploy: {replicas: 3}", 'ports: ["18081:80"]'))
        world.cmp("up", "-d")
        eventually(lambda: len({machine.ask(HOST, 18081) for _ in range(3)} - {""}) == 3, "three replicas answer")
        answers = [machine.ask(HOST, 18081) for _ in range(9)]
        expect_equal(sorted(answers.count(answer) for answer in set(answers)), [3, 3, 3], "answers of each")
        world.cmp("kill", "web")
        expect_equal(machine.ask(HOST, 18081), "", "an answer when none runs")
        world.down()


def ipv6_reaches_the_outside_where_the_kernel_has_a_switch_a_device(world):
    if not os.path.exists("/proc/sys/net/ipv6/conf/lo/force_forwarding"):
        raise Skip("no force_forwarding")
    with Machine() as machine:
        subprocess.run("ip -6 addr add 2001:db8:9::1/64 dev up0 nodad".split(), check=True)
        machine.run(*"ip -6 addr add 2001:db8:9::2/64 dev eth0 nodad".split(), check=True)
        machine.serve(9000, "::")
        world.compose("""
            services: {a: {x-rootfs: host, command: sleep 1000}}
            networks: {default: {enable_ipv6: true}}
            """)
        world.cmp("up", "-d")
        expect_in("2001:db8:9::1", ask_from(world, "a", "2001:db8:9::2", 9000), "what the machine outside saw")
        expect_equal(open("/proc/sys/net/ipv6/conf/all/forwarding", encoding="utf-8").read(), "0\n", "the big switch")
        world.down()
        switch = open("/proc/sys/net/ipv6/conf/up0/force_forwarding", encoding="utf-8").read()
        expect_equal(switch, "0\n", "the switch of the uplink after down")


SCENARIOS = [
    a_service_reaches_the_outside_with_the_address_of_the_host, a_published_port_shows_the_true_client,
    connections_to_replicas_take_turns, ipv6_reaches_the_outside_where_the_kernel_has_a_switch_a_device,
]
