"""Many services: all come up and go, the screen stays whole."""
from screen import Screen
from terminal import rows_used
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
        lines = Screen(24, 80).write(text).lines()
        blocks = [line for line in lines if line.startswith("[+] %s " % command[0])]
        expect_equal(len(blocks), 1, "blocks on the screen in the end: %s" % lines)
        block = lines[lines.index(blocks[0]):]
        expect(len(block) == rows and block[-1].endswith(" more"), "something broke into the block: %s" % block)


def a_long_warning_is_shown_whole_above_the_block(world):
    sources = ["./%s-%d" % ("missing" * 12, number) for number in range(30)]
    world.compose("services:\n" + "".join(
        "  s%d: {x-rootfs: host, command: sleep 1000, stop_signal: SIGKILL, volumes: ['%s:/x:ro']}\n" % named
        for named in enumerate(sources)))
    terminal = world.terminal("up", "-d", rows=24, columns=80)
    terminal.wait(60)
    lines = Screen(24, 80).write(terminal.text()).lines()
    above = "".join(lines[:[line[:6] for line in lines].index("[+] up")])
    warnings = [text for text in terminal.text().replace("\x1b", "\n").splitlines() if "warning: " in text]
    expect(len(max(warnings, default="")) > 80, "no warning is longer than a line: %s" % warnings)
    for text in warnings:
        expect_in("".join(text[text.index("warning: "):].split()), "".join(above.split()), "the text above the block")
    world.down()


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


SCENARIOS = [fifty_services_come_and_go, progress_fits_the_screen,
             a_long_warning_is_shown_whole_above_the_block, progress_in_a_pipe_is_plain,
             a_chain_of_ten_starts_in_order]
