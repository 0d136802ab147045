"""kill -9 at random moments: of the supervisor, the guardian, both, a service, a command in the middle of its work. One
command later the project is as declared, or gone, with nothing lost and nothing left over.

CMP_CHAOS_ROUNDS and CMP_CHAOS_SEED choose how long and which; without them a few seconds with a new seed.
"""
import collections
import json
import os
import random
import re
import signal
import time

from sandbox import Snapshot, output_of, tree
from world import Failure, eventually, expect, expect_equal

SHOP = """
    services:
      db:
        x-rootfs: host
        command: ["sh", "-c", "trap 'exit 0' TERM; i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.003; done"]
        environment: {VERSION: "%d"}
        healthcheck: {test: ["CMD", "true"], interval: 1s}
        stop_grace_period: 5s
        restart: always
        networks: [back]
        volumes: ["data:/data", {type: volume, source: memory, target: /memory}, {type: tmpfs, target: /scratch}]
        secrets: [password]
      app:
        x-rootfs: host
        command: ["sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.02; done"]
        depends_on: {db: {condition: service_healthy, restart: true}}
        restart: always
        networks: [front, back]
        ports: ["18090:80"]
        deploy: {replicas: 2, endpoint_mode: vip}
      plain:
        x-rootfs: host
        command: sleep 1000
        depends_on: [db]
        networks: [front]
    networks: {front: {}, back: {internal: true}}
    volumes:
      data: {}
      memory: {driver_opts: {type: tmpfs, device: tmpfs}}
    secrets: {password: {file: ./password}}
    """
CONTAINERS = (("db", 1), ("app", 1), ("app", 2), ("plain", 1))
COMMANDS = {"up": ("up", "-d"), "fresh up": ("up", "-d"), "change": ("up", "-d"), "down": ("down",), "stop": ("stop",),
            "restart": ("restart",)}
VICTIMS = ("supervisor", "guardian", "both", "service", "all three", "command")
SECONDS, SECONDS_FOR_THE_MACHINE = 20.0, 5.0
SECONDS_IN_THE_TESTS = 20


class Shop:
    def __init__(self, world, dice):
        self.world, self.dice, self.version = world, dice, 1
        self.usual = dict.fromkeys(COMMANDS, 0.2)  # how long a command takes, in seconds
        self.up_looks = {}
        self.written = 0
        world.write("password", "sesame")
        self.declare()

    def declare(self):
        self.world.compose(SHOP % self.version)

    # What is there

    def look(self):
        """What the machine has of the project, without what differs from run to run."""
        things = Snapshot(self.world).things
        things["process"] = [re.sub(r"^\d+ ", "", line) for line in things["process"] if "sleep 0.0" not in line]
        things["namespace"] = [re.sub(r"\d+", "", name) for name in things["namespace"]]
        things["nft rule"] = [re.sub(r"packets \d+ bytes \d+", "", line) for line in things["nft rule"]]
        things["address"] = re.findall(r"(?m)^\d+: (\S+) .*?(inet \S+)", output_of("ip", "-o", "addr"))
        things["file in the state directory"] = [name for name in tree(self.world.state_dir)
                                                 if "/generations" not in name and "/trash" not in name]
        return {kind: collections.Counter(found) for kind, found in things.items()}

    def steady_look(self):
        """The same three times: the child that becomes a probe is a second supervisor for a moment."""
        looks = [self.look()]
        for _ in range(2):
            time.sleep(0.1)
            looks.append(self.look())
        return looks[0] if looks[0] == looks[1] == looks[2] else None

    def expect_look(self, wanted, what):
        def same():
            now = self.look()
            lines = ["%s %s %s" % (sign, kind, thing) for kind in wanted
                     for sign, more, less in (("+", now, wanted), ("-", wanted, now))
                     for thing in (more[kind] - less[kind])]
            expect(not lines, "; ".join(lines))
            return True
        eventually(same, what, SECONDS_FOR_THE_MACHINE)

    def is_as_declared(self):
        shown = [json.loads(line) for line in self.world.cmp("ps", "-a", "--format", "json").out.splitlines()]
        wrong = [(entry["Name"], entry["Status"]) for entry in shown
                 if entry["State"] != "running" or entry["Service"] == "db" and entry["Health"] != "healthy"]
        expect(not wrong and len(shown) == len(CONTAINERS), "ps: %s" % (wrong or [entry["Name"] for entry in shown]))
        with open("/proc/%d/environ" % self.world.pid("db"), encoding="ascii") as file:
            expect("VERSION=%d" % self.version in file.read().split("\0"), "its definition")
        return True

    def no_line_is_lost(self):
        """Each run of the writer has counted from one on, and what was once in the log is still there."""
        numbers = [int(number) for number in re.findall(r"line (\d+)\n", self.world.cmp("logs", "--no-color", "db").out)]
        holes = [(one, two) for one, two in zip([0] + numbers, numbers) if two not in (one + 1, 1)]
        expect(not holes, "holes in the log: %s" % holes[:5])
        expect(len(numbers) >= self.written, "the log had %d lines and has %d" % (self.written, len(numbers)))
        self.written = len(numbers)

    def is_whole(self):
        eventually(self.is_as_declared, "as declared", SECONDS)
        if self.up_looks:
            self.expect_look(self.up_looks, "the machine as after an up")
        self.no_line_is_lost()
        path = "%s/volumes/%s_data/_data/kept" % (self.world.state_dir, self.world.name)
        expect(os.path.exists(path), "what was in the volume")

    # What happens

    def pids_of(self, victim):
        if victim in ("supervisor", "guardian"):
            return [self.world.role(victim)]
        if victim == "both":
            return [self.world.role("guardian"), self.world.role("supervisor")]
        service = [self.world.pid(*self.dice.choice(CONTAINERS))]
        return service if victim == "service" else self.pids_of("both") + service

    def kill(self, victim, process):
        """\\returns whether there was something to kill."""
        try:
            for pid in [process.pid] if victim == "command" else self.pids_of(victim):
                os.kill(pid, signal.SIGKILL)
            return True
        except (Failure, OSError, ValueError, KeyError):
            return False

    def disturb(self, action, victim):
        """Kills the victim at some moment of the action (None: while nothing happens)."""
        if action is None:
            return "%s: %s" % (victim, self.kill(victim, None))
        if action == "fresh up":
            self.world.down()
            self.written = 0
        if action == "change":
            self.version += 1
            self.declare()
        moment = self.dice.uniform(0, 1.1 * self.usual[action])
        begun = time.monotonic()
        process = self.world.start(*COMMANDS[action])
        time.sleep(moment)
        hit = self.kill(victim, process)
        try:
            _, said = process.communicate(timeout=30)
        except Exception:
            raise Failure("'%s' does not end" % action) from None
        if victim != "command":
            self.usual[action] += 0.1 * (min(time.monotonic() - begun, 1.0) - self.usual[action])
        if action == "down":
            self.written = 0
        return "%s %s after %.0f ms: %s, exit %d: %s" % (action, victim, moment * 1e3, hit, process.returncode,
                                                         said.decode()[-150:])


