"""up and down: what they start, leave alone, finish and remove."""
import os
import signal
import time

from world import eventually, expect, expect_equal, expect_in

TWO = """
    services:
      a:
        x-rootfs: host
        command: sleep 1000
      b:
        x-rootfs: host
        command: sleep 1000
        depends_on: [a]
    """


def up_starts_and_down_removes(world):
    world.compose(TWO)
    done = world.cmp("up", "-d")
    for word in ("Network %s_default" % world.name, "Container %s-a-1" % world.name, "Created", "Started"):
        expect_in(word, done.err, "progress")
    expect_equal({name: entry["State"] for name, entry in world.ps().items()}, {"a": "running", "b": "running"}, "ps")
    done = world.cmp("down")
    expect_in("Removed", done.err, "progress")
    expect_equal(world.project_left(), [], "left of the project")


def a_second_up_starts_nothing_and_says_so(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    before = world.pids("a", "b")
    done = world.cmp("up", "-d")
    expect_equal(world.pids("a", "b"), before, "processes after a second up")
    expect_in("Running", done.err, "progress")
    expect_in("Nothing to do: %s is as compose.yaml declares it\n" % world.name, done.err, "what it says")
    expect("Nothing" not in world.cmp("--progress", "quiet", "up", "-d").text, "quiet progress is not quiet")
    expect("Started" not in done.err and "Created" not in done.err, "the second up claims work: " + done.err)
    world.down()


def a_changed_service_is_made_anew_and_no_other(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    before = world.pids("a", "b")
    world.compose(TWO.replace("command: sleep 1000\n        depends_on", "command: sleep 999\n        depends_on"))
    done = world.cmp("up", "-d")
    after = world.pids("a", "b")
    expect_equal(after["a"], before["a"], "process of the unchanged service")
    expect(after["b"] != before["b"], "the changed service was left alone")
    expect_in("Recreated", done.err, "progress")
    world.down()


def a_service_gone_from_the_file_is_an_orphan(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    world.compose(TWO[:TWO.index("      b:")])
    done = world.cmp("up", "-d")
    expect_in("%s-b-1" % world.name, done.err, "the warning of orphans")
    expect_equal(sorted(world.ps()), ["a", "b"], "services")
    world.cmp("up", "-d", "--remove-orphans")
    expect_equal(sorted(world.ps()), ["a"], "services after --remove-orphans")
    world.down()


def down_of_nothing_is_a_warning(world):
    world.compose(TWO)
    done = world.cmp("down")
    expect_in("No resource found to remove for project", done.err)


def a_process_without_a_handler_is_ended_at_once(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    start = time.monotonic()
    world.cmp("down")
    expect(time.monotonic() - start < 3, "down waited out the grace period of sleep(1), which cannot get SIGTERM")


def nobody_in_a_chain_who_cannot_hear_is_waited_for(world):
    world.compose("services:\n" + "".join(
        "  s%d: {x-rootfs: host, command: sleep 1000, stop_grace_period: 5m%s}\n" %
        (i, ", depends_on: [s%d]" % (i - 1) if i else "") for i in range(10)))
    world.cmp("up", "-d")
    world.cmp("down", timeout=30)  # one that were waited for would take ten times that; tests/bench/lifecycle has figures


def a_handler_has_its_grace_period(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "trap 'echo asked; sleep 0.5; echo finished; exit 7' TERM; echo ready; while :; do sleep 0.1; done"]
        """)
    world.cmp("up", "-d")
    eventually(lambda: "ready" in world.cmp("logs").out, "the service is ready")
    world.cmp("stop")
    expect_in("finished", world.cmp("logs").out, "logs")
    expect_equal(world.ps()["a"]["ExitCode"], 7, "exit code")
    world.down()


def one_that_ignores_the_signal_is_killed_after_its_time(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            stop_grace_period: 500ms
            command: ["sh", "-c", "trap '' TERM; trap 'echo ignored' USR1; echo ready; while :; do sleep 0.1; done"]
            stop_signal: USR1
        """)
    world.cmp("up", "-d")
    eventually(lambda: "ready" in world.cmp("logs").out, "the service is ready")
    start = time.monotonic()
    world.cmp("stop")
    expect(0.4 < time.monotonic() - start < 5, "stop took %.1f s" % (time.monotonic() - start))
    expect_in("ignored", world.cmp("logs").out, "logs")
    expect_equal(world.ps()["a"]["ExitCode"], 137, "exit code")
    world.down()


def an_up_that_failed_half_way_is_finished_by_the_next(world):
    text = """
        services:
          good:
            x-rootfs: host
            command: sleep 1000
          bad:
            x-rootfs: host
            command: %s
            depends_on: [good]
        """
    world.compose(text % "/no/such/program")
    failed = world.cmp("up", "-d", code=None)
    expect(failed.code != 0, "up of a missing program succeeded")
    expect_in("/no/such/program", failed.err)
    world.compose(text % "sleep 1000")
    world.cmp("up", "-d")
    expect_equal({name: entry["State"] for name, entry in world.ps().items()}, {"good": "running", "bad": "running"}, "ps")
    world.down()


def a_failed_up_leaves_nothing_after_down(world):
    world.compose("""
        services:
          good: {x-rootfs: host, command: sleep 1000}
          bad: {x-rootfs: host, command: /no/such/program}
        """)
    expect(world.cmp("up", "-d", code=None).code != 0, "up succeeded")
    world.down()
    expect_equal(world.project_left(), [], "left of the project")


def anonymous_and_named_volumes_keep_their_data(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            volumes: ["data:/data"]
        volumes: {data: {}}
        """)
    world.cmp("up", "-d")
    world.cmp("exec", "-T", "a", "sh", "-c", "echo kept > /data/file")
    world.down()
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "cat", "/data/file").out, "kept\n", "the file in the volume")
    world.down("-v")
    expect(not os.path.exists("%s/volumes/%s_data" % (world.state_dir, world.name)), "the volume outlived down -v")


def ended_services_are_started_again_by_up(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    before = world.pids("a", "b")
    os.kill(before["b"], signal.SIGKILL)
    eventually(lambda: world.ps()["b"]["State"] == "exited", "b has exited")
    expect_equal(world.ps()["b"]["ExitCode"], 137, "exit code")
    world.cmp("up", "-d")
    expect_equal(world.pid("a"), before["a"], "process of a")
    expect(world.pid("b") != before["b"], "b is the old process")
    world.down()


def a_crashing_service_is_restarted_on_failure(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            restart: on-failure
            command: ["sh", "-c", "echo start >> /data/starts; [ $$(wc -l < /data/starts) -ge 3 ] && exec sleep 1000; exit 1"]
            volumes: ["data:/data"]
        volumes: {data: {}}
        """)
    world.cmp("up", "-d")
    eventually(lambda: len(world.cmp("exec", "-T", "a", "cat", "/data/starts").out.split()) == 3, "the third start", 15)
    expect_equal(world.ps()["a"]["State"], "running", "state")
    world.down("-v")


def on_failure_leaves_success_alone(world):
    world.compose("""
        services:
          a: {x-rootfs: host, restart: on-failure, command: "true"}
        """)
    world.cmp("up", "-d")
    eventually(lambda: world.ps()["a"]["State"] == "exited", "it has exited")
    expect_equal(world.ps()["a"]["ExitCode"], 0, "exit code")
    expect_equal(world.record("a").get("restart_count", 0), 0, "restarts")
    world.down()


def the_host_shows_its_programs_and_not_its_secrets(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: sleep 1000, init: true}
        """)
    world.cmp("up", "-d")
    for secret in ("/etc/shadow", "/etc/gshadow"):
        expect_equal(world.cmp("exec", "a", "cat", secret).out, "", secret)
    expect_in("nobody", world.cmp("exec", "a", "getent", "passwd", "nobody").out)
    listing = world.cmp("exec", "a", "sh", "-c", "cd /; for d in */; do [ -n \"$(ls -A $d 2>&1)\" ] && echo ${d%/}; done; :")
    shown = set(listing.out.split())
    expect(shown <= {"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "sbin", "sys", "usr",
                     "var"}, "it sees %s" % sorted(shown))
    with open("/proc/%d/cmdline" % world.pid("a"), "rb") as file:
        expect_equal(file.read().strip(b"\0").decode(), "cmp:[init %s-a-1]" % world.name, "title of PID 1")
    world.down()


SCENARIOS = [
    the_host_shows_its_programs_and_not_its_secrets,
    up_starts_and_down_removes, a_second_up_starts_nothing_and_says_so, a_changed_service_is_made_anew_and_no_other,
    a_service_gone_from_the_file_is_an_orphan, down_of_nothing_is_a_warning,
    a_process_without_a_handler_is_ended_at_once, nobody_in_a_chain_who_cannot_hear_is_waited_for,
    a_handler_has_its_grace_period,
    one_that_ignores_the_signal_is_killed_after_its_time, an_up_that_failed_half_way_is_finished_by_the_next,
    a_failed_up_leaves_nothing_after_down, anonymous_and_named_volumes_keep_their_data,
    ended_services_are_started_again_by_up, a_crashing_service_is_restarted_on_failure, on_failure_leaves_success_alone,
]
