"""run: containers for one run; events."""
import json
import os
import select
import signal
import urllib.request

from world import eventually, expect, expect_equal, expect_in

SHOP = """
    services:
      db:
        x-rootfs: host
        command: sleep 1000
      web:
        x-rootfs: host
        depends_on: [db]
        environment: {OWN: file, LEVEL: file}
        ports: ["127.0.0.1:18083:80"]
        command: ["sh", "-c", "echo default; exit 5"]
    """


def containers(world):
    return [json.loads(line) for line in world.cmp("ps", "-a", "--format", "json").out.splitlines()]


def names(world):
    return sorted(entry["Name"] for entry in containers(world))


def run_starts_dependencies_and_passes_the_exit_code_on(world):
    world.compose(SHOP)
    done = world.cmp("run", "web", code=5)
    expect_equal(done.out, "default\n", "its output")
    expect_in("Container %s-db-1 Started" % world.name, done.err)
    one_off = [entry for entry in containers(world) if entry["Service"] == "web"]
    expect_equal(len(one_off), 1, "containers of web")
    expect(one_off[0]["Name"].startswith(world.name + "-web-run-"), "its name: %s" % one_off[0]["Name"])
    expect_equal(len(one_off[0]["Name"].rsplit("-", 1)[1]), 12, "digits of its name")
    expect_in("com.docker.compose.oneoff=True", one_off[0]["Labels"])
    expect(one_off[0]["Name"] not in world.cmp("ps").out, "ps without -a shows it")
    expect_equal(world.cmp("--dry-run", "up", "-d", "db").out, "", "a plan that counts it")
    world.cmp("run", "--rm", "--no-deps", "--name", "mine", "web", "true")
    expect("mine" not in names(world), "--rm")
    expect_in("no such service: nope", world.cmp("run", "nope", code=1).err)
    world.down()
    expect_equal(world.project_left(), [], "after down")


def streams_are_the_callers(world):
    world.compose(SHOP)
    text = "".join("%d\n" % number for number in range(100000))
    done = world.cmp("run", "--rm", "-q", "--no-deps", "-T", "web", "sh", "-c", "echo err >&2; cat", stdin=text)
    expect_equal((done.out == text, done.err), (True, "err\n"), "what came back")
    expect_equal(world.cmp("run", "--rm", "-q", "--no-deps", "--interactive=false", "web", "wc", "-c", stdin="x").out,
                 "0\n", "standard input with --interactive=false")
    world.down()


def options_change_the_service(world):
    world.compose(SHOP)
    world.write(".env", "FROM_ENV=dotenv\n")
    world.write("more", "FILE=env file\nLEVEL=env file\n")
    os.makedirs(world.dir + "/data")
    world.write("data/there", "content\n")
    done = world.cmp("run", "--rm", "-q", "--no-deps", "-e", "LEVEL=$option", "-e", "SHELL_ONLY", "-e", "FROM_ENV", "-e",
                     "ABSENT", "--env-from-file", "more", "-v", "./data:/mnt:ro", "-w", "/mnt", "-u", "nobody", "-l",
                     "a.b=c", "web", "sh", "-c", "echo $OWN,$LEVEL,$SHELL_ONLY,$FROM_ENV,${ABSENT-none},$FILE; pwd; "
                     "id -un; cat there", env={"SHELL_ONLY": "shell"})
    expect_equal(done.out, "file,$option,shell,dotenv,none,env file\n/mnt\nnobody\ncontent\n", "what it sees")
    expect_equal(world.cmp("run", "--rm", "-q", "--no-deps", "--entrypoint", "echo 'a b'", "web").out, "a b\n",
                 "another entrypoint")
    expect_in("are incompatible", world.cmp("run", "-P", "-p", "1:1", "web", code=1).err)
    expect_in("label must be set as KEY=VALUE", world.cmp("run", "-l", "x", "web", code=1).err)
    world.down()


def ports_are_published_only_when_asked_for(world):
    world.compose(SHOP)
    server = ["web", "python3", "-m", "http.server", "80", "--directory", "/usr/share"]
    world.cmp("run", "-d", "--rm", "--name", "plain", "--no-deps", *server)
    expect_equal([entry["Publishers"] for entry in containers(world)], [[]], "ports without options")
    world.cmp("run", "-d", "--rm", "--name", "own", "--no-deps", "-p", "127.0.0.1:18084:80", *server)
    eventually(lambda: urllib.request.urlopen("http://127.0.0.1:18084/", timeout=1).status == 200, "the port of -p")
    world.cmp("run", "-d", "--rm", "--name", "all", "--no-deps", "--service-ports", *server)
    eventually(lambda: urllib.request.urlopen("http://127.0.0.1:18083/", timeout=1).status == 200, "the service's port")
    world.cmp("stop", "-t", "1")
    eventually(lambda: names(world) == [], "stopped ones with --rm are gone")
    world.down()


