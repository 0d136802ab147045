"""What is kept of a service's output, and for how long."""
import glob
import os
import signal
import socket
import subprocess

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


def what_was_written_stays_over_restarts_and_recreation(world):
    text = "logging: {}\n        environment: {V: '%d'}"
    world.compose(WRITER % (2, text % 1))
    world.cmp("up", "-d")
    eventually(lambda: lines_of(world) == ["1", "2"], "the first run")
    follower = world.start("logs", "-f", "--no-log-prefix")
    world.cmp("restart")
    eventually(lambda: lines_of(world) == ["1", "2"] * 2, "the restarted one's lines")
    world.compose(WRITER % (2, text % 2))
    expect_in("Recreated", world.cmp("up", "-d").text)
    eventually(lambda: lines_of(world) == ["1", "2"] * 3, "the recreated one's lines")
    expect_equal([follower.stdout.readline() for _ in range(6)], [b"1\n", b"2\n"] * 3, "what a follower sees")
    world.down()
    world.cmp("up", "-d")
    eventually(lambda: lines_of(world) == ["1", "2"], "a new log after down")
    world.down()


class Receiver:
    """A datagram socket in the place of the journal's or of syslog's."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(5)

    def next(self):
        return self.socket.recv(1 << 16).decode()


def the_journal_gets_every_line_once_and_logs_has_them_too(world):
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)  # in this sandbox only
    try:
        world.compose(WRITER % (3, "logging: {driver: journald, options: {tag: '{{.Name}}', labels: team}}\n"
                                   "        labels: {team: red}"))
        expect_in("this host has no /run/systemd/journal/socket", world.cmp("up", "-d", code=1).err)
        os.makedirs("/run/systemd/journal")
        journal = Receiver("/run/systemd/journal/socket")
        world.cmp("up", "-d")
        name = world.name + "-a-1"
        for number in "123":
            message = journal.next()
            expect(message.startswith("MESSAGE=%s\nPRIORITY=6\nSYSLOG_IDENTIFIER=%s\n" % (number, name)), message)
            expect_in("\nTEAM=red\n", message)
        expect_equal(lines_of(world), ["1", "2", "3"], "logs")
        # What is written while the journal is away comes later, once, over the death of a supervisor too.
        journal.socket.close()
        os.unlink("/run/systemd/journal/socket")
        world.cmp("restart")
        eventually(lambda: len(lines_of(world)) == 6, "the lines of the second run")
        journal = Receiver("/run/systemd/journal/socket")
        os.kill(world.role("supervisor"), signal.SIGKILL)
        expect_equal([journal.next().split("\n")[0] for _ in range(3)], ["MESSAGE=1", "MESSAGE=2", "MESSAGE=3"], "late lines")
        journal.socket.close()
        world.down()
    finally:
        subprocess.run(["umount", "-l", "/run"], check=True)


def syslog_gets_more_lines_than_it_takes_at_once(world):
    path = world.top + "/log"
    world.compose(WRITER % (2000, "logging: {driver: syslog, options: {syslog-address: 'unixgram://%s', tag: shop, "
                                  "syslog-facility: local1}}" % path))
    log = Receiver(path)
    world.cmp("up", "-d")
    for number in range(1, 2001):
        message = log.next()
        expect(message.startswith("<142>") and message.endswith("]: %d" % number), "line %d: %r" % (number, message))
        expect_in(" shop[", message)
    world.down()


def wrong_options_have_their_place_and_idle_ones_are_named(world):
    for driver, options, why in (("syslog", "{tag: '{{.Nme}}'}", "'{{.Nme}}' is no field of a container"),
                                 ("syslog", "{syslog-address: 'tcp://h:1'}", "only sockets of this host"),
                                 ("json-file", "{max-sise: 1m}", "did you mean 'max-size'?"),
                                 ("jounald", "{}", "did you mean 'journald'?"),
                                 ("json-file", "{max-buffer-size: 1m}", "needs 'mode: non-blocking'")):
        world.compose(WRITER % (1, "logging: {driver: %s, options: %s}" % (driver, options)))
        error = world.cmp("up", "-d", code=1).err
        expect_in(why, error)
        expect_in("compose.yaml:7:5: service 'a': logging: ", error)
    expect_equal(world.project_left(), [], "what is left")
    world.compose(WRITER % (1, "logging: {options: {compress: 'true', mode: non-blocking, max-buffer-size: 1m}}"))
    expect_in("logging.options without effect: compress: ", world.cmp("up", "-d").err)
    world.down()


SCENARIOS = [
    a_bounded_log_keeps_the_end, following_goes_on_when_a_file_is_put_aside,
    the_driver_none_keeps_nothing_and_blocks_nobody, a_driver_that_is_not_there_is_refused_with_its_place,
    what_was_written_stays_over_restarts_and_recreation, the_journal_gets_every_line_once_and_logs_has_them_too, syslog_gets_more_lines_than_it_takes_at_once,
    wrong_options_have_their_place_and_idle_ones_are_named,
]
