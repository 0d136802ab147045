"""up interrupted at any moment: down leaves nothing, and the next up finishes."""
import os
import signal
import subprocess
import time

from world import Failure, eventually, expect, expect_equal, expect_in

# Steps that follow each other, so that there are many moments to be interrupted in.
CHAIN = "services:\n" + "".join("""
  s%d:
    x-rootfs: host
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
    networks: [n%d]
    volumes: ["v%d:/data"]
    healthcheck: {test: ["CMD", "true"], interval: 1s, start_period: 5s, start_interval: 50ms}
    %s
""" % (n, n % 2, n % 2, "depends_on: {s%d: {condition: service_healthy}}" % (n - 1) if n else "") for n in range(4)) + """
networks: {n0: {}, n1: {}}
volumes: {v0: {}, v1: {}}
"""
MOMENTS_MS = (0, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 200)
CTRL_C = "\x03"


def interrupted(world, number, milliseconds):
    process = world.start("up", "-d")
    try:
        process.wait(milliseconds / 1000)
    except subprocess.TimeoutExpired:
        pass
    process.send_signal(number)
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        raise Failure("up did not end after signal %d at %d ms" % (number, milliseconds)) from None


def expect_nothing_left(world, milliseconds):
    world.cmp("down", "-v", "-t", "2")
    left = world.project_left()
    expect(not left, "interrupted after %d ms, down left %s" % (milliseconds, left))


def down_leaves_nothing_after_up_was_killed(world):
    world.compose(CHAIN)
    for milliseconds in MOMENTS_MS:
        interrupted(world, signal.SIGKILL, milliseconds)
        expect_nothing_left(world, milliseconds)


def down_leaves_nothing_after_up_got_sigint(world):
    world.compose(CHAIN)
    for milliseconds in MOMENTS_MS:
        interrupted(world, signal.SIGINT, milliseconds)
        expect_nothing_left(world, milliseconds)


def down_leaves_nothing_after_everything_was_killed(world):
    """Client, guardian and supervisor die in the middle of up."""
    world.compose(CHAIN)
    for milliseconds in MOMENTS_MS:
        interrupted(world, signal.SIGKILL, milliseconds)
        for role in ("guardian", "supervisor"):
            try:
                os.kill(world.role(role), signal.SIGKILL)
            except (OSError, Failure, ValueError, KeyError):
                pass
        expect_nothing_left(world, milliseconds)


def the_next_up_finishes(world):
    world.compose(CHAIN)
    for milliseconds in MOMENTS_MS[::3]:
        interrupted(world, signal.SIGINT, milliseconds)
        world.cmp("up", "-d")
        states = [entry["State"] for entry in world.ps().values()]
        expect_equal(states, ["running"] * 4, "states after an up interrupted at %d ms" % milliseconds)
        expect_nothing_left(world, milliseconds)


def an_interrupted_up_exits_130(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}
          b: {x-rootfs: host, command: sleep 1000, depends_on: {a: {condition: service_healthy}}}
        """)
    process = world.start("up", "-d")
    eventually(lambda: world.pid("a"), "a runs")
    process.send_signal(signal.SIGINT)
    expect_equal(process.wait(20), 130, "exit code")
    world.down()


STOPPABLE = """
    services:
      polite:
        x-rootfs: host
        command: ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done"]
    """
STUBBORN = """
    services:
      stubborn:
        x-rootfs: host
        stop_grace_period: 60s
        command: ["sh", "-c", "trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done"]
    """


def ctrl_c_stops_gracefully(world):
    world.compose(STOPPABLE)
    terminal = world.terminal("up")
    terminal.read_until("ready")
    terminal.send(CTRL_C)
    expect_equal(terminal.wait(), 130, "exit code")
    expect_in("bye", terminal.text(), "the terminal")
    expect_in("racefully", terminal.text(), "the terminal")
    expect_equal(world.ps()["polite"]["ExitCode"], 0, "the service's exit code")
    world.down()


def a_second_ctrl_c_kills(world):
    world.compose(STUBBORN)
    terminal = world.terminal("up")
    terminal.read_until("ready")
    start = time.monotonic()
    terminal.send(CTRL_C)
    terminal.read_until("no\r\n")
    terminal.send(CTRL_C)
    expect_equal(terminal.wait(), 130, "exit code")
    expect(time.monotonic() - start < 10, "the second Ctrl-C waited out the grace period")
    expect_equal(world.ps()["stubborn"]["ExitCode"], 137, "the service's exit code")
    world.down()


def signals_do_the_same_without_a_terminal(world):
    for number in (signal.SIGINT, signal.SIGTERM):
        world.compose(STOPPABLE)
        process = world.start("up")
        eventually(lambda: "ready" in world.cmp("logs").out, "the service is ready")
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
        expect_equal(process.returncode, 130, "exit code after signal %d" % number)
        expect_in("bye", out.decode(), "the output")
        world.down()


SCENARIOS = [
    down_leaves_nothing_after_up_was_killed, down_leaves_nothing_after_up_got_sigint,
    down_leaves_nothing_after_everything_was_killed, the_next_up_finishes, an_interrupted_up_exits_130,
    ctrl_c_stops_gracefully, a_second_ctrl_c_kills, signals_do_the_same_without_a_terminal,
]
