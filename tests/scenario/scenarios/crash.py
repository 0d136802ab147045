"""kill -9 of our own processes: containers never notice."""
import os
import re
import signal
import socket
import time

from sandbox import processes
from world import eventually, expect, expect_equal

COUNTING = """
    services:
      counter:
        x-rootfs: host
        command: ["sh", "-c", "i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.002; done"]
      quiet:
        x-rootfs: host
        command: sleep 1000
        depends_on: [counter]
    """
SECONDS_TO_RECOVER = 1.0


def lines(world):
    """Numbers of the counter's lines, as `logs` has them."""
    return [int(number) for number in re.findall(r"line (\d+)\n", world.cmp("logs", "--no-color", "counter").out)]


def expect_no_line_lost(world):
    numbers = lines(world)
    expect(numbers, "no lines at all")
    expect_equal(numbers, list(range(1, len(numbers) + 1)), "the numbers of the lines")


def kill(world, *roles):
    pids = [world.role(role) for role in roles]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def within_a_second(world, condition, what):
    start = time.monotonic()
    eventually(condition, what, SECONDS_TO_RECOVER)
    world.told.append("%s after %.3f s" % (what, time.monotonic() - start))


def up(world):
    world.compose(COUNTING)
    world.cmp("up", "-d")
    eventually(lambda: len(lines(world)) > 50, "the counter counts")
    return world.pids("counter", "quiet")


def goes_on(world, pids):
    """Same processes, ps and logs work, the log grows without a hole."""
    within_a_second(world, lambda: world.ps()["counter"]["State"] == "running", "ps works")
    expect_equal(world.pids("counter", "quiet"), pids, "processes")
    seen = len(lines(world))
    eventually(lambda: len(lines(world)) > seen + 50, "the log grows")
    expect_no_line_lost(world)


def a_killed_supervisor_comes_back_and_loses_no_line(world):
    pids = up(world)
    killed = kill(world, "supervisor")
    within_a_second(world, lambda: world.role("supervisor") not in killed, "a new supervisor")
    goes_on(world, pids)
    world.down()


def a_supervisor_killed_ten_times_in_a_row_loses_no_line(world):
    pids = up(world)
    for _ in range(10):
        killed = kill(world, "supervisor")
        eventually(lambda: world.role("supervisor") not in killed, "a new supervisor")
    goes_on(world, pids)
    world.down()


def a_killed_guardian_takes_nothing_with_it(world):
    pids = up(world)
    kill(world, "guardian")
    goes_on(world, pids)
    world.down()


def the_next_ps_brings_both_back(world):
    pids = up(world)
    kill(world, "guardian", "supervisor")
    goes_on(world, pids)
    world.down()


def the_next_up_brings_both_back_and_starts_nothing(world):
    pids = up(world)
    kill(world, "guardian", "supervisor")
    world.cmp("up", "-d")
    expect_equal(world.pids("counter", "quiet"), pids, "processes")
    goes_on(world, pids)
    world.down()


def down_after_both_were_killed_leaves_nothing(world):
    up(world)
    kill(world, "guardian", "supervisor")
    world.down()
    expect_equal(world.project_left(), [], "left of the project")


def down_after_both_were_killed_waits_for_the_new_ones(world):
    up(world)
    for _ in range(3):
        kill(world, "guardian", "supervisor")
        world.down("-v")
        roles = [title for title in processes().values() if title.startswith("cmp:[")]
        expect_equal(roles, [], "processes of ours after down")
        world.cmp("up", "-d")
    world.down()


