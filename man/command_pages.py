#!/usr/bin/python3
"""command_pages.py BINARY DATE DIR: a manual page cmp-compose-COMMAND.1 for each command, out of what --help says.

So page and product cannot differ. Headings of a help text are its lines that begin at the margin and end with a colon; an
option begins with two blanks and a dash, an argument with two blanks and capitals; what it means stands behind two blanks
or more, or on further lines.
"""
import os
import re
import subprocess
import sys

OPTION = re.compile(r"^ {2}(-\S+|[A-Z][A-Z=]+)((?: [^ ]+)*?)(?: {2,}(.*))?$")


def help_of(binary, *words):
    done = subprocess.run([binary, *words, "--help"], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    return done.stdout


def command_names(overview):
    """The indented words under the heading with 'ommands'."""
    names, inside = [], False
    for line in overview.splitlines():
        if line and not line[0].isspace():
            inside = "ommands" in line
        elif inside and (match := re.match(r"\s+([a-z][a-z-]*)(\s|$)", line)):
            names.append(match.group(1))
    return names


def escaped(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text.startswith((".", "'")) else text


def argument(word):
    return '"%s"' % escaped(word).replace('"', r"\(dq")


def option_item(names, value):
    """`.It Fl f , Fl \\-file Ar FILE`"""
    if not names.startswith("-"):
        return ".It Ar " + names
    flags = " , ".join("Fl %s" % escaped(name[1:].split("{")[0]) for name in names.split(","))
    return ".It %s%s" % (flags, " Ar " + " ".join(map(escaped, value.split())) if value else "")


def options_section(lines):
    out, wanted_blank = [".Bl -tag -width Ds"], False
    for line in lines:
        match = OPTION.match(line)
        if match:
            out.append(option_item(match.group(1), match.group(2).strip()))
            wanted_blank = False
        text = match.group(3) if match else line.strip()
        if text:
            out.append(escaped(text))
            wanted_blank = True
    return out + [".El"] if wanted_blank or len(out) > 1 else []


def literal_section(lines):
    return [".Bd -literal -offset indent"] + [escaped(line.strip()) for line in lines] + [".Ed"]


def sections_of(text):
    """The paragraph before the first heading, and (heading, lines) of each."""
    preface, sections = [], []
    for line in text.splitlines():
        if re.match(r"^[A-Z][^:]*:$", line):
            sections.append((line[:-1], []))
        elif line.strip():
            (sections[-1][1] if sections else preface).append(line)
    return preface, sections


def page_of(name, date, text):
    preface, sections = sections_of(text)
    usage = next((line for line in preface if line.startswith("Usage: ")), "Usage: cmp " + name)
    purpose = [line for line in preface if not line.startswith("Usage: ")] or [name]
    out = [r'.\" Made from the help text by man/command_pages.py.', ".Dd " + date,
           ".Dt CMP-COMPOSE-%s 1" % name.upper(), ".Os", ".Sh NAME", ".Nm cmp-compose-" + name,
           ".Nd " + escaped(purpose[0].rstrip(".")), ".Sh SYNOPSIS", ".Li " + argument(usage[len("Usage: "):]),
           ".Sh DESCRIPTION"]
    out += [escaped(line.strip()) for line in purpose]
    for heading, lines in sections:
        options = any(OPTION.match(line) for line in lines)
        body = options_section(lines) if options else literal_section(lines)
        out += [".Sh " + escaped(heading.upper())] + body if body else []
    return "\n".join(out + [".Sh SEE ALSO", ".Xr cmp-compose 1 ,", ".Xr cmp-compose 5", ""])


def main(binary, date, directory):
    os.makedirs(directory, exist_ok=True)
    for name in command_names(help_of(binary)):
        path = os.path.join(directory, "cmp-compose-%s.1" % name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(page_of(name, date, help_of(binary, name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
