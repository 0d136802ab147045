"""Many services: all come up and go, the screen stays whole."""
from terminal import lines_too_wide, rows_used
from world import expect, expect_equal, expect_in


def project(count):
    return "services:\n" + "".join("  service-number-%d: {x-rootfs: host, command: sleep 1000}\n" % n
                                   for n in range(count))


def fifty_services_come_and_go(world):
    world.compose(project(50))
    world.cmp("up", "-d")
    expect_equal(sorted({entry["State"] for entry in world.ps().values()}), ["running"], "states")
    expect_equal(len(world.ps()), 50, "services")
    world.cmp("down")
    expect_equal(world.project_left(), [], "left of the project")


def progress_fits_the_screen(world):
    world.compose(project(60))
    for command in (("up", "-d"), ("down",)):
        terminal = world.terminal(*command, rows=24, columns=80)
        expect_equal(terminal.wait(60), 0, "exit code of " + command[0])
        text = terminal.text()
        expect("\x1b[" in text, "no live block at all: %r" % text[:300])
        rows = rows_used(text, 80)
        expect(rows < 24, "%s: the block is %d rows high on a screen of 24" % (command[0], rows))
        expect_equal(lines_too_wide(text, 80), [], "lines that wrap")


def progress_in_a_pipe_is_plain(world):
    world.compose(project(2))
    done = world.cmp("up", "-d")
    expect_equal("\x1b" in done.text, False, "escape sequences in a pipe")
    expect_in(" Container %s-service-number-0-1 Started" % world.name, done.err)
    world.down()


def a_chain_of_ten_starts_in_order(world):
    world.compose("services:\n" + "".join("  s%d: {x-rootfs: host, command: sleep 1000%s}\n" % (
        n, ", depends_on: [s%d]" % (n - 1) if n else "") for n in range(10)))
    world.cmp("up", "-d")
    times = [world.record("s%d" % n)["started_at"] for n in range(10)]
    expect_equal(times, sorted(times), "start times")
    world.down()


SCENARIOS = [fifty_services_come_and_go, progress_fits_the_screen, progress_in_a_pipe_is_plain,
             a_chain_of_ten_starts_in_order]
