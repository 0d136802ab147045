#!/usr/bin/python3
"""run.py FILE [PATTERN…]: runs the scenarios of scenarios/FILE.py whose names match (all without a pattern).

Prints `ok NAME`, `not ok NAME: WHY` or `skip NAME: WHY`. The binary is $CMP_BINARY. Everything happens in a sandbox of
its own (sandbox.py), so that a failure leaves nothing behind and the comparison before and after is exact.
`--here` runs on the machine itself, without a sandbox.
"""
import fnmatch
import importlib
import os
import signal
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "scenarios")]

import sandbox  # noqa: E402
from world import Failure, Skip, World  # noqa: E402

SECONDS_A_SCENARIO = 120


def ring(_signal, _frame):
    raise Failure("took longer than %d seconds" % SECONDS_A_SCENARIO)


def one_line(text):
    return " ".join(str(text).split())[:400]


def run_one(function, binary):
    """Runs a scenario, compares the machine, cleans up. \\returns (verdict, reason, details)."""
    world = World(binary, function.__name__)
    before = sandbox.Snapshot(world)
    signal.alarm(SECONDS_A_SCENARIO)
    verdict, reason, details = "ok", "", ""
    try:
        function(world)
        world.end_background()
        sandbox.expect_as_before(before, world)
    except Skip as skip:
        verdict, reason = "skip", str(skip)
    except Failure as failure:
        verdict, reason = "not ok", str(failure)
        details = world.story() + frames_of(failure)
    except Exception as error:  # a mistake of the scenario itself is a failure too
        verdict, reason, details = "not ok", repr(error), world.story() + traceback.format_exc()
    signal.alarm(0)
    world.end_background()
    sandbox.clean_up(before, world)
    world.remove()
    return verdict, reason, details


def frames_of(error):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/scenarios/" in frame.filename]
    return "".join("  at %s:%d: %s\n" % (os.path.basename(f.filename), f.lineno, f.line) for f in frames)


def run_file(name, patterns):
    binary = os.environ.get("CMP_BINARY") or os.environ.get("CMP_BUILT", "")
    if not os.access(binary, os.X_OK):
        print("skip %s: no binary (CMP_BINARY='%s')" % (name, binary))
        return 0
    signal.signal(signal.SIGALRM, ring)
    failed = False
    for function in importlib.import_module(name).SCENARIOS:
        title = "%s: %s" % (name, function.__name__.replace("_", " "))
        if patterns and not any(fnmatch.fnmatch(function.__name__, pattern) for pattern in patterns):
            continue
        verdict, reason, details = run_one(function, os.path.abspath(binary))
        failed |= verdict == "not ok"
        print("%s %s%s" % (verdict, title, ": " + one_line(reason) if reason else ""), flush=True)
        if details:
            print("".join("    %s\n" % line for line in details.splitlines()), end="", flush=True)
    return 1 if failed else 0


def main(arguments):
    here = "--here" in arguments or sandbox.inside()
    arguments = [argument for argument in arguments if argument != "--here"]
    if os.geteuid() != 0:
        print("skip %s: needs root" % arguments[0])
        return 0
    if not here:
        sandbox.enter([sys.executable, os.path.abspath(__file__)] + arguments)
    return run_file(arguments[0], arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
