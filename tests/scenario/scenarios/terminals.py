"""tty, stdin_open, attach."""
import fcntl
import os
import signal
import struct
import termios

from world import eventually, expect, expect_equal, expect_in

SHELL = """
    services:
      a:
        x-rootfs: host
        tty: true
        stdin_open: true
        command: ["sh", "-c", "tty; stty size; read line; echo got=$$line; read line; exit 7"]
    """
CAT = "services: {a: {x-rootfs: host, stdin_open: true, stop_signal: SIGKILL, command: cat}}\n"


def up(world, text):
    world.compose(text)
    world.cmp("up", "-d")


def logs_of(world):
    return world.cmp("logs", "--no-log-prefix").out.replace("\r", "")


def attach(world, rows, *options):
    """A terminal that is attached: its size has arrived, so its keys will."""
    terminal = world.terminal("attach", *options, "a", rows=rows, columns=101)
    eventually(lambda: world.cmp("exec", "-T", "a", "stty", "-F", "/dev/pts/0", "size").out == "%d 101\n" % rows,
               "the size of the caller's terminal in the service")
    return terminal


def a_service_with_tty_has_a_terminal_and_its_output_is_logged(world):
    up(world, SHELL)
    eventually(lambda: "/dev/pts/0" in logs_of(world), "the name of the terminal in the log")
    expect_equal(os.readlink("/proc/%d/fd/0" % world.pid("a")), "/dev/pts/0", "descriptor 0")
    done = world.cmp("exec", "-T", "a", "sh", "-c", "stat -c %t:%T /dev/console; stat -c %t:%T /dev/pts/0")
    expect_equal(len(set(done.out.split())), 1, "devices behind /dev/console and /dev/pts/0")
    world.down()


def attach_types_into_the_terminal_and_ends_with_the_service(world):
    up(world, SHELL)
    terminal = attach(world, 33)
    terminal.send("hello\r")
    terminal.read_until("got=hello")
    terminal.send("\r")
    expect_equal(terminal.wait(), 7, "the exit code")
    expect_in("got=hello", logs_of(world))
    world.down()


def detach_keys_leave_the_service_running(world):
    up(world, SHELL)
    terminal = attach(world, 30)
    terminal.send("hello\r")
    terminal.read_until("got=hello")
    terminal.send("\x10\x11")
    expect_equal(terminal.wait(), 0, "the exit code")
    expect_equal(world.ps()["a"]["State"], "running", "the state")
    again = attach(world, 31, "--detach-keys", "ctrl-x")
    again.send("\x18")
    expect_equal(again.wait(), 0, "the exit code")
    world.down()


def a_terminal_outlives_supervisor_and_guardian(world):
    up(world, SHELL)
    pid = world.pid("a")
    for rows, role in ((40, "supervisor"), (41, "guardian")):
        os.kill(world.role(role), signal.SIGKILL)
        terminal = attach(world, rows)
        terminal.send("\x10\x11")
        expect_equal(terminal.wait(), 0, "attach after the %s was killed" % role)
    expect_equal(world.pid("a"), pid, "the process")
    terminal = attach(world, 42)
    terminal.send("again\r")
    terminal.read_until("got=again")
    terminal.send("\r")
    expect_equal(terminal.wait(), 7, "the exit code")
    world.down()


def attach_writes_to_a_service_without_a_terminal(world):
    up(world, CAT)
    attached = world.start("attach", "a", stdin=-1, stdout=-1)
    attached.stdin.write(b"one\ntwo\n")
    attached.stdin.flush()
    eventually(lambda: logs_of(world) == "one\ntwo\n", "what was written")
    expect_equal(os.read(attached.stdout.fileno(), 100), b"one\ntwo\n", "what attach shows")
    world.cmp("stop")
    expect_equal(attached.wait(10), 137, "the exit code of attach")
    world.down()


def attach_passes_signals_on(world):
    up(world, 'services: {a: {x-rootfs: host, command: ["sh", "-c", "trap \\"exit 5\\" USR1; while :; do sleep 0.01; done"]}}')
    attached = world.start("attach", "a")
    eventually(lambda: "attach" in open("/proc/%d/cmdline" % attached.pid).read() and
               int([line for line in open("/proc/%d/status" % attached.pid) if line.startswith("SigBlk")][0].split()[1],
                   16) & (1 << (signal.SIGUSR1 - 1)), "attach listens to signals")
    attached.send_signal(signal.SIGUSR1)
    expect_equal(attached.wait(10), 5, "the service's exit code")
    world.down()