def a_detached_run_prints_its_id_and_goes_by_itself(world):
    world.compose(SHOP)
    done = world.cmp("run", "-d", "--rm", "--no-deps", "web", "sleep", "0.2")
    expect_equal(done.out.strip(), containers(world)[0]["ID"] + done.out.strip()[12:], "the id")
    expect_equal(len(done.out.strip()), 64, "digits of the id")
    eventually(lambda: names(world) == [], "it is removed")
    world.down()


DEAF = "import signal, time; signal.signal(2, signal.SIG_DFL); print('on', flush=True); time.sleep(1000)"


def a_signal_goes_to_the_container(world):
    world.compose(SHOP)
    for command, code in ((["sh", "-c", "trap 'echo caught; exit 9' INT; echo on; while :; do sleep 0.02; done"], 9),
                          (["/usr/bin/python3", "-c", DEAF], 137)):  # a shell hears it until it becomes another one
        process = world.start("run", "--rm", "--no-deps", "--name", "victim", "web", *command)
        # With its first line the command is attached; a signal before that would take the start back.
        expect_equal(process.stdout.readline(), b"on\n", "its first line")
        process.send_signal(signal.SIGINT)
        expect_equal(process.wait(10), code, "exit code")
        eventually(lambda: names(world) == [], "--rm")
    world.down()


def on_a_terminal_it_has_one(world):
    world.compose(SHOP)
    terminal = world.terminal("run", "--rm", "--no-deps", "web", "sh", "-c", "tty; read line; echo got=$line; exit 3")
    terminal.read_until("/dev/pts/")
    terminal.send("hello\r")
    terminal.read_until("got=hello")
    expect_equal(terminal.wait(), 3, "exit code")
    expect_equal(names(world), [], "after --rm")
    fast = world.terminal("run", "--rm", "--no-deps", "web", "echo", "at once")
    fast.read_until("at once")
    expect_equal(fast.wait(), 0, "exit code of a short one")
    world.down()


def an_attached_up_does_not_care(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}}\n")
    up = world.start("up", "--abort-on-container-exit")
    eventually(lambda: world.pid("a"), "it runs")
    world.cmp("run", "--rm", "a", "true")
    expect_equal(up.poll(), None, "the attached up")
    expect("run" not in world.cmp("logs").out, "logs show it")
    up.send_signal(signal.SIGINT)
    expect_equal(up.wait(20), 130, "exit code")
    world.down()


def exec_prefers_the_service_and_takes_a_run(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}}\n")
    world.cmp("run", "-d", "-e", "WHO=run", "a")
    expect_equal(world.cmp("exec", "-T", "a", "sh", "-c", "echo $WHO").out, "run\n", "only a run is there")
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "sh", "-c", "echo $WHO").out, "\n", "the service is there, too")
    world.down()


def events_tell_what_happens(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, labels: {x: y}}}\n")
    world.cmp("up", "-d")
    events = world.start("events", "--json")
    seen = []

    def somebody_watches():
        world.cmp("pause")
        world.cmp("unpause")
        return select.select([events.stdout], [], [], 0.05)[0]

    eventually(somebody_watches, "events come")

    def until(action):
        while not seen or seen[-1]["action"] != action:
            seen.append(json.loads(events.stdout.readline()))

    world.cmp("restart")
    until("restart")
    world.cmp("pause")
    world.cmp("unpause")
    world.cmp("kill")
    until("die")
    actions = [event["action"] for event in seen]
    for action in ("start", "kill", "die", "restart", "pause", "unpause"):
        expect(action in actions, "no '%s' among %s" % (action, actions))
    expect_equal(seen[0]["attributes"], {"image": "", "name": world.name + "-a-1", "x": "y"}, "attributes")
    expect_equal((seen[0]["service"], seen[0]["type"], seen[0]["id"]), ("a", "container", world.record("a")["id"]),
                 "the rest")
    world.down()
    until("destroy")
    expect_equal(events.wait(10), 0, "exit code when the project is gone")


SCENARIOS = [run_starts_dependencies_and_passes_the_exit_code_on, streams_are_the_callers, options_change_the_service,
             ports_are_published_only_when_asked_for, a_detached_run_prints_its_id_and_goes_by_itself,
             a_signal_goes_to_the_container, on_a_terminal_it_has_one, an_attached_up_does_not_care,
             exec_prefers_the_service_and_takes_a_run, events_tell_what_happens]
