"""Each up that succeeds is a generation to go back to; two copies of a project do not take each other for themselves."""
import os
import shutil

from world import expect, expect_equal, expect_in

WAIT = '["sh", "-c", "trap \'exit 0\' TERM; while :; do sleep 0.02; done"]'

FILE = """
    services:
      a:
        x-rootfs: host
        command: %s
        environment: {V: "%s"}
        secrets: [key]
        %s
    secrets: {key: {file: key}}
    """


def version(world):
    return world.record("a")["definition"]["environment"]["V"]


def history_diff_and_rollback(world):
    world.write("key", "hush-hush")
    for number in ("1", "2"):
        world.compose(FILE % (WAIT, number, ""))
        world.cmp("up", "-d")
        world.cmp("up", "-d")
    expect_equal(world.cmp("history", "-q").out, "2\n1\n", "generations")
    expect_in("a: environment.V 1 → 2", world.cmp("history").out)
    expect_equal(world.cmp("diff", "1", "2").out, "a: environment.V 1 → 2\n", "difference")
    expect_equal(world.cmp("diff", "2", "1").out, "a: environment.V 2 → 1\n", "difference the other way")
    expect_in("there are 1, 2", world.cmp("diff", "1", "7", code=1).err)
    expect_in("recreate a: environment.V 2 → 1", world.cmp("rollback", "--dry-run").out)
    world.cmp("rollback")
    expect_equal(version(world), "1", "after rollback")
    expect_equal(world.cmp("history", "-q").out, "3\n2\n1\n", "a rollback is a generation")
    world.cmp("rollback", "2")
    expect_equal(version(world), "2", "after rollback 2")
    for base, _, files in os.walk(world.state_dir):
        for name in files:
            with open(os.path.join(base, name), "rb") as file:
                expect(b"hush-hush" not in file.read(), "a secret is in %s/%s" % (base, name))
    world.compose(FILE % (WAIT, "3", "healthcheck: {test: [CMD, \"false\"], interval: 100ms, retries: 1}"))
    failed = world.cmp("up", "--atomic", code=1)
    expect_in("returning to generation", failed.err)
    expect_in("unhealthy", failed.err)
    expect_equal(version(world), "2", "after a failed up --atomic")
    world.down()
    expect_equal(world.project_left(), [], "left")
    failed = world.cmp("up", "--atomic", code=1)
    expect_equal(world.project_left(), [], "left of a first up that does not come up")


def two_copies_know_of_each_other(world):
    world.write("key", "x")
    world.compose(FILE % (WAIT, "1", "container_name: fixed%d" % os.getpid()))
    world.cmp("up", "-d")
    copy = "%s/copy/%s" % (world.top, world.name)
    shutil.copytree(world.dir, copy)
    refused = world.cmp("up", "-d", cwd=copy, code=1)
    expect_in("is there already, from '%s'" % world.dir, refused.err)
    refused = world.cmp("-p", "other", "up", "-d", cwd=copy, code=1)
    expect_in("is in use by project '%s'" % world.name, refused.err)
    with open(copy + "/compose.yaml", encoding="utf-8") as file:
        text = file.read()
    with open(copy + "/compose.yaml", "w", encoding="utf-8") as file:
        file.write(text.replace("container_name: fixed%d" % os.getpid(), ""))
    world.cmp("-p", "other", "up", "-d", cwd=copy)
    world.cmp("-p", "other", "down", "-t", "2", cwd=copy)
    expect_in("fixed", world.cmp("ps").out)
    world.down()


SCENARIOS = [history_diff_and_rollback, two_copies_know_of_each_other]
