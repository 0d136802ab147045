"""start, restart, create, scale, rm, pause, wait, port, top, down of services, and the flags of up."""
import os

from world import eventually, expect, expect_equal, expect_in

PAIR = """
    services:
      db:
        x-rootfs: host
        command: sleep 1000
      web:
        x-rootfs: host
        depends_on: {db: {condition: service_started, restart: true}}
        command: ["sh", "-c", "echo again >>/count; exec sleep 1000"]
      lone:
        x-rootfs: host
        command: sleep 1000
    """


def up(world, *options, text=PAIR):
    world.compose(text)
    world.cmp("up", "-d", *options)


def states(world):
    return {service: entry["State"] for service, entry in world.ps().items()}


def lines(world, service, path="/count"):
    return int(world.cmp("exec", "-T", service, "wc", "-l", path).out.split()[0])


def start_brings_the_dependency_back_and_keeps_containers(world):
    up(world)
    before = world.record("web")["id"]
    world.cmp("stop", "web", "db")
    expect_equal(states(world), {"db": "exited", "web": "exited", "lone": "running"}, "after stop")
    done = world.cmp("start", "web")
    for fragment in ("Container %s-db-1 Started", "Container %s-web-1 Started"):
        expect_in(fragment % world.name, done.err)
    expect("Created" not in done.err, "start creates nothing: %s" % done.err)
    expect_equal(states(world), {"db": "running", "web": "running", "lone": "running"}, "after start")
    expect_equal(world.record("web")["id"], before, "the container's id")
    expect_equal(lines(world, "web"), 2, "runs on one file system")
    expect_equal(world.cmp("start").out, "", "output of start of what runs")
    expect_in("no such service: nope", world.cmp("start", "nope", code=1).err)
    world.down()
    expect_in('service "web" has no container to start', world.cmp("start", "web", code=1).err)


def restart_takes_along_who_asks_for_it(world):
    up(world)
    before = world.pids("db", "web", "lone")
    done = world.cmp("restart", "-t", "1", "db")
    expect_in("Container %s-db-1 Restarting" % world.name, done.err)
    expect_in("Container %s-web-1 Started" % world.name, done.err)
    after = world.pids("db", "web", "lone")
    expect(before["db"] != after["db"] and before["web"] != after["web"], "db and web were restarted")
    expect_equal(before["lone"], after["lone"], "the pid of what was not meant")
    world.cmp("restart", "--no-deps", "db")
    expect_equal(world.pid("web"), after["web"], "the pid with --no-deps")
    world.cmp("stop", "lone")
    world.cmp("restart", "lone")
    expect_equal(states(world)["lone"], "running", "what had been stopped")
    expect_in("stop", world.cmp("--dry-run", "restart", "db").out)
    world.down()


def create_writes_down_and_start_runs(world):
    world.compose(PAIR)
    done = world.cmp("create")
    expect_in("Container %s-web-1 Created" % world.name, done.err)
    expect_equal(states(world), {"db": "created", "web": "created", "lone": "created"}, "after create")
    world.cmp("start")
    expect_equal(states(world), {"db": "running", "web": "running", "lone": "running"}, "after start")
    world.down()
    world.cmp("up", "--no-start")
    world.cmp("up", "-d")
    expect_equal(states(world)["web"], "running", "after up --no-start and up")
    world.down()


def flags_of_up_say_who_is_made_anew(world):
    world.compose(PAIR)
    world.cmp("up", "-d", "--no-deps", "web")
    expect_equal(states(world), {"web": "running"}, "with --no-deps")
    world.cmp("up", "-d", "web")
    db, web = world.pid("db"), world.pid("web")
    world.compose(PAIR.replace("sleep 1000", "sleep 999"))
    world.cmp("up", "-d", "--no-recreate", "web")
    expect_equal((world.pid("db"), world.pid("web")), (db, web), "pids with --no-recreate")
    world.cmp("up", "-d", "web")
    db, web = world.pid("db"), world.pid("web")
    world.cmp("up", "-d", "--force-recreate", "--no-deps", "web")
    expect(world.pid("db") == db and world.pid("web") != web, "--force-recreate is for the service that is named")
    for pair in (("--force-recreate", "--no-recreate"), ("--no-recreate", "-V")):
        expect_in("are incompatible", world.cmp("up", "-d", *pair, code=1).err)
    world.down()


def anonymous_volumes_follow_the_container(world):
    text = "services: {a: {x-rootfs: host, command: sleep 1000, volumes: [/data]}}\n"
    up(world, text=text)
    world.cmp("exec", "-T", "a", "touch", "/data/kept")
    world.cmp("up", "-d", "--force-recreate")
    expect_in("kept", world.cmp("exec", "-T", "a", "ls", "/data").out)
    world.cmp("up", "-d", "-V")
    expect_equal(world.cmp("exec", "-T", "a", "ls", "/data").out, "", "with -V")
    world.down()


