"""Shows every check a tree that is right and one that is wrong in one point: it must accept the first only."""
import os
import stat
import tempfile

GOOD = {
    "src/CMakeLists.txt": "cmp_folder(base)\ncmp_folder(sys USES base)\ncmp_folder(cli USES sys base INCLUDES X)\n",
    "src/sys/a.hpp": '#pragma once\n#include "base/result.hpp"\n',
    "src/sys/a.cpp": '#include "sys/a.hpp"\n// std::thread is only talked about\nconst char* kText = "throw";\n',
    "src/cli/b.cpp": '#include <CLI/CLI.hpp>\n\n#include "sys/a.hpp"\n',
    "tests/unit/sys/a_test.cpp": '#include "sys/a.hpp"\n',
    "tests/kernel/sys/a_test.cpp": '#include "sys/a.hpp"\n',
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 120\n",
    "man/x.1": ".Dd November 22, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd does things\n.Sh DESCRIPTION\nText.\n",
    "CMakePresets.json": '{"configurePresets": [%s]}' % ",".join(
        '{"name": "%s"}' % name for name in ("dev", "release", "asan", "clang", "tidy")),
    "tests/go": "#!/usr/bin/env bash\ntrue\n",
    "man/cmp-compose.1": ".Sh COMMANDS\n.It Ic up\n.Sh FILES\n",
    "README.md": "`cmp up`\n",
    "cmp": "#!/bin/sh\n[ $1 = up ] && printf 'Options:\\n  -d,--detach  Go\\n' || printf 'Commands:\\n  up  Starts\\n'\n",
    "tests/scenario/scenarios/go.py": "def run(world):\n    pass\n\n\nSCENARIOS = [run]\n",
    "pages/commands.made": "",
    "pages/cmp-compose-up.1": ".Dd November 22, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd does things\n.Sh OPTIONS\n"
                              ".Bl -tag -width Ds\n.It Fl d , Fl \\-detach\nGo.\n.El\n",
}

BAD = {
    "layers": {
        "an include that points up": ("src/sys/a.hpp", '#pragma once\n#include "cli/b.hpp"\n'),
        "a library in a foreign folder": ("src/sys/a.cpp", "#include <yaml-cpp/yaml.h>\n"),
        "a library in a foreign test": ("tests/unit/sys/a_test.cpp", "#include <netlink/netlink.h>\n"),
        "a folder without a place in the table": ("src/odd/c.cpp", "\n"),
        "a cycle in the table": ("src/CMakeLists.txt", "cmp_folder(sys USES cli)\ncmp_folder(cli USES sys)\n"),
        "all of nlohmann/json in a header": ("src/sys/a.hpp", "#pragma once\n#include <nlohmann/json.hpp>\n"),
    },
    "style": {
        "a thread": ("src/sys/a.cpp", "std::thread worker;\n"),
        "a shell": ("src/sys/a.cpp", 'int x = system("ls");\n'),
        "an unbounded copy": ("src/sys/a.cpp", "strcpy(a, b);\n"),
        "printing below cli": ("src/sys/a.cpp", "std::cout << 1;\n"),
        "a sleep": ("src/sys/a.cpp", "::usleep(10);\n"),
        "a fork outside sys": ("src/cli/b.cpp", "auto pid = ::fork();\n"),
        "an exception": ("src/sys/a.cpp", "throw 1;\n"),
        "a mark of unfinished work": ("src/sys/a.cpp", "// TODO: later\n"),
        "a long file": ("src/sys/a.cpp", "\n" * 401),
        "a header without its guard": ("src/sys/a.hpp", "int x();\n"),
    },
    "format": {"a line clang-format would change": ("src/sys/a.cpp", "int   x;\n")},
    "scenarios": {"one that is never run": ("tests/scenario/scenarios/go.py", "def run(world):\n    pass\n\n\nSCENARIOS = []\n")},
    "man": {"an unknown macro": ("man/x.1", GOOD["man/x.1"] + ".Zz oops\n")},
    "presets": {"broken JSON": ("CMakePresets.json", "{,}"),
                "a missing preset": ("CMakePresets.json", '{"configurePresets": [{"name": "dev"}]}')},
    "shell": {"a script that does not parse": ("tests/go", "#!/usr/bin/env bash\nif then\n")},
    "commands": {
        "a command without manual": ("cmp", "#!/bin/sh\nprintf 'Commands:\\n  up  Starts\\n  odd  Hm\\n'\n"),
        "a manual without command": ("man/cmp-compose.1", ".Sh COMMANDS\n.It Ic up\n.It Ic odd\n.Sh FILES\n"),
        "an option without manual": ("pages/cmp-compose-up.1", ".It Fl d\n"),
        "a claim of README.md": ("README.md", "`cmp fly`\n"),
    },
}


def write(root, path, text):
    target = os.path.join(root, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    if text.startswith("#!"):
        os.chmod(target, os.stat(target).st_mode | stat.S_IXUSR)


def finds_problem(check, change):
    with tempfile.TemporaryDirectory(prefix="lint-") as root:
        for path, text in {**GOOD, **change}.items():
            write(root, path, text)
        os.environ.update(CMP_BINARY=os.path.join(root, "cmp"), CMP_MADE_PAGES=os.path.join(root, "pages"))
        return any(outcome for _, outcome in check(root))


def run(checks):
    cases = []
    for name, check in sorted(checks.items()):
        good_only = {"man/cmp-compose.1": GOOD["man/x.1"]} if name == "man" else {}
        cases.append((name + " accepts a good tree", ["it complains"] if finds_problem(check, good_only) else []))
        for what, (path, text) in BAD[name].items():
            found = finds_problem(check, {**good_only, path: text})
            cases.append(("%s notices %s" % (name, what), [] if found else ["it does not"]))
    return cases
