"""PID 1: with a reaper and without."""
import time

from world import eventually, expect, expect_equal, expect_in


def compose(world, command, *lines):
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: %s\n%s" %
                  (command, "".join("    %s\n" % line for line in lines)))


def ready(world):
    eventually(lambda: "ready" in world.cmp("logs").out, "the service is ready")


def who_cannot_get_the_signal_is_ended_at_once_and_one_line_says_so(world):
    compose(world, "sleep 1000", "scale: 2")
    world.cmp("up", "-d")
    done = world.cmp("down")
    expect_in("warning: {0}-a-1, {0}-a-2: no handler for SIGTERM, ended at once\n".format(world.name), done.err)
    expect_in("Container %s-a-1 Stopped \n" % world.name, done.err)
    expect_equal(done.err.count("handler"), 1, "lines about it")


def who_does_not_end_is_named_while_he_is_waited_for(world):
    compose(world, '["sh", "-c", "trap : TERM; echo ready; while :; do sleep 0.05; done"]', "stop_grace_period: 1500ms")
    world.cmp("up", "-d")
    ready(world)
    done = world.cmp("stop")
    expect_in("Container %s-a-1 Stopping (does not end on SIGTERM: killed in 1 s)\n" % world.name, done.err)
    expect_in("Container %s-a-1 Stopped (did not end in time: killed)\n" % world.name, done.err)
    world.down()


def the_reaper_hands_signals_on(world):
    compose(world, '["sh", "-c", "trap \'echo one\' USR1; trap \'echo winch\' WINCH; trap \'exit 9\' TERM; echo ready; '
            'while :; do sleep 0.05; done"]', "init: true")
    world.cmp("up", "-d")
    ready(world)
    for signal, word in (("USR1", "one"), ("WINCH", "winch")):
        world.cmp("kill", "-s", signal)
        eventually(lambda word=word: word in world.cmp("logs").out, "the handler of " + signal)
    start = time.monotonic()
    world.cmp("stop")
    expect(time.monotonic() - start < 3, "stop waited")
    expect_equal(world.ps()["a"]["ExitCode"], 9, "exit code")
    world.down()


def a_first_process_that_waits_for_signals_gets_them(world):
    compose(world, """["python3", "-c", "import signal; s = [signal.SIGTERM]; signal.pthread_sigmask(0, s); """
            """print('ready', flush=True); print(signal.sigwait(s), flush=True); exit(3)"]""")
    world.cmp("up", "-d")
    ready(world)
    world.cmp("stop")
    expect_equal(world.ps()["a"]["ExitCode"], 3, "exit code")
    world.down()


def the_reaper_ends_as_the_service_ended(world):
    compose(world, '["sh", "-c", "kill -KILL $$$$"]', "init: true")
    world.cmp("up", code=None)
    expect_equal(world.ps()["a"]["ExitCode"], 137, "exit code")
    world.down()


def a_service_behind_the_reaper_needs_no_handler(world):
    compose(world, "sleep 1000", "init: true")
    world.cmp("up", "-d")
    start = time.monotonic()
    world.cmp("stop")
    expect(time.monotonic() - start < 3, "stop waited out the grace period")
    expect_equal(world.ps()["a"]["ExitCode"], 143, "exit code")
    world.down()


def job_control_stops_the_service_and_not_the_reaper(world):
    compose(world, '["sh", "-c", "echo ready; while :; do sleep 0.05; done"]', "init: true")
    world.cmp("up", "-d")
    ready(world)

    def state():
        lines = world.cmp("exec", "-T", "a", "sh", "-c", "for p in 1 2; do cut -d' ' -f3 /proc/$p/stat; done").out
        return lines.split()
    world.cmp("kill", "-s", "TSTP")
    eventually(lambda: state()[1] == "T" and state()[0] != "T", "the service is stopped")
    world.cmp("kill", "-s", "CONT")
    eventually(lambda: state()[1] != "T", "it goes on")
    world.down()


def orphans_are_reaped(world):
    compose(world, '["sh", "-c", "(sleep 0.01 &); (sleep 0.02 &); echo ready; exec sleep 1000"]', "init: true")
    world.cmp("up", "-d")
    ready(world)

    def zombies():
        return world.cmp("exec", "-T", "a", "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status || true").out
    eventually(lambda: zombies() == "", "no zombies")
    world.down()


SCENARIOS = [
    who_cannot_get_the_signal_is_ended_at_once_and_one_line_says_so, who_does_not_end_is_named_while_he_is_waited_for,
    the_reaper_hands_signals_on, a_first_process_that_waits_for_signals_gets_them, the_reaper_ends_as_the_service_ended, a_service_behind_the_reaper_needs_no_handler,
    job_control_stops_the_service_and_not_the_reaper, orphans_are_reaped,
]
