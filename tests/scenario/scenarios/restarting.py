"""Restart policies: their delays, crash loops, and why a service has ended."""
import json
import os
import signal
import time

from world import eventually, expect, expect_equal, expect_in


def a_crash_loop_is_a_state_and_fails_wait_at_once(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: ['sh', '-c', 'echo no config; exit 3'], restart: always}
          b: {x-rootfs: host, command: sleep 1000}
        """)
    start = time.monotonic()
    expect_in("container %s-a-1 is in a crash loop: started again 3 times, exited (3)" % world.name,
              world.cmp("up", "-d", "--wait", code=1).err)
    expect(time.monotonic() - start < 5, "it waited for a crash loop")
    eventually(lambda: "restarting (" in world.ps()["a"]["Status"] and ", exit 3)" in world.ps()["a"]["Status"],
               "ps names the crash loop")
    expect_equal(world.ps()["a"]["State"], "restarting", "its state")
    why = world.cmp("why", "a").out
    expect_in("exited with code 3 of its own; started again in ", why)
    expect_in("    no config\n", why)
    world.down()


def who_is_stopped_while_it_waits_for_its_next_start_is_stopped(world):
    world.compose("services: {a: {x-rootfs: host, command: 'false', restart: always}}\n")
    for _ in range(5):
        world.cmp("up", "-d")
        eventually(lambda: world.ps()["a"]["State"] == "restarting", "its loop")
        world.cmp("stop")
        expect_equal((world.ps()["a"]["State"], world.ps()["a"]["ExitCode"]), ("exited", 1), "after stop")
        expect_in("Started", world.cmp("up", "-d").text)
    world.down()


def deploys_policy_has_its_delay_and_its_limit(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ['sh', '-c', 'date +%s%N; exit 1']
            deploy: {restart_policy: {condition: any, delay: 0s, max_attempts: 5}}
        """)
    world.cmp("up", "-d")
    runs = lambda: [int(line) for line in world.cmp("logs", "--no-log-prefix", "a").out.split()]
    eventually(lambda: len(runs()) == 6, "it has run six times")
    eventually(lambda: world.ps()["a"]["State"] == "exited", "it is given up")
    times = runs()
    expect_equal(len(times), 6, "runs")
    gaps = sorted((late - early) / 1e6 for early, late in zip(times, times[1:]))
    expect(gaps[2] < 100, "between two runs without a delay: %s ms" % gaps)
    state = json.loads(world.cmp("inspect", "a").out)[0]
    expect_equal((state["RestartCount"], state["State"]["ExitCode"]), (5, 1), "by inspect")
    expect_equal(world.cmp("inspect", "--format", "{{.Name}} {{.State.Status}}", "a").out,
                 "/%s-a-1 exited\n" % world.name, "by a template")
    world.down()


def why_tells_who_has_ended_it(world):
    world.compose("""
        services:
          outside: {x-rootfs: host, command: sleep 1000}
          stopped: {x-rootfs: host, command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done']}
          stubborn: {x-rootfs: host, command: ['sh', '-c', 'trap : TERM; while :; do sleep 0.05; done'], stop_grace_period: 100ms}
          well: {x-rootfs: host, command: sleep 1000}
        """)
    world.cmp("up", "-d")
    time.sleep(0.2)  # the traps: nothing tells that a shell has set them
    os.kill(world.pid("outside"), signal.SIGKILL)
    world.cmp("stop", "stopped", "stubborn")
    eventually(lambda: world.ps()["outside"]["State"] == "exited", "it is seen to have ended")
    why = world.cmp("why").out
    for text in ("outside-1 killed from outside by SIGKILL (9)", "stopped-1 stopped by a command with SIGTERM, exit code 0",
                 "stubborn-1 killed: it did not end within the grace period (0.1 s) after SIGTERM",
                 "well-1 has been running for"):
        expect_in(text, why)
    expect_in("Exited (137)", world.ps()["outside"]["Status"])
    expect_in("(SIGKILL from outside)", world.ps()["outside"]["Status"])
    expect_in("no such service: nobody", world.cmp("why", "nobody", code=1).err)
    world.down()


def inspect_finds_everything_by_its_name(world):
    world.write("token", "hush")
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            environment: {COLOUR: red}
            secrets: [token]
            volumes: ['data:/data']
            networks: [front]
        networks: {front: {}}
        volumes: {data: {}}
        secrets: {token: {file: token}}
        """)
    world.cmp("up", "-d")
    names = [entry["Name"] for entry in json.loads(world.cmp("inspect", "a", "front", "data").out)]
    expect_equal(names, ["/%s-a-1" % world.name, world.name + "_front", world.name + "_data"], "names")
    whole = world.cmp("inspect").out
    entry = json.loads(whole)[0]
    expect_in("COLOUR=red", entry["Config"]["Env"], "environment")
    expect_equal(entry["State"]["Pid"], world.pid("a"), "pid")
    expect_equal(entry["Mounts"][0]["Destination"], "/data", "mount")
    expect("hush" not in whole, "the secret's value")
    expect_in("no such object: nothing", world.cmp("inspect", "nothing", code=1).err)
    world.down("-v")


SCENARIOS = [
    who_is_stopped_while_it_waits_for_its_next_start_is_stopped, a_crash_loop_is_a_state_and_fails_wait_at_once,
    deploys_policy_has_its_delay_and_its_limit, why_tells_who_has_ended_it, inspect_finds_everything_by_its_name,
]
