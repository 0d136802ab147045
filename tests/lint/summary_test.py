"""tests/support/summary.py against a log with one of everything: what tests/run says must be what happened."""
import os
import subprocess
import sys
import tempfile

LOG = """\
1: [doctest] test cases:  22 |  22 passed | 0 failed | 0 skipped
1/6 Test  #1: unit.sys ........................   Passed    0.10 sec
2: ok a: fine
2: not ok b: wrong: why
2: skip c: reason
2/6 Test  #2: scenario.x ......................***Failed    0.10 sec
3: skipped: no namespaces here
3/6 Test  #3: kernel.net ......................***Skipped   0.01 sec
4/6 Test  #4: kernel.crash ....................***Exception: SegFault  0.01 sec
5: TEST CASE:  adds up
5: /x/y.cpp:3: ERROR: CHECK( 1 == 2 ) is NOT correct!
5: TEST CASE:  cannot be seen here
5: /x/y.cpp:9: MESSAGE: skipped: old kernel
5: [doctest] test cases:   3 |   2 passed | 1 failed | 0 skipped
5/6 Test  #5: unit.y ..........................***Failed    0.01 sec
6/6 Test  #6: lint.quiet ......................   Passed    0.01 sec
pass one/case
FAIL other/case: differs
"""

EXPECTED = """\
skipped  c: reason  (x)
skipped  kernel.net: no namespaces here  (x)
skipped  cannot be seen here: old kernel  (x)
FAILED  b: wrong: why  (x)
FAILED  kernel.crash: Exception: SegFault  (x)
FAILED  adds up  (x)
FAILED  other/case: differs  (x)
26 passed, 4 failed, 3 skipped
"""


def run(root):
    program = os.path.join(root, "tests/support/summary.py")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "x.log")
        with open(path, "w", encoding="utf-8") as file:
            file.write(LOG)
        done = subprocess.run([sys.executable, program, path], capture_output=True, text=True, check=False)
        with open(path, "w", encoding="utf-8") as file:
            file.write("nothing that is a case\n")
        empty = subprocess.run([sys.executable, program, path], capture_output=True, text=True, check=False)
    return [
        ("it counts and names every kind", [] if done.stdout == EXPECTED else done.stdout.splitlines()),
        ("failures give a non-zero exit", [] if done.returncode == 1 else ["exit %d" % done.returncode]),
        ("so does a run without any case", [] if empty.returncode == 1 else ["exit %d" % empty.returncode]),
    ]
