#!/usr/bin/python3
"""config.py [--rounds N]: how long `config -q` takes: the quickstart, 1,000 services, the corpus; docker-compose beside it.

$CMP is the program to measure (default build/release/cmp). Medians in milliseconds, as a Markdown table.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from measure import Failed, timed
from tools import TREE

CORPUS = os.path.join(TREE, "../shared/corpus/run.py")

QUICKSTART = """\
services:
  web:
    x-rootfs: host
    image: none
    command: python3 -m http.server 80
    ports: ["127.0.0.1:8000:80"]
"""

SHARED = """\
version: "2.4"
x-base: &base
  image: "registry.example/app:${TAG:-1.0}"
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: "${LOG_SIZE:-10m}"}}
services:
"""

SERVICE = """\
  s%(i)d:
    <<: *base
    command: ["serve", "--id", "%(i)d", "--mode=${MODE:-fast}"]
    environment:
      ID: "%(i)d"
      NEXT: "http://s%(next)d:80/${PREFIX:-api}"
      KEEP: $$HOME
    ports: ["%(port)d:80"]
    volumes: ["./data/%(i)d:/data:ro", "shared:/shared"]
    healthcheck: {test: [CMD, "true"], interval: 30s, retries: 3}
    labels: [group=%(group)d, "tier=${TIER:-web}"]
    mem_limit: 64m
"""


def large_file(count):
    body = "".join(SERVICE % {"i": i, "next": (i + 1) % count, "port": 10000 + i, "group": i % 7} for i in range(count))
    return SHARED + body + "volumes: {shared: {}}\n"


def programs():
    """(name, arguments before `config -q`) of what is here."""
    found = [("cmp", [os.environ.get("CMP", os.path.join(TREE, "build/release/cmp"))])]
    other = shutil.which("docker-compose")
    return found + ([("docker-compose", [other])] if other else [])


def measure(directory, rounds):
    rows = []
    files = (("quickstart", QUICKSTART, rounds), ("10 services", large_file(10), rounds),
             ("1,000 services", large_file(1000), max(3, rounds // 5)))
    for title, text, times in files:
        path = os.path.join(directory, "compose.yaml")
        with open(path, "w") as file:
            file.write(text)
        for name, program in programs():
            if name != "cmp" and title == "quickstart":
                continue  # x-rootfs is no key of its version
            try:
                took = [timed((program + ["-f", path, "config", "-q"], {})) for _ in range(times if name == "cmp" else 3)]
                rows.append("| %s | %s | %.1f | %.1f |" % (title, name, statistics.median(took), min(took)))
            except Failed as failed:
                rows.append("| %s | %s | %s | |" % (title, name, failed))
    return rows


def measure_corpus():
    if not os.path.exists(CORPUS):
        return "the corpus is not here"
    done = subprocess.run([sys.executable, CORPUS, programs()[0][1][0]], capture_output=True, text=True, check=False)
    return "\n".join(done.stdout.splitlines()[-2:])


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        print("| file | program | median ms | least ms |\n|---|---|---|---|\n" + "\n".join(measure(directory, rounds)))
    print("corpus: " + measure_corpus())


if __name__ == "__main__":
    main()
