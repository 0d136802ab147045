#!/usr/bin/python3
"""config.py [--rounds N]: how long `config -q` takes: the quickstart, 1,000 services, the corpus; docker-compose beside it.

$CMP is the program to measure (default build/release/cmp), $CORPUS where the corpus is. Medians in milliseconds, as a
Markdown table.
"""
import argparse
import json
import os
import shutil
import statistics
import tempfile

from measure import Failed, timed
from tools import TREE

CORPUS = os.environ.get("CORPUS", os.path.join(TREE, "../shared/corpus"))

QUICKSTART = """\
services:
  web:
    x-rootfs: host
    image: none
    command: python3 -m http.server 80
    ports: ["127.0.0.1:8000:80"]
"""

SHARED = """\
x-base: &base
  image: "registry.example/app:${TAG:-1.0}"
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: "${LOG_SIZE:-10m}"}}
services:
  first: {image: first}
"""

SERVICE = """\
  s%(i)d:
    <<: *base
    command: ["serve", "--id", "%(i)d", "--mode=${MODE:-fast}"]
    environment:
      ID: "%(i)d"
      NEXT: "http://s%(next)d:80/${PREFIX:-api}"
      KEEP: $$HOME
    depends_on:
      first: {condition: service_started}
    ports:
      - target: 80
        published: %(port)d
        protocol: tcp
    volumes:
      - type: bind
        source: ./data/%(i)d
        target: /data
        read_only: true
      - {type: volume, source: shared, target: /shared}
    ulimits:
      nofile: {soft: 1024, hard: 2048}
    healthcheck: {test: [CMD, "true"], interval: 30s, retries: 3}
    labels: [group=%(group)d, "tier=${TIER:-web}"]
    mem_limit: 64m
"""


def large_file(count):
    body = "".join(SERVICE % {"i": i, "next": (i + 1) % count, "port": 10000 + i, "group": i % 7} for i in range(count))
    return SHARED + body + "volumes: {shared: {}}\n"


def programs():
    """(name, arguments before `config -q`) of what is here."""
    found = [("cmp", [os.path.abspath(os.environ.get("CMP", os.path.join(TREE, "build/release/cmp")))])]
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


def corpus_samples():
    """(directory, -f arguments, environment) of what docker-compose took when the corpus was made."""
    for name in sorted(os.listdir(CORPUS)):
        sample = os.path.join(CORPUS, name)
        if os.path.exists(sample + "/v1-config.yaml"):
            with open(sample + "/case.json") as file:
                case = json.load(file)
            files = [word for path in case.get("files", []) for word in ("-f", path)]
            yield os.path.join(sample, case.get("cwd", ".")), files, case.get("env", {})


def measure_corpus():
    """One row a program: all samples that every program takes, one after the other."""
    totals, count, worst = {}, 0, 0.0
    for directory, files, environment in corpus_samples():
        try:
            took = {name: timed((program + files + ["config", "-q"], environment), cwd=directory)
                    for name, program in programs()}
        except Failed:
            continue
        count += 1
        worst = max(worst, took["cmp"])
        for name, milliseconds in took.items():
            totals[name] = totals.get(name, 0.0) + milliseconds
    return ["| corpus, %d samples | %s | %.1f in all%s | |" % (count, name, total,
                                                              ", slowest %.1f" % worst if name == "cmp" else "")
            for name, total in totals.items()]


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        print("| file | program | median ms | least ms |\n|---|---|---|---|\n" + "\n".join(measure(directory, rounds)))
    print("\n".join(measure_corpus() if os.path.isdir(CORPUS) else ["the corpus is not here"]))


if __name__ == "__main__":
    main()
