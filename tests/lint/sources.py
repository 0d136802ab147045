"""Checks of the C++ sources: layers, forbidden things, sizes, formatting."""
import os
import re
import subprocess

LINES_AT_MOST = 400

# Third-party headers and the one folder of src/ (or test of it) that may include them.
OWNERS = {"yaml-cpp/": "compose", "netlink/": "net", "CLI/": "cli", "seccomp.h": "seccomp"}
# Headers that may include the whole of nlohmann/json: they are for .cpp files only and say so.
JSON_HEADERS = ("src/base/json_fields.hpp", "src/oci/node.hpp", "src/cli/go_template.hpp")

# What must not be called: pattern, reason, folders or files of src/ where it may stand all the same.
FORBIDDEN = (
    (r"std::(jthread|thread|async)\b|\bpthread_create\b", "no threads: clone3 makes whole copies of the program", ()),
    (r"(?<![\w.>:])(::|std::)?(system|popen)\s*\(", "no shell: run programs through sys/", ()),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", "no bounds: use std::string or fmt::format", ()),
    (r"std::(cout|cerr|clog)\b|(?<![\w.>])(std::)?f?printf\s*\(|(?<![\w.>])(std::)?puts\s*\(", "only the roles print",
     ("cli", "supervisor", "main.cpp")),
    (r"\b(usleep|nanosleep|sleep_for|sleep_until)\s*\(|(?<![\w.>:])(::)?sleep\s*\(", "no sleeping: wait on an fd", ()),
    (r"(?<![\w.>])(::)?v?fork\s*\(", "fork only in sys/", ("sys",)),
    # A handler of yaml-cpp can end a parse in no other way; the same file catches it.
    (r"\bthrow\b", "errors are values", ("src/compose/read.cpp",)),
    (r"\busing namespace std\b", "names stay where they are", ()),
    (r"#define\s+(?!CMP_)", "macros start with CMP_", ()),
    (r"\b(TODO|FIXME|XXX)\b", "unfinished work", ()),
)

CODE_ENDINGS = (".cpp", ".hpp")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((.*?)\)"|"(?:\\.|[^"\\\n])*"', re.S)


def files_under(root, *folders, endings=CODE_ENDINGS):
    """Paths relative to the root, sorted."""
    found = []
    for folder in folders:
        for directory, names, files in os.walk(os.path.join(root, folder)):
            names[:] = sorted(name for name in names if name != "__pycache__")
            found += [os.path.relpath(os.path.join(directory, name), root) for name in sorted(files)
                      if name.endswith(endings)]
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def without_texts(code):
    """The code with comments and string literals blanked, line by line as it was. Include lines lose their names."""
    return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def layer_table(root):
    """Folder → folders it may include, from src/CMakeLists.txt."""
    table = {}
    text = re.sub(r"#[^\n]*", "", read(root, "src/CMakeLists.txt"))
    for arguments in re.findall(r"cmp_folder\(([^)]*)\)", text):
        words = arguments.split()
        uses, taking = [], False
        for word in words[1:]:
            taking = word == "USES" or (taking and word not in ("LIBRARIES", "INCLUDES"))
            if taking and word != "USES":
                uses.append(word)
        table[words[0]] = set(uses)
    return table


def layers(root):
    """An include of src/ points to the own folder or to one the table names; third-party headers stay with their owner."""
    table = layer_table(root)
    cases = [("the table has no cycle", cycles(table))]
    present = sorted({path.split("/")[1] for path in files_under(root, "src") if path.count("/") > 1})
    for folder in present:
        problems = [] if folder in table else ["src/%s is not in src/CMakeLists.txt" % folder]
        for path in files_under(root, "src/" + folder):
            problems += include_problems(root, path, folder, table.get(folder, set()))
        cases.append(("src/" + folder, problems))
    for folder in ("tests/unit", "tests/kernel"):
        problems = []
        for path in files_under(root, folder):
            problems += owner_problems(root, path, path.split("/")[2])
        cases.append((folder, problems))
    return cases


def cycles(table):
    problems = []
    for folder, uses in sorted(table.items()):
        for used in sorted(uses):
            if used != "base" and used not in table:
                problems.append("%s uses %s, which does not exist" % (folder, used))
            elif folder in table.get(used, set()) or used == folder:
                problems.append("%s and %s use each other" % (folder, used))
    return problems


def include_problems(root, path, folder, allowed):
    text = read(root, path)
    problems = owner_problems(root, path, folder)
    for match in INCLUDE.finditer(text):
        target = match.group(2).split("/")[0]
        if match.group(1) == '"' and target not in allowed | {folder, "base"}:
            problems.append("%s:%d: %s/ may not include '%s'" % (path, line_of(text, match.start()), folder, match.group(2)))
    return problems


def owner_problems(root, path, folder):
    text = read(root, path)
    problems = []
    for match in INCLUDE.finditer(text):
        header, line = match.group(2), line_of(text, match.start())
        for prefix, owner in OWNERS.items():
            if header.startswith(prefix) and folder != owner:
                problems.append("%s:%d: only %s/ includes <%s>" % (path, line, owner, header))
        if header == "nlohmann/json.hpp" and path.endswith(".hpp") and path not in JSON_HEADERS:
            problems.append("%s:%d: <nlohmann/json.hpp> belongs into .cpp files" % (path, line))
        if header.startswith("fmt/") and header not in ("fmt/core.h", "fmt/format-inl.h"):
            problems.append("%s:%d: include <fmt/core.h>, not <%s>" % (path, line, header))
    return problems


def style(root):
    """Forbidden calls, one case each; file length; #pragma once."""
    paths = files_under(root, "src")
    code = {path: without_texts(read(root, path)) for path in paths}
    cases = []
    for pattern, reason, exempt in FORBIDDEN:
        problems = []
        for path in paths:
            if path.split("/")[1] not in exempt and path not in exempt:
                text = read(root, path) if "TODO" in pattern else code[path]
                problems += ["%s:%d: '%s': %s" % (path, line_of(text, match.start()), match.group(0).strip(), reason)
                             for match in re.finditer(pattern, text)]
        cases.append((reason, problems))
    every = paths + files_under(root, "tests", endings=CODE_ENDINGS + (".py",))
    lengths = [(path, read(root, path).count("\n")) for path in every]
    cases.append(("files have at most %d lines" % LINES_AT_MOST,
                  ["%s has %d lines" % entry for entry in lengths if entry[1] > LINES_AT_MOST]))
    cases.append(("headers start with #pragma once",
                  [path for path in every if path.endswith(".hpp") and not read(root, path).startswith("#pragma once")]))
    return cases


def formatting(root):
    """clang-format would change nothing."""
    cases = []
    for folder in ("src", "tests"):
        paths = files_under(root, folder)
        if not paths:
            continue
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", "--ferror-limit=1"] + paths, cwd=root,
                              capture_output=True, text=True, check=False)
        problems = [line for line in done.stderr.splitlines() if "error:" in line]
        if done.returncode and not problems:
            problems = ["clang-format: " + done.stderr.strip()]
        cases.append((folder, problems))
    return cases
