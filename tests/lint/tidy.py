#!/usr/bin/python3
"""tidy.py BUILD: clang-tidy over everything in the compile database of BUILD, one case for each of its entries.

An entry may stand for several files of a folder (CMake's unity build): they are looked at together, which is four times
as fast. One that passed is not looked at again until one of its files, a header of src/ or tests/, .clang-tidy or its
command changes: BUILD/tidy-passed keeps the hashes.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def common_key():
    digest = hashlib.sha256(subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout)
    digest.update(read(os.path.join(ROOT, ".clang-tidy")))
    for top in ("src", "tests"):
        for directory, names, files in sorted(os.walk(os.path.join(ROOT, top))):
            names.sort()
            for name in sorted(files):
                if name.endswith(".hpp"):
                    digest.update(name.encode() + read(os.path.join(directory, name)))
    return digest.hexdigest()


def texts_of(path):
    """The file, and the sources that it includes if it stands for several."""
    own = read(path)
    return [own] + [read(part.decode()) for part in re.findall(rb'#include "(.*\.cpp)"', own)]


def name_of(path):
    unity = re.search(r"/cmp_([^/]*)\.dir/Unity/unity_(\d+)_", path)
    return "src/%s, part %d" % (unity[1], int(unity[2]) + 1) if unity else os.path.relpath(path, ROOT)


def look_at(build, entry, common):
    """(name, problems): no problems for one that passed before."""
    path = os.path.join(entry["directory"], entry["file"])
    key = hashlib.sha256((common + entry["command"]).encode() + b"".join(texts_of(path))).hexdigest()
    marker = os.path.join(build, "tidy-passed", key)
    name = name_of(path)
    if os.path.exists(marker):
        return name, []
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build, path], capture_output=True, text=True, check=False)
    problems = [line for line in done.stdout.splitlines() if ": error: " in line or ": warning: " in line]
    if done.returncode == 0:
        os.makedirs(os.path.dirname(marker), exist_ok=True)
        with open(marker, "w", encoding="utf-8"):
            pass
    elif not problems:
        problems = [done.stderr.strip() or "clang-tidy: exit %d" % done.returncode]
    return name, problems


def main(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = [entry for entry in json.load(file) if "/src/" in entry["file"]]
    entries.sort(key=lambda entry: entry["file"])
    common, failed = common_key(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, problems in pool.map(lambda entry: look_at(build, entry, common), entries):
            print("ok tidy: " + name if not problems else "not ok tidy: %s: %s" % (name, problems[0]), flush=True)
            for problem in problems:
                print("    " + problem)
            failed += bool(problems)
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
