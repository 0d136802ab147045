#!/usr/bin/python3
"""Counts test cases in the logs of tests/run and prints what failed, what was skipped and why, and the closing line.

Understood lines, alone or behind ctest's `12: `:
  ok NAME, not ok NAME: WHY, skip NAME: WHY      our own suites and build steps
  pass ID, FAIL ID: WHY                          the shared suites
  doctest's closing line; `skipped: WHY` in a message of a test case or before exit status 77
ctest's own verdict counts for a test that printed no case at all, or that failed without a failed case (a crash).
"""
import re
import sys

CTEST_PREFIX = re.compile(r"^(\d+): ?")
VERDICT = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.*\s*(\*\*\*\S+|Passed)(.*?)\s+[\d.]+ sec")
DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed")
DOCTEST_CASE = re.compile(r"^TEST CASE:\s+(.*)")
SKIPPED = re.compile(r"^(?:\S+: MESSAGE: )?skipped: (.*)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
OUTCOMES = (("ok ", "passed"), ("pass ", "passed"), ("not ok ", "failed"), ("FAIL ", "failed"), ("skip ", "skipped"))


class Test:
    """What one ctest test, or one log without ctest, has printed so far."""

    def __init__(self):
        self.cases, self.failed = 0, False
        self.doctest_case, self.doctest_failed, self.reasons = "", [], []


class Log:
    def __init__(self, path):
        self.name = path.rsplit("/", 1)[-1].removesuffix(".log")
        self.passed, self.failed, self.skipped, self.tests = 0, [], [], {}
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                self.read(ANSI.sub("", line.rstrip("\n")))

    def read(self, line):
        prefix = CTEST_PREFIX.match(line)
        verdict = None if prefix else VERDICT.match(line)
        if verdict:
            self.conclude(self.test(verdict.group(1)), *verdict.groups()[1:])
        else:
            self.read_text(self.test(prefix.group(1) if prefix else ""), line[prefix.end():] if prefix else line)

    def test(self, number):
        return self.tests.setdefault(number, Test())

    def read_text(self, test, text):
        outcome = next(((start, kind) for start, kind in OUTCOMES if text.startswith(start)), None)
        if outcome:
            test.cases += 1
            self.count(outcome[1], text[len(outcome[0]):])
            test.failed |= outcome[1] == "failed"
        else:
            self.read_doctest(test, text)

    def count(self, kind, name):
        if kind == "passed":
            self.passed += 1
        else:
            getattr(self, kind).append(name)

    def read_doctest(self, test, text):
        case, closing, skipped = DOCTEST_CASE.match(text), DOCTEST.search(text), SKIPPED.match(text)
        if case:
            test.doctest_case = case.group(1)
        elif "ERROR: " in text and test.doctest_case and test.doctest_case not in test.doctest_failed:
            test.doctest_failed.append(test.doctest_case)
        elif skipped:
            test.reasons.append((test.doctest_case + ": " if test.doctest_case else "") + skipped.group(1))
        elif closing:
            self.close_doctest(test, int(closing.group(1)), int(closing.group(2)))

    def close_doctest(self, test, passed, failed):
        names = test.doctest_failed[:failed]
        self.failed += names + ["a case the log does not name"] * (failed - len(names))
        # A case that says it skipped itself has passed in doctest's eyes only.
        self.skipped += test.reasons
        self.passed += max(0, passed - len(test.reasons))
        test.cases += passed + failed
        test.failed |= failed > 0
        test.reasons = []

    def conclude(self, test, name, verdict, rest):
        if "Skipped" in verdict:
            self.skipped.append("%s: %s" % (name, test.reasons[0] if test.reasons else "see the log"))
        elif verdict != "Passed" and not test.failed:
            self.failed.append("%s: %s%s" % (name, verdict.strip("*"), rest))
        elif test.cases == 0:
            self.passed += 1


def main(paths):
    logs = [Log(path) for path in paths]
    for title in ("skipped", "failed"):
        for log in logs:
            for name in getattr(log, title):
                print("%s  %s  (%s)" % (title.upper() if title == "failed" else title, name, log.name))
    counts = (sum(log.passed for log in logs), sum(len(log.failed) for log in logs), sum(len(log.skipped) for log in logs))
    print("%d passed, %d failed, %d skipped" % counts)
    return 1 if counts[1] or counts[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
