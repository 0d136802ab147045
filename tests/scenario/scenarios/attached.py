"""Attached `up`: whose lines it shows, when it ends everything, and what it exits with."""
import re

from world import expect, expect_equal, expect_in

SHOP = """
    services:
      done: {x-rootfs: host, command: "true"}
      fails:
        x-rootfs: host
        command: ["sh", "-c", "echo out of fails; sleep 0.2; exit 3"]
        depends_on: [polite]
      polite:
        x-rootfs: host
        command: ["sh", "-c", "trap 'exit 42' TERM; echo out of polite; while :; do sleep 0.02; done"]
      deaf: {x-rootfs: host, command: ["sh", "-c", "echo out of deaf; exec sleep 1000"]}
      quiet: {x-rootfs: host, attach: false, command: ["sh", "-c", "echo out of quiet; exec sleep 1000"]}
    """


def up(world, *arguments, code, named=()):
    """`named`: the services that are asked for, and stopped in the end; all without."""
    world.compose(SHOP)
    done = world.cmp("up", *arguments, *named, code=code)
    states = {name: entry["State"] for name, entry in world.ps().items()}
    expect(all(states[name] == "exited" for name in named or states), "after up %s: %s" % (arguments, states))
    world.down()
    return done


def one_that_ends_ends_all_and_gives_its_code(world):
    done = up(world, "--abort-on-container-exit", code=0)
    expect_in("done-1 exited with code 0", done.out)
    expect_in("Aborting on container exit...", done.err)
    done = up(world, "--abort-on-container-failure", code=3)
    expect_in("fails-1 exited with code 3", done.out)


def the_code_is_that_of_the_named_service(world):
    up(world, "--exit-code-from", "fails", named=["fails"], code=3)
    up(world, "--exit-code-from", "polite", code=42)
    up(world, "--exit-code-from", "deaf", code=137)
    expect_in("no such service: nobody", world.cmp("up", "--exit-code-from", "nobody", code=1).err)


def all_ended_by_themselves_is_no_failure(world):
    world.compose("""
        services:
          a: {x-rootfs: host, command: "false"}
          b: {x-rootfs: host, command: "true"}
        """)
    expect_in("a-1 exited with code 1", world.cmp("up").out)
    world.down()


def shown(world, arguments, named):
    """Which services' lines are there."""
    out = up(world, "--abort-on-container-failure", *arguments, named=named, code=3).out
    return sorted(set(re.findall(r"out of (\w+)", out))), out


def lines_are_those_of_who_is_asked_for(world):
    for arguments, named, wanted in (((), (), ["deaf", "fails", "polite"]),
                                     (("--no-attach", "deaf"), (), ["fails", "polite"]),
                                     (("--attach", "quiet"), (), ["quiet"]),
                                     (("--attach-dependencies",), ["fails"], ["fails", "polite"]),
                                     (("--attach", "polite"), ["fails"], ["polite"]),
                                     (("--no-log-prefix",), ["fails"], ["fails"]),
                                     (("--timestamps",), ["fails"], ["fails"])):
        found, out = shown(world, arguments, named)
        expect_equal(found, wanted, "lines with %s" % " ".join(arguments))
        if "--no-log-prefix" in arguments:
            expect("\nout of fails\n" in out, out)
        if "--timestamps" in arguments:
            expect(re.search(r"fails-1 +\| \d{4}-\d\d-\d\dT\S+Z out of fails\n", out), out)


def what_excludes_each_other_is_refused_before_anything(world):
    world.compose(SHOP)
    for arguments, why in ((("-d", "--abort-on-container-exit"), "--detach cannot be combined with"),
                           (("--wait", "--attach", "deaf"), "--wait cannot be combined with"),
                           (("--abort-on-container-exit", "--abort-on-container-failure"), "cannot be combined with"),
                           (("--attach", "deaf", "fails"), "cannot attach to services not included in up: deaf"),
                           (("--wait-timeout", "3"), "--wait-timeout needs --wait")):
        done = world.cmp("up", *arguments, code=None)
        expect(done.code != 0, "accepted: %s" % (arguments,))
        expect_in(why, done.err)
    expect_equal(world.project_left(), [], "what is left")


SCENARIOS = [
    one_that_ends_ends_all_and_gives_its_code, the_code_is_that_of_the_named_service,
    all_ended_by_themselves_is_no_failure, lines_are_those_of_who_is_asked_for,
    what_excludes_each_other_is_refused_before_anything,
]
