"""What a shell offers at the cursor."""
import os
import subprocess

from world import expect_equal, expect_in

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/cli/completion/cmp.bash")


def offered(world, *words):
    """What bash completes the last word to."""
    line = " ".join("'%s'" % word for word in ("cmp",) + words)
    done = subprocess.run(
        ["bash", "-c", "source %s; COMP_WORDS=(%s) COMP_CWORD=%d; _cmp; printf '%%s\\n' \"${COMPREPLY[@]}\""
         % (SCRIPT, line, len(words))],
        cwd=world.dir, capture_output=True, text=True, check=False,
        env={**world.env, "PATH": os.path.dirname(world.binary) + ":" + world.env["PATH"]})
    expect_equal((done.returncode, done.stderr), (0, ""), "bash completing " + line)
    return done.stdout.split()


def bash_offers_commands_options_and_the_services_of_the_file(world):
    world.compose("services: {web: {image: a}, wall: {image: a}, db: {image: a, profiles: [extra]}}")
    expect_equal(offered(world, "dow"), ["down"], "a command")
    expect_equal(offered(world, "logs", "--foll"), ["--follow"], "an option")
    expect_equal(offered(world, "logs", "w"), ["wall", "web"], "services")
    expect_equal(offered(world, "exec", "-T", "d"), ["db"], "a service of a profile")
    expect_equal(offered(world, "--profile", "e"), ["extra"], "a profile")
    expect_equal(offered(world, "ps", "--status", "paus"), ["paused"], "a choice")
    world.write("other.yaml", "services: {elsewhere: {image: a}}")
    expect_equal(offered(world, "-f", "other.yaml", "up", ""), ["elsewhere"], "services of the file that is named")


def a_broken_file_offers_nothing_and_says_nothing(world):
    world.compose("services: [")
    expect_equal(offered(world, "logs", ""), [], "services")
    expect_in("up", offered(world, "u"), "commands")


SCENARIOS = [bash_offers_commands_options_and_the_services_of_the_file, a_broken_file_offers_nothing_and_says_nothing]
