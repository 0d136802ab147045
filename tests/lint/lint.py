#!/usr/bin/python3
"""lint.py CHECK [ROOT]: one check of the tree; prints `ok`, `not ok` or `skip`, one line a case.

A check is a function of the tree's root that returns cases: (name, problems), or (name, Skip(reason)).
"""
import os
import sys

import documents
import scenarios
import sources
import summary_test
from report import print_cases

CHECKS = {
    "layers": sources.layers,
    "style": sources.style,
    "format": sources.formatting,
    "man": documents.man_pages,
    "presets": documents.presets,
    "shell": documents.shell_scripts,
    "commands": documents.commands,
    "summary": summary_test.run,
    "scenarios": scenarios.listed,
}


def main(arguments):
    root = os.path.abspath(arguments[1] if len(arguments) > 1 else os.path.join(os.path.dirname(__file__), "../.."))
    if arguments[0] == "selftest":
        import selftest
        return print_cases("selftest", selftest.run({name: check for name, check in CHECKS.items() if name in selftest.BAD}))
    return print_cases(arguments[0], CHECKS[arguments[0]](root))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