def attach_needs_a_running_service_and_a_terminal(world):
    up(world, SHELL)
    expect_in("standard input is none", world.cmp("attach", "a", code=1).err)
    expect_in("no such service", world.cmp("attach", "b", code=1).err)
    expect_in("is no key", world.cmp("attach", "--detach-keys", "alt-x", "--no-stdin", "a", code=1).err)
    world.cmp("stop")
    expect_in("is not running", world.cmp("attach", "a", code=1).err)
    world.down()


def detach_keys_leave_a_command_of_exec_running(world):
    up(world, CAT)
    terminal = world.terminal("exec", "a", "sh", "-c", "echo here; read line; touch /tmp/done; sleep 100")
    terminal.read_until("here")
    terminal.send("x\r")
    eventually(lambda: world.cmp("exec", "-T", "a", "ls", "/tmp").out == "done\n", "the command goes on")
    terminal.send("\x10\x11")
    expect_equal(terminal.wait(), 0, "the exit code")
    expect_in("sleep 100", world.cmp("exec", "-T", "a", "ps", "ax").out)
    world.down()


def a_terminal_of_exec_follows_its_size_and_passes_every_key(world):
    """A resize while a program runs, Ctrl-C; in a shell as people use it Ctrl-Z, and Ctrl-D at the end."""
    up(world, CAT)
    looping = "trap 'echo now $(stty size)' WINCH; echo ready $(stty size); while :; do sleep 0.05; done"
    terminal = world.terminal("exec", "-it", "a", "sh", "-c", looping, rows=24, columns=80)
    terminal.read_until("ready 24 80")
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", 41, 99, 0, 0))
    terminal.read_until("now 41 99")
    terminal.send("\x03")
    expect_equal(terminal.wait(), 130, "the exit code of what Ctrl-C has ended")
    terminal = world.terminal("exec", "-it", "a", "bash", "--norc", "-i")
    terminal.read_until("# ")
    terminal.send("sleep 1000\r")
    eventually(lambda: "sleep 1000" in world.cmp("exec", "-T", "a", "ps", "ax").out, "the shell's child")
    terminal.send("\x1a")
    terminal.read_until("Stopped")
    terminal.send("kill -9 %1; wait; echo on''ward\r")
    terminal.read_until("onward")
    # One that comes before the shell reads keys again is lost.
    eventually(lambda: terminal.poll() is not None or terminal.send("\x04"), "Ctrl-D ends the shell")
    expect_equal(terminal.wait(), 0, "the exit code of the shell")
    world.down()


def exec_in_the_background_in_one_replica_with_every_privilege(world):
    world.compose("services: {a: {x-rootfs: host, scale: 2, stop_signal: SIGKILL, command: sleep 1000}}\n")
    world.cmp("up", "-d")
    names = [world.cmp("exec", "-T", "--index", str(index), "a", "hostname").out for index in (1, 2)]
    expect(names[0] != names[1], "both replicas are %r" % names[0])
    expect_in("3", world.cmp("exec", "-T", "--index", "3", "a", "hostname", code=1).err)
    expect_equal(world.cmp("exec", "-d", "--index", "2", "a", "sh", "-c", "touch /tmp/there; sleep 777").out, "", "output")
    eventually(lambda: world.cmp("exec", "-T", "--index", "2", "a", "ls", "/tmp").out == "there\n", "it runs in the second")
    expect_equal(world.cmp("exec", "-T", "a", "ls", "/tmp").out, "", "the first replica")
    grep = ("grep", "CapEff", "/proc/self/status")
    plain, more = (int(world.cmp("exec", "-T", *options, "a", *grep).out.split()[1], 16) for options in ((), ("--privileged",)))
    with open("/proc/self/status", encoding="utf-8") as status:
        every = int([line for line in status if line.startswith("CapBnd")][0].split()[1], 16)
    expect_equal((plain, more), (0xa80425fb, every), "capabilities")
    world.down()


SCENARIOS = [
    a_service_with_tty_has_a_terminal_and_its_output_is_logged,
    attach_types_into_the_terminal_and_ends_with_the_service,
    detach_keys_leave_the_service_running,
    a_terminal_outlives_supervisor_and_guardian,
    attach_writes_to_a_service_without_a_terminal,
    attach_needs_a_running_service_and_a_terminal,
    attach_passes_signals_on,
    detach_keys_leave_a_command_of_exec_running,
    a_terminal_of_exec_follows_its_size_and_passes_every_key,
    exec_in_the_background_in_one_replica_with_every_privilege,
]
