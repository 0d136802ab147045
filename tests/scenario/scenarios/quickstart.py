"""compose-examples/quickstart, as it is in the tree."""
import os
import shutil
import urllib.request

from world import eventually, expect, expect_equal, expect_in

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../compose-examples/quickstart")
URL = "http://127.0.0.1:8080"


def get(path="/"):
    with urllib.request.urlopen(URL + path, timeout=5) as answer:
        return answer.read().decode()


def visit():
    """The page's number, once nginx and the application listen."""
    text = eventually(get, "the page answers")
    expect_in("Hello from the quickstart: you are visitor number ", text)
    return int(text.split("number ")[1].rstrip(".\n"))


def up(world):
    world.name = "quickstart"
    if not os.path.exists(world.dir + "/compose.yaml"):
        shutil.copytree(EXAMPLE, world.dir, dirs_exist_ok=True)
    world.cmp("up", "-d")


def the_counter_counts_through_nginx(world):
    up(world)
    first = visit()
    expect_equal(visit(), first + 1, "the next visitor's number")
    world.down("-v")


def the_counter_survives_down_and_goes_with_its_volume(world):
    up(world)
    expect_equal([visit(), visit()], [1, 2], "numbers")
    world.down()
    up(world)
    expect_equal(visit(), 3, "number after down and up")
    world.down("-v")
    up(world)
    expect_equal(visit(), 1, "number after down -v and up")
    world.down("-v")
    expect_equal(os.listdir(world.state_dir + "/volumes") if os.path.exists(world.state_dir + "/volumes") else [], [],
                 "volumes after down -v")


def nginx_serves_what_the_application_wrote_into_the_shared_volume(world):
    up(world)
    number = visit()
    expect_equal(get("/shared/last-visit.txt"), "visit %d\n" % number, "the shared file")
    refused = world.cmp("exec", "-T", "web", "touch", "/srv/shared/x", code=None)
    expect(refused.code != 0 and "Read-only file system" in refused.text, "nginx could write into the shared volume")
    world.down("-v")


def nginx_cannot_reach_redis_and_the_application_can(world):
    up(world)
    visit()
    expect(world.cmp("exec", "-T", "web", "getent", "hosts", "redis", code=None).code != 0, "web resolves redis")
    expect_in("PONG", world.cmp("exec", "-T", "app", "redis-cli", "-h", "redis", "ping").out)
    address = world.cmp("exec", "-T", "app", "getent", "hosts", "redis").out.split()[0]
    refused = world.cmp("exec", "-T", "web", "timeout", "2", "redis-cli", "-h", address, "ping", code=None)
    expect(refused.code != 0 and "PONG" not in refused.out, "web reaches redis at " + address)
    world.down("-v")


def the_configuration_is_read_only(world):
    up(world)
    refused = world.cmp("exec", "-T", "web", "sh", "-c", "echo x >> /etc/quickstart/nginx.conf", code=None)
    expect(refused.code != 0, "the configuration could be written")
    expect_in("ead-only file system", refused.text)
    world.down("-v")


def limits_are_in_the_cgroup_files(world):
    up(world)
    expect_equal(world.cgroup_file("redis", ("memory", "memory.limit_in_bytes"), "memory.max"), str(128 << 20), "memory")
    expect_equal(world.cgroup_file("redis", ("pids", "pids.max"), "pids.max"), "32", "pids")
    quota = world.cgroup_file("web", ("cpu", "cpu.cfs_quota_us"), "cpu.max").split()
    period = quota[1] if len(quota) > 1 else world.cgroup_file("web", ("cpu", "cpu.cfs_period_us"), "cpu.max")
    expect_equal(int(quota[0]) / int(period), 0.5, "processors")
    world.down("-v")


def redis_is_healthy_before_the_application_starts(world):
    up(world)
    state = world.ps()
    expect_equal(state["redis"]["Health"], "healthy", "health of redis")
    expect_in("(healthy)", state["redis"]["Status"], "STATUS")
    order = [world.record(service)["started_at"] for service in ("redis", "app", "web")]
    expect(order == sorted(order), "started in another order: %s" % order)
    world.down("-v")


def nginx_gets_its_own_stop_signal(world):
    up(world)
    visit()
    pid = world.pid("web")
    # SIGQUIT (3) must be the signal that reaches it: nginx has a handler for it and says so in its log.
    world.cmp("stop", "web")
    expect(not os.path.exists("/proc/%d" % pid), "nginx lives on")
    expect_equal(world.ps()["web"]["ExitCode"], 0, "exit code of nginx after SIGQUIT")
    world.down("-v")


def the_published_port_is_on_loopback_only(world):
    up(world)
    expect_in("127.0.0.1:8080->80/tcp", world.ps()["web"]["Ports"])
    with open("/proc/net/tcp", encoding="utf-8") as file:
        listeners = [line.split()[1] for line in file if line.split()[3] == "0A"]
    expect_equal([entry for entry in listeners if entry.endswith(":1F90")], ["0100007F:1F90"], "listeners on 8080")
    world.down("-v")


def a_variable_of_the_shell_wins_over_the_env_file(world):
    world.name = "quickstart"
    shutil.copytree(EXAMPLE, world.dir, dirs_exist_ok=True)
    world.cmp("up", "-d", env={"GREETING": "Servus", "PORT": "8081"})

    def answer():
        with urllib.request.urlopen("http://127.0.0.1:8081/", timeout=5) as page:
            return page.read().decode()

    expect_in("Servus: you are visitor number 1.", eventually(answer, "the page answers"))
    world.down("-v")


SCENARIOS = [
    the_counter_counts_through_nginx, the_counter_survives_down_and_goes_with_its_volume,
    nginx_serves_what_the_application_wrote_into_the_shared_volume, nginx_cannot_reach_redis_and_the_application_can,
    the_configuration_is_read_only, limits_are_in_the_cgroup_files, redis_is_healthy_before_the_application_starts,
    nginx_gets_its_own_stop_signal, the_published_port_is_on_loopback_only,
    a_variable_of_the_shell_wins_over_the_env_file,
]
