"""A change that fails, or is broken off, takes nothing from what ran before."""
import os
import signal
import socket
import time

from world import eventually, expect, expect_equal, expect_in

WAIT = '["sh", "-c", "trap \'exit 0\' TERM; while :; do sleep 0.02; done"]'


def file_with(services):
    return "services:\n" + "".join("  %s: {x-rootfs: host, volumes: [/data], %s}\n" % entry for entry in services)


def running(world):
    return sorted(entry["Service"] for entry in world.ps().values() if entry["State"] == "running")


def a_typo_in_a_change_leaves_what_ran(world):
    good = [("a", "command: %s" % WAIT), ("b", "command: %s" % WAIT)]
    world.compose(file_with(good))
    world.cmp("up", "-d")
    for service in "ab":
        world.cmp("exec", "-T", service, "sh", "-c", "echo kept >/data/f; echo own >/opt/own")
    for wrong in ("command: slep 1000", "command: %s, user: nosuch" % WAIT):
        world.compose(file_with([("a", "command: %s, environment: {NEW: x}" % WAIT), ("b", wrong)]))
        world.cmp("up", "-d", code=1)
        expect_equal(running(world), ["a", "b"], "what runs after %s" % wrong)
        for service in "ab":
            expect_equal(world.cmp("exec", "-T", service, "cat", "/data/f", "/opt/own").out, "kept\nown\n", service)
        expect_equal(world.cmp("exec", "-T", "a", "sh", "-c", "echo $NEW").out, "\n", "its environment")
    world.compose(file_with(good))
    expect_in("Nothing to do", world.cmp("up", "-d").err)
    world.compose(file_with([("a", "command: %s, environment: {NEW: x}" % WAIT), good[1]]))
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "sh", "-c", "echo $NEW; cat /data/f; ls /opt/own 2>/dev/null || echo gone").out,
                 "x\nkept\ngone\n", "made again for good")
    world.down()
    expect_equal(world.project_left(), [], "left")


def broken_off_while_it_makes_again(world):
    names = "abcdefgh"
    world.compose(file_with([(name, "command: %s" % WAIT) for name in names]))
    world.cmp("up", "-d")
    for name in names:
        world.cmp("exec", "-T", name, "sh", "-c", "echo kept >/data/f")
    for number, line in enumerate(("Recreate", "Stopp", "Recreated", "Start")):
        world.compose(file_with([(name, "command: %s, environment: {N: '%d'}" % (WAIT, number)) for name in names]))
        process = world.start("--progress", "plain", "up", "-d")
        for told in process.stderr:
            if line.encode() in told:
                break
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        expect(process.wait(30) in (130, 0), "exit code")
        world.cmp("up", "-d")
        expect_equal(running(world), list(names), "what runs after a signal at '%s'" % line)
        for name in names:
            expect_equal(world.cmp("exec", "-T", name, "cat", "/data/f").out, "kept\n", "data of %s" % name)
    world.down()


def down_leaves_orphans(world):
    world.compose(file_with([("a", "command: %s" % WAIT), ("old", "command: %s" % WAIT)]))
    world.cmp("up", "-d")
    world.compose(file_with([("a", "command: %s" % WAIT)]))
    done = world.cmp("down", "-t", "2")
    expect_in("Found orphan containers (downleavesorphans-old-1)", done.err)
    expect_equal(running(world), ["old"], "what is left")
    world.cmp("down", "-t", "2", "--remove-orphans")
    expect_equal(world.project_left(), [], "left")


def can_bind(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def a_stopped_service_lets_go_of_its_port(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: [sh, -c, "trap 'exit 0' TERM; while [ ! -e /tmp/end ]; do sleep 0.02; done"], ports: ["127.0.0.1:18431:80"]}
        """)
    world.cmp("up", "-d")
    expect_equal(can_bind(18431), False, "free while it runs")
    world.cmp("stop", "-t", "2")
    expect_equal(can_bind(18431), True, "free after stop")
    expect_equal(world.ps()["a"]["Publishers"], [], "ports of a stopped one")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 18431))
        holder.listen()
        expect_in("18431", world.cmp("start", code=1).err)
    world.cmp("start")
    expect_equal(can_bind(18431), False, "free after start")
    world.cmp("exec", "-T", "a", "touch", "/tmp/end")
    eventually(lambda: can_bind(18431), "it is free when the service has ended by itself")
    world.down()


def an_attached_up_that_is_broken_off_early_says_so(world):
    world.compose(file_with([("s%d" % number, "command: %s" % WAIT) for number in range(12)]))
    for wait in (0.02, 0.05, 0.1, 0.2):
        process = world.start("up")
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        expect(process.returncode in (130, -signal.SIGINT), "exit code %d: %s" % (process.returncode, err[-300:]))
        expect("no such file" not in err.decode(), err[-300:])
        world.cmp("down", "-t", "0", code=None)
        eventually(lambda: world.project_left() == [], "nothing is left")


def is_dead(pid):
    """Reaped or not."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def one_that_died_unseen_is_not_up(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}}\n")
    world.cmp("up", "-d")
    victim = world.pid("a")
    for pid in (world.role("guardian"), world.role("supervisor"), victim):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_dead(victim), "it has died")
    expect_in("Exited", world.cmp("ps", "-a").out)
    world.cmp("up", "-d")
    expect_equal(running(world), ["a"], "what runs")
    world.down()


SCENARIOS = [a_typo_in_a_change_leaves_what_ran, broken_off_while_it_makes_again, down_leaves_orphans,
             a_stopped_service_lets_go_of_its_port, an_attached_up_that_is_broken_off_early_says_so,
             one_that_died_unseen_is_not_up]