def an_exit_code_is_not_lost_while_the_supervisor_is_dead(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "trap 'exit 42' USR1; echo ready; while :; do sleep 0.02; done"]
        """)
    world.cmp("up", "-d")
    eventually(lambda: "ready" in world.cmp("logs").out, "the service is ready")
    pid = world.pid("a")
    os.kill(world.role("supervisor"), signal.SIGKILL)
    os.kill(pid, signal.SIGUSR1)
    eventually(lambda: world.ps()["a"]["State"] == "exited", "it has exited")
    expect_equal(world.ps()["a"]["ExitCode"], 42, "exit code")
    world.down()


def an_exit_that_nobody_saw_is_unknown_and_not_zero(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "trap 'exit 0' USR1; echo ready; while :; do sleep 0.02; done"]
          b: {x-rootfs: host, command: sleep 1000}
        """)
    attached = world.start("up", "--no-color")
    # By now it only follows: broken off before, it would ask for what is to run once more.
    expect(any(b"ready" in line for line in attached.stdout), "the service is ready")
    pid = world.pid("a")
    attached.send_signal(signal.SIGSTOP)
    kill(world, "guardian", "supervisor")
    os.kill(pid, signal.SIGUSR1)
    eventually(lambda: not os.path.exists("/proc/%d" % pid), "its end")
    attached.send_signal(signal.SIGCONT)
    eventually(lambda: world.ps()["a"]["State"] == "exited", "it has exited")
    expect_equal(world.ps()["a"]["ExitCode"], -1, "exit code")
    expect("Exited (unknown)" in world.ps()["a"]["Status"], "status: " + world.ps()["a"]["Status"])
    world.down()
    out, _ = attached.communicate(timeout=20)
    expect(b"exited with unknown code" in out, "the attached up says: %r" % out[-600:])


def nobody_is_refused_while_the_supervisor_is_away(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["python3", "-u", "-m", "http.server", "80", "--directory", "/usr/share"]
            ports: ["127.0.0.1:18084:80"]
        """)
    world.cmp("up", "-d")
    eventually(lambda: "Serving" in world.cmp("logs").out, "the service listens")
    guardian, supervisor = world.role("guardian"), world.role("supervisor")
    os.kill(guardian, signal.SIGSTOP)
    os.kill(supervisor, signal.SIGKILL)
    with socket.create_connection(("127.0.0.1", 18084), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        os.kill(guardian, signal.SIGCONT)
        expect(client.recv(64).startswith(b"HTTP/1.0 200"), "no answer after the supervisor is back")
    kill(world, "guardian")
    eventually(lambda: world.role("guardian") != guardian, "a new guardian")
    with socket.create_connection(("127.0.0.1", 18084), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        expect(client.recv(64).startswith(b"HTTP/1.0 200"), "no answer after the guardian is back")
    world.down()


def down_says_what_it_waits_for(world):
    up(world)
    supervisor = world.role("supervisor")
    os.kill(supervisor, signal.SIGSTOP)
    down = world.start("down", "-t", "0")
    try:
        line = down.stderr.readline().decode()
    finally:
        os.kill(supervisor, signal.SIGCONT)
    expect("supervisor of '%s' (pid %d), which has been stopped" % (world.name, supervisor) in line, "it says: " + line)
    down.communicate(timeout=20)
    expect_equal(down.returncode, 0, "exit of down")


def what_was_called_off_before_it_ran_is_only_created(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: "false"}
          b:
            x-rootfs: host
            command: sleep 1000
            depends_on: {a: {condition: service_completed_successfully}}
        """)
    world.cmp("up", "-d", code=1)
    world.cmp("stop")
    expect_equal(world.ps()["b"]["State"], "created", "state")
    expect_equal(world.ps()["b"]["Status"], "Created", "status")
    world.down()


def a_restart_policy_still_holds_after_a_crash(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, restart: always}
        """)
    world.cmp("up", "-d")
    first = world.pid("a")
    kill(world, "supervisor")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: world.pid("a") != first, "a new process", 10)
    world.down()


SCENARIOS = [
    a_killed_supervisor_comes_back_and_loses_no_line, a_supervisor_killed_ten_times_in_a_row_loses_no_line,
    a_killed_guardian_takes_nothing_with_it, the_next_ps_brings_both_back,
    the_next_up_brings_both_back_and_starts_nothing, down_after_both_were_killed_leaves_nothing,
    down_after_both_were_killed_waits_for_the_new_ones,
    an_exit_code_is_not_lost_while_the_supervisor_is_dead, a_restart_policy_still_holds_after_a_crash,
    nobody_is_refused_while_the_supervisor_is_away, down_says_what_it_waits_for,
    an_exit_that_nobody_saw_is_unknown_and_not_zero, what_was_called_off_before_it_ran_is_only_created,
]
