#!/usr/bin/python3
"""Counts test cases in the logs of tests/run and prints what failed, what was skipped and why, and the closing line.

Understood lines, alone or behind ctest's `12: `: `ok NAME`, `not ok NAME: WHY`, `skip NAME: WHY` (our own suites),
doctest's closing line, `pass ID` and `FAIL ID: WHY` (the shared suites), ctest's own verdict of a test that printed no
case at all (a crash, a time-out).
"""
import re
import sys

CTEST_PREFIX = re.compile(r"^\d+: ")
DOCTEST = re.compile(r"\[doctest\] test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed(?: \|\s*(\d+) skipped)?")
DOCTEST_FAILED = re.compile(r"^TEST CASE:\s+(.*)")
VERDICT = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.+\s*(\*\*\*\S+|Passed)(.*?)\s+[\d.]+ sec")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []
        self.cases_of = {}  # ctest's number of a test → cases it printed, and how many of them failed


def read_case(totals, text, source, number):
    """One case line; True if it was one."""
    kinds = (("ok ", "pass"), ("pass ", "pass"), ("not ok ", "fail"), ("FAIL ", "fail"), ("skip ", "skip"))
    kind = next((verdict for start, verdict in kinds if text.startswith(start)), None)
    if kind is None:
        return read_doctest(totals, text, source, number)
    count(totals, number, 1, kind == "fail")
    if kind == "pass":
        totals.passed += 1
    else:
        name = text.split(" ", 2)[2] if text.startswith("not ok ") else text.split(" ", 1)[1]
        (totals.failed if kind == "fail" else totals.skipped).append((source, name))
    return True


def read_doctest(totals, text, source, number):
    match = DOCTEST.search(text)
    if not match:
        return False
    passed, failed = int(match.group(2)), int(match.group(3))
    totals.passed += passed
    totals.failed += [(source, "doctest case (the log names it)")] * failed
    count(totals, number, passed + failed, failed > 0)
    return True


def count(totals, number, cases, failed):
    before = totals.cases_of.get(number, (0, False))
    totals.cases_of[number] = (before[0] + cases, before[1] or failed)


def read_verdict(totals, match, source):
    """ctest's word on a whole test: counts where its cases do not tell the same."""
    number, name, verdict, rest = match.groups()
    cases, failed = totals.cases_of.get(number, (0, False))
    if "Skipped" in verdict:
        totals.skipped.append((source, name + ": the whole test, see the log"))
    elif verdict != "Passed" and not failed:
        totals.failed.append((source, "%s: %s%s" % (name, verdict.strip("*"), rest)))
    elif cases == 0:
        totals.passed += 1


def read_log(totals, path):
    source = path.rsplit("/", 1)[-1].removesuffix(".log")
    totals.cases_of = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            line = ANSI.sub("", line.rstrip("\n"))
            prefix = CTEST_PREFIX.match(line)
            number = prefix.group(0).split(":")[0] if prefix else None
            text = line[prefix.end():] if prefix else line
            match = None if prefix else VERDICT.match(line)
            if match:
                read_verdict(totals, match, source)
            else:
                read_case(totals, text, source, number)


def main(paths):
    totals = Totals()
    for path in paths:
        read_log(totals, path)
    for title, entries in (("skipped", totals.skipped), ("FAILED", totals.failed)):
        for source, name in entries:
            print("%s  %s  (%s)" % (title, name, source))
    print("%d passed, %d failed, %d skipped" % (totals.passed, len(totals.failed), len(totals.skipped)))
    return 1 if totals.failed or totals.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