def one_round(shop, number, before):
    dice, world = shop.dice, shop.world
    action = dice.choice([None, *COMMANDS])
    victim = dice.choice(VICTIMS[:5] if action is None else VICTIMS)
    follow = dice.choice(("up", "up", "ps", "restart", "resume", "down") if action is None else ("up", "up", "up", "down"))
    plan = "round %d, %s, then %s" % (number, (action or "nothing", victim), follow)
    try:
        happened = shop.disturb(action, victim)
        plan += " (%s)" % happened
        if follow == "down":
            world.down()
            expect_equal(world.project_left(), [], "left of the project")
            shop.expect_look(before, "the machine as before")
            shop.written = 0
            follow = "up"
        world.cmp(*{"up": ("up", "-d"), "ps": ("ps",), "restart": ("restart",), "resume": ("resume",)}[follow])
        if victim in ("service", "all three") and action is None and follow in ("ps", "resume"):
            world.cmp("up", "-d")  # 'plain' has no restart policy
        shop.is_whole()
    except Failure as failure:
        raise Failure("%s: %s" % (failure, plan)) from failure


def killed_at_any_moment(world):
    seed = int(os.environ.get("CMP_CHAOS_SEED") or random.SystemRandom().randrange(10 ** 6))
    rounds = int(os.environ.get("CMP_CHAOS_ROUNDS") or 0)
    print("    chaos: seed %d" % seed, flush=True)
    shop = Shop(world, random.Random(seed))
    world.cmp("up", "-d")
    with open("%s/volumes/%s_data/_data/kept" % (world.state_dir, world.name), "w", encoding="ascii") as file:
        file.write("kept")
    world.down()
    before = shop.look()
    world.cmp("up", "-d")
    shop.is_whole()
    shop.up_looks = eventually(shop.steady_look, "a steady look")
    if rounds:
        signal.alarm(30 + 5 * rounds)
    end = time.monotonic() + SECONDS_IN_THE_TESTS
    number = 0
    while number < rounds if rounds else time.monotonic() < end:
        number += 1
        try:
            one_round(shop, number, before)
        except Failure as failure:
            world.told.append("chaos: seed %d: %s" % (seed, failure))
            raise Failure("seed %d: %s" % (seed, failure)) from failure
    print("    chaos: %d rounds" % number, flush=True)
    world.down("-v")


SCENARIOS = [killed_at_any_moment]
