"""What is kept of a service's output, and for how long."""
import glob

from world import eventually, expect, expect_equal, expect_in

WRITER = """
    services:
      a:
        x-rootfs: host
        stop_signal: SIGKILL
        command: ["sh", "-c", "seq 1 %d; exec sleep 1000"]
        %s
    """


def lines_of(world):
    return world.cmp("logs", "--no-log-prefix").out.split()


def a_bounded_log_keeps_the_end(world):
    world.compose(WRITER % (100000, "logging: {options: {max-size: 100k, max-file: '3'}}"))
    world.cmp("up", "-d")
    eventually(lambda: lines_of(world)[-1:] == ["100000"], "the last line")
    lines = lines_of(world)[1:]
    expect_equal(lines, [str(number) for number in range(100001 - len(lines), 100001)], "the lines without a gap")
    files = glob.glob("%s/projects/%s/logs/*.out*" % (world.state_dir, world.name))
    expect_equal(len([name for name in files if not name.endswith(".idx")]), 3, "files of the log: %s" % files)
    world.down()


def following_goes_on_when_a_file_is_put_aside(world):
    world.compose(WRITER % (3000, "logging: {options: {max-size: 1k, max-file: '100'}}"))
    world.cmp("up", "-d")
    follower = world.start("logs", "-f", "--no-log-prefix")
    for number in range(1, 3001):
        expect_equal(follower.stdout.readline(), b"%d\n" % number, "the next line")
    world.down()


def the_driver_none_keeps_nothing_and_blocks_nobody(world):
    world.compose(WRITER % (100000, "logging: {driver: none}"))
    world.cmp("up", "-d")
    eventually(lambda: "sleep" in open("/proc/%d/cmdline" % world.pid("a")).read(), "all is written")
    expect_equal(lines_of(world), [], "the log")
    world.down()


def a_driver_that_is_not_there_is_refused_with_its_place(world):
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: 'true'\n    logging:\n      driver: fluentd\n")
    error = world.cmp("up", "-d", code=1).err
    expect_in("the driver 'fluentd' is not supported", error)
    expect("compose.yaml:5:5" in error or "compose.yaml:6:15" in error, "the place in %r" % error)
    expect_equal(world.project_left(), [], "what is left")


SCENARIOS = [
    a_bounded_log_keeps_the_end, following_goes_on_when_a_file_is_put_aside,
    the_driver_none_keeps_nothing_and_blocks_nobody, a_driver_that_is_not_there_is_refused_with_its_place,
]
