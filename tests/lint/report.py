"""How a check tells its result."""


class Skip:
    """A case that cannot be looked at here, and why."""

    def __init__(self, reason):
        self.reason = reason


def print_cases(check, cases):
    """Prints one line a case and returns the exit status."""
    failed = False
    for name, outcome in cases:
        title = "%s: %s" % (check, name)
        if isinstance(outcome, Skip):
            print("skip %s: %s" % (title, outcome.reason))
        elif outcome:
            failed = True
            print("not ok %s: %s" % (title, outcome[0]))
            for problem in outcome:
                print("    " + problem)
        else:
            print("ok " + title)
    if not cases:
        print("not ok %s: nothing to look at" % check)
    return 1 if failed or not cases else 0
