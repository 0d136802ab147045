"""compose-examples/pod: two services that share network, memory and a volume."""
import os
import shutil
import signal
import urllib.request

from world import eventually, expect, expect_equal, expect_in

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../compose-examples/pod")


def get(path):
    with urllib.request.urlopen("http://127.0.0.1:8090" + path, timeout=5) as answer:
        return answer.read().decode()


def up(world):
    world.name = "pod"
    if not os.path.exists(world.dir + "/compose.yaml"):
        shutil.copytree(EXAMPLE, world.dir, dirs_exist_ok=True)
    return world.cmp("up", "-d")


def namespace(world, service, kind="net"):
    return os.readlink("/proc/%d/ns/%s" % (world.pid(service), kind))


def together(world):
    return namespace(world, "web") == namespace(world, "sidecar")


def the_page_is_the_sidecars_and_it_is_asked_on_localhost(world):
    up(world)
    expect_equal(eventually(lambda: get("/"), "the page"), "written by the sidecar, served by the web server\n", "page")
    expect_equal(eventually(lambda: get("/ask"), "the answer"), "the sidecar of pod, asked from 127.0.0.1\n", "answer")
    world.down("-v")


def the_sidecar_has_the_names_of_the_pod(world):
    up(world)
    expect(together(world), "two networks")
    expect(namespace(world, "web", "ipc") == namespace(world, "sidecar", "ipc"), "two IPC namespaces")
    for kind in ("mnt", "pid", "uts", "cgroup"):
        expect(namespace(world, "web", kind) != namespace(world, "sidecar", kind), "one %s namespace" % kind)
    for file in ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf"):
        texts = [world.cmp("exec", "-T", service, "cat", file).out for service in ("web", "sidecar")]
        expect_equal(texts[0], texts[1], file)
    expect_equal(world.cmp("exec", "-T", "sidecar", "sh", "-c", "hostname; echo $HOSTNAME").out, "pod\npod\n", "hostname")
    expect_in("pod", world.cmp("exec", "-T", "sidecar", "getent", "hosts", "web").out + "pod", "the name service")
    world.cmp("exec", "-T", "web", "sh", "-c", "echo shared > /dev/shm/x")
    expect_equal(world.cmp("exec", "-T", "sidecar", "cat", "/dev/shm/x").out, "shared\n", "shared memory")
    world.down("-v")


def a_web_server_made_anew_takes_the_sidecar_with_it(world):
    up(world)
    old = world.pids("web", "sidecar")
    with open(world.dir + "/compose.yaml", encoding="utf-8") as file:
        text = file.read()
    world.write("compose.yaml", text.replace("hostname: pod", "hostname: pod2"))
    done = world.cmp("up", "-d", "web")
    expect_in("Container pod-sidecar-1 Recreated", done.err)
    new = world.pids("web", "sidecar")
    expect(old["web"] != new["web"] and old["sidecar"] != new["sidecar"], "one was left: %s %s" % (old, new))
    expect(together(world), "the sidecar is in a dead network")
    expect_in("Nothing to do", world.cmp("up", "-d").err)
    world.down("-v")


def a_web_server_that_dies_comes_back_with_the_sidecar(world):
    up(world)
    old = world.pids("web", "sidecar")
    os.kill(old["web"], signal.SIGKILL)
    eventually(lambda: world.pid("web") != old["web"] and world.pid("sidecar") != old["sidecar"] and together(world),
               "both run again, together")
    expect_equal(eventually(lambda: get("/ask"), "the answer"), "the sidecar of pod, asked from 127.0.0.1\n", "answer")
    world.down("-v")


def it_holds_when_nobody_was_looking(world):
    up(world)
    old = world.pids("web", "sidecar")
    supervisor, guardian = world.role("supervisor"), world.role("guardian")
    os.kill(guardian, signal.SIGSTOP)
    os.kill(supervisor, signal.SIGKILL)
    os.kill(old["web"], signal.SIGKILL)
    os.kill(guardian, signal.SIGCONT)
    eventually(lambda: world.pid("web") != old["web"] and world.pid("sidecar") != old["sidecar"] and together(world),
               "both run again, together", 10)
    world.down("-v")


def a_stopped_web_server_started_again_restarts_the_sidecar(world):
    up(world)
    old = world.pids("web", "sidecar")
    world.cmp("stop", "web")
    expect_equal(world.pid("sidecar"), old["sidecar"], "the sidecar's process")
    world.cmp("up", "-d")
    expect(together(world), "the sidecar is in a dead network")
    expect(world.pid("sidecar") != old["sidecar"], "the sidecar was left alone")
    world.down("-v")


SCENARIOS = [
    the_page_is_the_sidecars_and_it_is_asked_on_localhost, the_sidecar_has_the_names_of_the_pod,
    a_web_server_made_anew_takes_the_sidecar_with_it, a_web_server_that_dies_comes_back_with_the_sidecar,
    it_holds_when_nobody_was_looking, a_stopped_web_server_started_again_restarts_the_sidecar,
]
