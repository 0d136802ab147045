"""Called as diffutils' cmp, ours becomes the next cmp on PATH: same output, same exit code."""
import os
import subprocess

from world import Skip, expect_equal, expect_in

THEIRS = "/usr/bin/cmp"

# Arguments, standard input.
CALLS = (
    (["a", "a2"], None), (["a", "b"], None), (["a", "longer"], None), (["-s", "a", "b"], None), (["-s", "a", "a2"], None),
    (["-l", "a", "b"], None), (["-b", "a", "b"], None), (["-lb", "a", "b"], None), (["-n", "1", "a", "b"], None),
    (["-n1", "a", "b"], None), (["-i", "2", "a", "b"], None), (["-i2:2", "a", "b"], None), (["a", "b", "2", "2"], None),
    (["--silent", "a", "b"], None), (["--quiet", "a", "b"], None), (["--verbose", "a", "b"], None),
    (["--print-bytes", "a", "b"], None), (["--bytes=2", "a", "b"], None), (["--ignore-initial=1", "a", "b"], None),
    (["a", "missing"], None), (["missing", "a"], None), (["a", "-"], "abc\n"), (["-", "a"], "abc\n"), (["-", "b"], "abc\n"),
    (["a"], "abc\n"), (["--", "up", "down"], None), (["--", "a", "b"], None), (["-s", "--", "up", "down"], None),
    (["./up", "./down"], None), (["-s", "up", "down"], None), (["-l", "up", "down"], None), (["a", "up"], None),
    (["directory", "a"], None), (["-s", "a", "missing"], None), (["with space", "a"], None),
    (["-c", "a", "b"], None), (["--print-chars", "a", "b"], None), (["a", "b", "x"], None), (["-z", "a", "b"], None),
    (["--foo", "a", "b"], None),
)


def prepare(world):
    if not os.access(THEIRS, os.X_OK):
        raise Skip("no " + THEIRS)
    for name, text in (("a", "abc\n"), ("a2", "abc\n"), ("b", "abd\n"), ("longer", "abc\nmore\n"), ("up", "one\n"),
                       ("down", "two\n"), ("with space", "abc\n")):
        world.write(name, text)
    os.makedirs(world.dir + "/directory", exist_ok=True)
    os.makedirs(world.top + "/bin")
    os.symlink(world.binary, world.top + "/bin/cmp")
    world.env["PATH"] = world.top + "/bin:" + world.env["PATH"]


def outcome(world, program, arguments, stdin):
    done = subprocess.run([program] + arguments, cwd=world.dir, env={**world.env, "LC_ALL": "C"}, input=stdin or "",
                          capture_output=True, text=True, timeout=10, check=False)
    # diffutils says its own name, with the path it was called by.
    return done.returncode, done.stdout, done.stderr.replace(program, "cmp").replace(THEIRS, "cmp")


def comparisons_give_what_diffutils_gives(world):
    prepare(world)
    ours = world.top + "/bin/cmp"
    for arguments, stdin in CALLS:
        expect_equal(outcome(world, ours, arguments, stdin), outcome(world, THEIRS, arguments, stdin),
                     "cmp " + " ".join(arguments))


def scripts_that_call_cmp_by_name_go_on_working(world):
    prepare(world)
    script = world.write("script", "#!/bin/sh\ncmp -s a a2 && echo same\ncmp -s a b || echo differ $?\n", 0o755)
    done = subprocess.run([script], cwd=world.dir, env=world.env, capture_output=True, text=True, check=False)
    expect_equal(done.stdout, "same\ndiffer 1\n", "the script's output")


def our_commands_stay_ours(world):
    prepare(world)
    expect_in("version", world.cmp("version").out)
    expect_in("no configuration file", world.cmp("up", code=1).err)


SCENARIOS = [comparisons_give_what_diffutils_gives, scripts_that_call_cmp_by_name_go_on_working, our_commands_stay_ours]
