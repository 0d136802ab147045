"""compose-examples/guestbook: a project on real images from a registry that stands in for Docker Hub."""
import shutil
import urllib.request

import hub
from world import eventually, expect, expect_equal, expect_in

URL = "http://127.0.0.1:8080/"


def read():
    with urllib.request.urlopen(URL, timeout=5) as answer:
        return answer.read().decode()


def write(text):
    with urllib.request.urlopen(URL, text.encode(), timeout=5) as answer:
        return answer.read().decode()


def what_is_written_goes_through_the_queue_into_the_database(world):
    hub.stand_in(world, "nginx", "postgres", "python", "redis")
    world.name = "guestbook"
    shutil.copytree(hub.TREE + "/compose-examples/guestbook", world.dir, dirs_exist_ok=True)
    world.cmp("up", "-d", timeout=100)
    state = world.ps()
    for service in ("app", "database", "queue"):
        expect_equal(state[service]["Health"], "healthy", "health of " + service)
    expect_equal(eventually(lambda: [read()], "the page"), [""], "an empty book")
    write("one")
    eventually(lambda: read() == "1. one\n", "the worker has written it")
    expect_equal(world.cmp("exec", "-T", "queue", "stat", "-c", "%U", "/data").out, "redis\n", "owner of redis' volume")
    expect_equal(world.cmp("exec", "-T", "database", "stat", "-c", "%U %a", "/var/lib/postgresql/data").out,
                 "postgres 700\n", "owner and mode of the database")
    world.cmp("stop", "worker")
    expect_in("1 waiting", write("two"))
    world.cmp("down")
    expect("Pulling" not in world.cmp("up", "-d").err, "it has fetched what is there")
    eventually(lambda: read() == "1. one\n2. two\n", "what was written before and what waited")
    world.cmp("stop", "database")
    expect_in("fast shutdown request", world.cmp("logs", "database").text, "the log (SIGINT is the stop signal)")
    world.down("-v")


SCENARIOS = [what_is_written_goes_through_the_queue_into_the_database]
