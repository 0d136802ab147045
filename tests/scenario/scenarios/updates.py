"""What changes is planned, told field by field, and taken in place where a container can take it."""
import hashlib
import os

from world import eventually, expect, expect_equal, expect_in

WAIT = '["sh", "-c", "trap \'exit 0\' TERM; while :; do sleep 0.02; done"]'


def tree_of(*directories):
    """Every file below, with its content, size and time: equal only if nothing was touched."""
    out = {}
    for directory in directories:
        for base, folders, files in os.walk(directory):
            for name in folders:
                out[os.path.join(base, name)] = os.lstat(os.path.join(base, name)).st_mtime_ns
            for name in files:
                path = os.path.join(base, name)
                status = os.lstat(path)
                content = b""
                if os.path.isfile(path) and "/logs/" not in path:
                    with open(path, "rb") as file:
                        content = hashlib.sha256(file.read()).digest()
                out[path] = (status.st_mtime_ns, status.st_size, content)
    return out


def a_plan_tells_why_and_changes_nothing(world):
    world.write("app.ini", "one")
    first = """
        services:
          web:
            x-rootfs: host
            command: %s
            environment: {LOG_LEVEL: debug, DB_PASSWORD: one}
          api: {x-rootfs: host, command: %s, configs: [app]}
          db: {x-rootfs: host, command: %s, mem_limit: 64m}
        configs: {app: {file: app.ini}}
        """ % (WAIT, WAIT, WAIT)
    world.compose(first)
    plan = world.cmp("plan", "--detailed-exitcode", code=2)
    expect_in("create web: not found", plan.out)
    expect(not os.path.exists(world.run_dir + "/" + world.name), "a plan of nothing has made something")
    expect_equal(world.cmp("down", "--dry-run").out, "", "nothing to take down")
    expect(not os.path.exists(world.run_dir + "/" + world.name), "a dry run has made something")
    world.cmp("up", "-d")
    expect_in("Nothing to do", world.cmp("plan", "--detailed-exitcode").err)
    world.write("app.ini", "two")
    world.compose(first.replace("debug", "info").replace("PASSWORD: one", "PASSWORD: two").replace("64m", "128m"))
    before = tree_of(world.run_dir, world.state_dir)
    plan = world.cmp("plan").out
    expect_in("recreate web: environment.DB_PASSWORD changed (compose.yaml:6)", plan)
    expect_in("environment.LOG_LEVEL debug → info (compose.yaml:6)", plan)
    expect_in("recreate api: content of config app changed", plan)
    expect_in("update db: mem_limit 64m → 128m (compose.yaml:8)", plan)
    expect("two" not in plan, "a password is told: " + plan)
    expect_equal(world.cmp("up", "--dry-run").out, plan, "the same of up --dry-run")
    for command, told in ((("stop", "web"), "stop web"), (("restart", "db"), "restart db"), (("down",), "remove web"),
                          (("kill", "db"), "signal 9 to db"), (("pause", "db"), "pause db"), (("rm", "-s", "db"), "remove db"),
                          (("scale", "web=2"), "create web"), (("create", "--scale", "db=2"), "create db"),
                          (("run", "web", "true"), "create ")):
        expect_in(told, world.cmp("--dry-run", *command).out, "dry run of %s" % command[0])
    expect_equal(tree_of(world.run_dir, world.state_dir), before, "files after dry runs")
    pids = {name: world.pid(name) for name in ("web", "api", "db")}
    world.cmp("up", "-d")
    expect_equal(world.pid("db"), pids["db"], "pid of what is updated in place")
    expect(world.pid("web") != pids["web"] and world.pid("api") != pids["api"], "what is made anew")
    expect_equal(world.cmp("plan", "--detailed-exitcode").out, "", "a plan after the up")
    world.down()


def limits_change_in_place(world):
    def memory_limit():
        return world.cgroup_file("a", ("memory", "memory.limit_in_bytes"), "memory.max")

    def in_use():
        return int(world.cgroup_file("a", ("memory", "memory.usage_in_bytes"), "memory.current"))

    text = """
        services:
          a:
            x-rootfs: host
            command: [sh, -c, "trap 'exit 0' TERM; x=$$(head -c 40000000 /dev/zero | tr '\\\\0' x); while :; do sleep 0.02; done"]
            ports: ["127.0.0.1:%d:80"]
            %s
        """
    world.compose(text % (18441, "mem_limit: 128m"))
    world.cmp("up", "-d")
    pid = world.pid("a")
    more = ["mem_limit: 100m", "pids_limit: 50", "restart: always", "labels: {x: y}", "stop_grace_period: 3s"]
    world.compose(text % (18442, "\n            ".join(more)))
    told = world.cmp("up", "-d").err
    expect_in("Updated", told)
    expect_equal(world.pid("a"), pid, "pid")
    record = world.record("a")
    expect_equal(record["labels"].get("x"), "y", "label")
    expect_equal([port["host_port"] for port in record["ports"]], [18442], "published")
    expect_equal(memory_limit(), str(100 << 20), "memory limit")
    expect_equal(world.cgroup_file("a", ("pids", "pids.max"), "pids.max"), "50", "pids limit")
    eventually(lambda: in_use() > 30 << 20, "it uses memory")
    world.compose(text % (18442, "mem_limit: 8m"))
    failed = world.cmp("up", "-d", code=1)
    expect_in("update limitschangeinplace-a-1", failed.err)
    expect_equal(memory_limit(), str(100 << 20), "after a limit that cannot be")
    expect_equal(world.pid("a"), pid, "pid after a limit that cannot be")
    world.compose(text % (18442, ""))
    world.cmp("up", "-d")
    expect_equal(world.pid("a"), pid, "pid without limits")
    expect_equal(world.cgroup_file("a", ("pids", "pids.max"), "pids.max"), "max", "lifted")
    world.down()


SCENARIOS = [a_plan_tells_why_and_changes_nothing, limits_change_in_place]
