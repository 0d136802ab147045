"""Times of commands, memory of processes, and the table they end in."""
import os
import subprocess
import time


class Failed(Exception):
    pass


def timed(command, cwd=None):
    """Milliseconds a command takes; `command` is (arguments, environment)."""
    arguments, environment = command
    start = time.monotonic()
    done = subprocess.run(arguments, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, cwd=cwd)
    took = (time.monotonic() - start) * 1000
    if done.returncode != 0:
        last = done.stdout.decode(errors="replace").strip().splitlines()[-1:] or ["no output"]
        raise Failed("'%s' exited with %d: %s" % (" ".join(arguments), done.returncode, last[0]))
    return took


def command_line(pid):
    with open("/proc/%s/cmdline" % pid, "rb") as file:
        return file.read().replace(b"\0", b" ").decode(errors="replace").strip()


def kilobytes(path, key):
    with open(path) as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(key))


def resident(is_resident):
    """(RSS, PSS) in MB of all processes whose command line `is_resident` takes."""
    rss = pss = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if is_resident(command_line(pid)):
                rss += kilobytes("/proc/%s/status" % pid, "VmRSS:")
                pss += kilobytes("/proc/%s/smaps_rollup" % pid, "Pss:")
        except OSError:
            continue  # gone meanwhile
    return rss / 1024, pss / 1024


class Samples:
    """Numbers by row and tool, in the order in which rows came up."""

    def __init__(self, tools):
        self.tools, self.rows, self.failures = tools, {}, []

    def add(self, row, tool, value):
        self.rows.setdefault(row, {}).setdefault(tool, []).append(value)

    def fail(self, tool, why):
        self.failures.append("%s: %s" % (tool, why))

    def cell(self, row, tool, median):
        values = self.rows[row].get(tool)
        if not values:
            return "-"
        text = "%.1f" % median(values)
        base = self.rows[row].get("cmp")
        if base and tool != "cmp" and median(base) > 0:
            text += " (%.2fx)" % (median(values) / median(base))
        return text

    def table(self, median):
        lines = ["| milliseconds, median; in brackets: of cmp's | " + " | ".join(self.tools) + " |",
                 "|---|" + "---:|" * len(self.tools)]
        for row in self.rows:
            lines.append("| %s | %s |" % (row, " | ".join(self.cell(row, tool, median) for tool in self.tools)))
        counts = {len(values) for row in self.rows.values() for values in row.values()}
        if counts:
            lines.append("\n%d samples a cell at most, %d processors." % (max(counts), os.cpu_count()))
        lines += ["failed: " + failure for failure in self.failures]
        return "\n".join(lines)
