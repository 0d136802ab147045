"""Databases on their official images: what they were told they still know, whatever happens to them."""
import os
import signal

import hub
from world import eventually, expect, expect_equal, expect_in

FILE = """
    services:
      database:
        image: postgres:15
        environment: {POSTGRES_PASSWORD: secret, PGOPTIONS: "%s"}
        volumes: ["data:/var/lib/postgresql/data"]
        # By the network: while it sets itself up it answers on its socket alone, and then starts anew.
        healthcheck: {test: [CMD, pg_isready, -q, -h, 127.0.0.1, -U, postgres], interval: 200ms, retries: 100}
      queue:
        image: redis:7
        command: [redis-server, --appendonly, "yes", --appendfsync, always, --maxmemory, "%s"]
        volumes: ["queue:/data"]
        healthcheck: {test: [CMD, redis-cli, ping], interval: 200ms, retries: 100}
    volumes: {data: {}, queue: {}}
    """


def tell(world, number):
    world.cmp("exec", "-T", "database", "psql", "-qU", "postgres", "-c", "INSERT INTO told VALUES (%d)" % number)
    world.cmp("exec", "-T", "queue", "redis-cli", "rpush", "told", str(number))


def known(world):
    rows = world.cmp("exec", "-T", "database", "psql", "-AtU", "postgres", "-c", "SELECT * FROM told ORDER BY 1").out
    listed = world.cmp("exec", "-T", "queue", "redis-cli", "lrange", "told", "0", "-1").out
    return rows.split(), listed.split()


def up(world, option="", memory="50mb"):
    world.compose(FILE % (option, memory))
    world.cmp("up", "-d", "--wait", timeout=100)


def they_lose_nothing_over_changes_kills_and_down(world):
    hub.stand_in(world, "postgres", "redis")
    up(world)
    world.cmp("exec", "-T", "database", "psql", "-qU", "postgres", "-c", "CREATE TABLE told (number int)")
    tell(world, 1)
    up(world, "-c statement_timeout=0", "60mb")
    tell(world, 2)
    # A snapshot of running databases is what a power cut leaves: they come up from it.
    for volume in ("data", "queue"):
        world.cmp("volume", "snapshot", "%s_%s" % (world.name, volume), "two")
    tell(world, 3)
    for service in ("database", "queue"):
        os.kill(world.pid(service), signal.SIGKILL)
    eventually(lambda: not [s for s in world.ps().values() if s["State"] == "running"], "both have ended")
    up(world, "-c statement_timeout=0", "60mb")
    tell(world, 4)
    for role in ("guardian", "supervisor"):
        os.kill(world.role(role), signal.SIGKILL)
    tell(world, 5)
    world.down()
    up(world)
    expect_equal(known(world), (list("12345"), list("12345")), "what they know after all of that")
    world.cmp("stop")
    for volume in ("data", "queue"):
        world.cmp("volume", "restore", "%s_%s" % (world.name, volume), "two")
    world.cmp("up", "-d", "--wait")
    expect_equal(known(world), (list("12"), list("12")), "what they knew at the time of the snapshot")
    expect_equal(world.cmp("exec", "-T", "database", "stat", "-c", "%U %a", "/var/lib/postgresql/data").out,
                 "postgres 700\n", "owner and mode of the restored volume")
    told = world.down("-v").err
    expect_in("Volume %s_data Removed" % world.name, told)
    for volume in ("data", "queue"):
        world.cmp("volume", "restore", "%s_%s" % (world.name, volume))
    up(world)
    expect(known(world)[0] == list("12"), "it has come back from the trash")
    world.down("-v")


SCENARIOS = [they_lose_nothing_over_changes_kills_and_down]