def scale_up_and_down_keeps_numbers(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000}, b: {x-rootfs: host, command: sleep 1000, "
                  "container_name: only}}\n")
    names = lambda: sorted(world.cmp("ps", "--format", "json", "a").out.count('"Name":"%s-a-%d"' % (world.name, n))
                           for n in (1, 2, 3))
    world.cmp("up", "-d", "--scale", "a=3")
    expect_equal(names(), [1, 1, 1], "three")
    pid = world.pid("a", 1)
    expect("Recreated" not in world.cmp("scale", "a=1").err, "nothing is made anew")
    expect_equal((names(), world.pid("a", 1)), ([0, 0, 1], pid), "one")
    world.cmp("scale", "a=0")
    expect_equal(names(), [0, 0, 0], "none")
    world.cmp("scale", "a=2")
    expect_equal(names(), [0, 1, 1], "two")
    expect_in("Should be SERVICE=NUM", world.cmp("scale", "a", code=1).err)
    expect_in("custom container name", world.cmp("scale", "b=2", code=1).err)
    expect_in("no such service: c", world.cmp("up", "-d", "--scale", "c=2", code=1).err)
    world.down()


def rm_asks_and_removes_what_does_not_run(world):
    up(world)
    expect_in("No stopped containers", world.cmp("rm", "-f").err)
    world.cmp("stop", "lone")
    expect_equal(world.cmp("rm", stdin="n\n").out, "Going to remove %s-lone-1" % world.name, "the question")
    expect_equal(states(world)["lone"], "exited", "after no")
    world.cmp("rm", stdin="y\n")
    expect("lone" not in states(world), "after yes")
    done = world.cmp("rm", "--stop", "--force", "web")
    expect_equal(done.out, "Going to remove %s-web-1\n" % world.name, "with --force")
    expect_equal(states(world), {"db": "running"}, "after --stop")
    world.cmp("rm", "-sf")
    expect_equal(states(world), {}, "after all")
    world.down()


def pause_freezes_and_everything_else_goes_on(world):
    up(world, text="""
        services:
          a:
            x-rootfs: host
            command: ["sh", "-c", "trap 'exit 0' TERM; while :; do echo x >>/count; sleep 0.01; done"]
          b: {x-rootfs: host, command: sleep 1000}
        """)
    pid = world.pid("a")
    count = "/proc/%d/root/count" % pid
    eventually(lambda: os.path.getsize(count) > 4, "the service writes")
    world.cmp("pause", "a")
    expect_equal(states(world), {"a": "paused", "b": "running"}, "after pause")
    expect_in("(Paused)", world.cmp("ps").out)
    size = os.path.getsize(count)
    world.cmp("up", "-d")
    expect_equal(os.path.getsize(count), size, "the file while it is frozen")
    expect_equal((world.pid("a"), states(world)["a"]), (pid, "paused"), "after up")
    os.kill(world.role("supervisor"), 9)
    world.cmp("unpause")
    eventually(lambda: os.path.getsize(count) > size, "it goes on")
    world.cmp("pause")
    expect_in("no such service", world.cmp("pause", "nope", code=1).err)
    world.cmp("stop", "a")
    expect_equal(world.ps()["a"]["ExitCode"], 0, "how a frozen service ends")
    world.down()


def wait_tells_the_exit_code(world):
    up(world, text="""
        services:
          fast: {x-rootfs: host, command: ["sh", "-c", "sleep 0.2; exit 3"]}
          slow: {x-rootfs: host, command: sleep 1000}
        """)
    done = world.cmp("wait", "fast", code=3)
    expect_equal(done.out, 'container "%s" exited with status code 3\n' % world.record("fast")["id"], "what is told")
    world.cmp("wait", "fast", code=3)
    expect_equal(states(world)["slow"], "running", "the other")
    world.cmp("wait", "--down-project", "fast", "slow", code=3)
    expect_equal(world.project_left(), [], "after --down-project")


def port_and_top_and_ls_show_what_runs(world):
    up(world, text="""
        services:
          a: {x-rootfs: host, command: sleep 1000, ports: ["127.0.0.1:18081:80", "53/udp"]}
        """)
    expect_equal(world.cmp("port", "a", "80").out, "127.0.0.1:18081\n", "the port")
    expect_in("0.0.0.0:", world.cmp("port", "--protocol", "udp", "a", "53").out)
    expect_in("no port 81/tcp for container", world.cmp("port", "a", "81", code=1).err)
    rows = world.cmp("top").out.splitlines()
    expect_equal(rows[0].split(), "SERVICE # UID PID PPID C STIME TTY TIME CMD".split(), "the header")
    expect_equal((len(rows), rows[1].split()[:4], rows[1].split()[-2:]),
                 (2, ["a", "1", "root", str(world.pid("a"))], ["sleep", "1000"]), "the process")
    expect_in(world.name, world.cmp("ls", "--filter", "name=^%s$" % world.name).out)
    expect(world.name not in world.cmp("ls", "--filter", "name=other").out, "a filter that does not match")
    expect_in("invalid filter 'x'", world.cmp("ls", "--filter", "x=y", code=1).err)
    world.down()


def down_of_a_service_takes_its_dependants(world):
    up(world)
    world.cmp("down", "db")
    expect_equal(states(world), {"lone": "running"}, "what is left")
    expect_in("no such service: nope", world.cmp("down", "nope", code=1).err)
    world.down()


SCENARIOS = [start_brings_the_dependency_back_and_keeps_containers, restart_takes_along_who_asks_for_it,
             create_writes_down_and_start_runs, flags_of_up_say_who_is_made_anew,
             anonymous_volumes_follow_the_container, scale_up_and_down_keeps_numbers,
             rm_asks_and_removes_what_does_not_run, pause_freezes_and_everything_else_goes_on, wait_tells_the_exit_code,
             port_and_top_and_ls_show_what_runs, down_of_a_service_takes_its_dependants]
