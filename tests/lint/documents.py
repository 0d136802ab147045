"""Checks of what is not C++: manual pages, presets, scripts, and what the documents claim."""
import json
import os
import re
import subprocess

from report import Skip
from sources import files_under, read


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"})
    return done.returncode, done.stdout, done.stderr

# mandoc's taste in line length is not ours, and its index of other pages is the machine's matter.
NOT_OUR_STYLE = ("input text line longer than", "outdated mandoc.db", "referenced manual not found: Xr cmp-")


def made_pages():
    """Pages that the build makes out of the tables, in the build tree."""
    top = os.environ.get("CMP_MADE_PAGES", "")
    names = sorted(os.listdir(top)) if os.path.isdir(top) else []
    return [os.path.join(top, name) for name in names if re.search(r"\.[1-9]$", name)]


def man_pages(root):
    """mandoc and groff find nothing to warn of."""
    cases = []
    pages = files_under(root, "man", endings=tuple(".%d" % section for section in range(1, 10)))
    for path in pages + made_pages():
        _, out, err = run("mandoc", "-T", "lint", "-W", "style", path, cwd=root)
        problems = [line for line in (out + err).splitlines() if not any(word in line for word in NOT_OUR_STYLE)]
        cases.append((path + " for mandoc", problems))
        code, _, err = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", os.path.join(root, path))
        cases.append((path + " for groff", err.splitlines() if err.strip() else ["man failed"] if code else []))
    return cases


def presets(root):
    """CMakePresets.json is JSON, and has the presets that tests/run builds."""
    try:
        names = {preset["name"] for preset in json.loads(read(root, "CMakePresets.json"))["configurePresets"]}
    except (ValueError, KeyError) as error:
        return [("CMakePresets.json", ["CMakePresets.json: %s" % error])]
    missing = sorted({"dev", "release", "asan", "clang", "tidy"} - names)
    return [("CMakePresets.json", ["no preset '%s'" % name for name in missing])]


def is_script(root, path, interpreter):
    with open(os.path.join(root, path), "rb") as file:
        first = file.readline(100)
    return first.startswith(b"#!") and interpreter in first


def shell_scripts(root):
    """Every script parses; scripts that are meant to be run are executable."""
    cases = []
    for path in files_under(root, ".ci", "tests", "compose-examples", endings=("",)):
        bash = path.endswith(".sh") or is_script(root, path, b"bash") or is_script(root, path, b"/bin/sh")
        if not bash:
            continue
        code, _, err = run("bash", "-n", path, cwd=root)
        problems = err.splitlines() if code else []
        if not path.endswith(".sh") and not os.access(os.path.join(root, path), os.X_OK):
            problems.append(path + " is not executable")
        cases.append((path, problems))
    return cases


def documented_commands(page):
    """Names in `.It Ic name` (or `Cm`) lines of the section COMMANDS."""
    section = re.search(r"^\.Sh COMMANDS$(.*?)^\.Sh ", page, re.M | re.S)
    return set(re.findall(r"^\.It (?:Ic|Cm) ([a-z]+)", section.group(1), re.M)) if section else set()


def binary_commands(help_text):
    """Command names of `cmp --help`: indented words under a heading with 'ommands'."""
    names, inside = set(), False
    for line in help_text.splitlines():
        if line and not line[0].isspace():
            inside = "ommands" in line
        elif inside:
            match = re.match(r"\s+([a-z][a-z-]*)(\s|$)", line)
            if match:
                names.add(match.group(1))
    return names


def flags_of(help_text):
    """The long options of a help text, each by its first long name."""
    lines = re.findall(r"^ {2,6}(-\S+)", help_text, re.M)
    longs = [[name for name in line.split(",") if name.startswith("--")] for line in lines]
    return [names[0] for names in longs if names]


def undocumented_flags(binary, pages, command):
    """Options of `cmp COMMAND --help` that the command's own manual page does not name."""
    code, out, err = run(binary, command, "--help")
    if code != 0:
        return ["%s --help: exit %d: %s" % (command, code, out + err)]
    path = os.path.join(pages, "cmp-compose-%s.1" % command)
    if not os.path.exists(path):
        return ["no page cmp-compose-%s(1)" % command]
    page = read(pages, path).replace("\\-", "-")
    return ["'%s %s' is not in its manual page" % (command, flag) for flag in flags_of(out)
            if not re.search(r"Fl %s\b" % flag[1:], page)]


def options_case(binary, names):
    pages = os.environ.get("CMP_MADE_PAGES", "")
    if not os.path.exists(pages + "/commands.made"):
        return Skip("no pages at '%s' (CMP_MADE_PAGES names the folder of a full build)" % pages)
    return [problem for name in sorted(names) for problem in undocumented_flags(binary, pages, name)]


def readme_commands(text):
    """Commands that README.md shows: `cmp NAME`, in code. `cmp a b` compares files."""
    return set(re.findall(r"(?:^|`|\$ )cmp ([a-z]{2,})\b", text, re.M))


def commands(root):
    """Binary and manual page know the same commands; README.md names no others."""
    binary = os.environ.get("CMP_BINARY", os.path.join(root, "build/release/cmp"))
    if not os.access(binary, os.X_OK):
        return [("the binary's commands", Skip("no binary at '%s' (CMP_BINARY names it)" % binary))]
    code, out, err = run(binary, "--help")
    have = binary_commands(out + err)
    page = documented_commands(read(root, "man/cmp-compose.1"))
    return [
        ("the binary's help lists commands", [] if have and code == 0 else ["--help: exit %d: %s" % (code, out + err)]),
        ("every command is in the manual page", ["no entry for '%s'" % name for name in sorted(have - page)]),
        ("the manual page invents none", ["no command '%s'" % name for name in sorted(page - have)]),
        ("every option is in the manual page of its command", options_case(binary, have)),
        ("README.md names no other", ["no command '%s'" % name for name in
                                     sorted(readme_commands(read(root, "README.md")) - have)]),
    ]
