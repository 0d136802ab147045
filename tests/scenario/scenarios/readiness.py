"""x-ready: cmp's own checks, which need no program in the container."""
import json

from world import eventually, expect, expect_equal, expect_in

READY = """
    services:
      db:
        x-rootfs: host
        x-ready: %s
        command: ['sh', '-c', '%s']
      web:
        x-rootfs: host
        command: sleep 1000
        depends_on: {db: {condition: service_healthy}}
    """

# Each becomes ready by itself, after a while, and notes when on the host's clock.
KINDS = {
    "tcp://:5432": "sleep 0.3; date +%s%N > /tmp/ready; exec python3 -m http.server 5432",
    "http://127.0.0.1:80/": "sleep 0.3; date +%s%N > /tmp/ready; exec python3 -m http.server 80",
    "'log:ready to accept [0-9]+ connections'": "sleep 0.3; date +%s%N > /tmp/ready; "
                                                "echo ready to accept 5 connections; exec sleep 1000",
    "[file:/run/app/pid, 'tcp://:80']": "mkdir -p /run/app; python3 -m http.server 80 & sleep 0.3; "
                                        "date +%s%N > /tmp/ready; touch /run/app/pid; exec sleep 1000",
}


def a_dependant_starts_when_the_check_holds(world):
    for check, command in KINDS.items():
        world.compose(READY % (check, command))
        world.cmp("up", "-d")
        expect_equal(world.ps()["db"]["Health"], "healthy", "health with " + check)
        probes = world.record("db")["probes"]
        expect(any(probe["exit_code"] != 0 for probe in probes), "it was not asked before it was ready: " + check)
        gap = (world.record("web")["started_at"] - probes[-1]["end"]) / 1e6
        expect(gap < 250, "%s: the dependant ran %.0f ms after the check held" % (check, gap))
        world.down()


def what_does_not_hold_is_said(world):
    world.compose("""
        services:
          db:
            x-rootfs: host
            command: sleep 1000
            x-ready: http://:80/health
            healthcheck: {interval: 50ms, retries: 2}
        """)
    expect_in("is unhealthy: its probe exited 1 (http://127.0.0.1:80/health: Connection refused)",
              world.cmp("up", "-d", "--wait", code=1).err)
    health = json.loads(world.cmp("inspect", "db").out)[0]["State"]["Health"]
    expect_equal(health["Status"], "unhealthy", "health by inspect")
    expect_in("Connection refused", health["Log"][-1]["Output"], "the last probe")
    expect_in("Connection refused", world.ps()["db"]["HealthLog"][-1]["Output"], "the last probe by ps")
    world.down()


def wrong_checks_have_their_place(world):
    for check, message in (("udp://:53", "'udp://:53' must be tcp://"), ("tcp://:99999", "is not tcp://[ADDRESS]:PORT"),
                           ("'log:('", "has no regular expression"), ("file:here", "needs an absolute path"),
                           ("{a: b}", "must be a string or a list")):
        world.compose(READY % (check, "sleep 1"))
        done = world.cmp("config", "-q", code=None)
        expect(done.code != 0, "accepted " + check)
        expect_in("compose.yaml:5:", done.err, "the place of " + check)
        expect_in(message, done.err)


def one_that_stays_unhealthy_is_started_again(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ['sh', '-c', 'touch /tmp/well; exec sleep 1000']
            x-restart-unhealthy: true
            healthcheck: {test: 'test -e /tmp/well', interval: 50ms, retries: 2}
        """)
    world.cmp("up", "-d", "--wait")
    before = world.pid("a")
    world.cmp("exec", "-T", "a", "rm", "/tmp/well")
    eventually(lambda: world.pid("a") not in (0, before), "the service is another process")
    eventually(lambda: world.ps()["a"]["Health"] == "healthy", "the service is healthy again")
    expect_in("started again 1 time; the run before: ended because it was unhealthy", world.cmp("why", "a").out)
    world.down()


SCENARIOS = [a_dependant_starts_when_the_check_holds, what_does_not_hold_is_said, wrong_checks_have_their_place,
             one_that_stays_unhealthy_is_started_again]
