"""Layers out of Debian packages: apt resolves them as for an empty system, their files are merged into one tar archive.

No maintainer script runs and nothing is installed, so it needs no root and the same packages give the same bytes.
"""
import io
import os
import re
import subprocess
import tarfile

TIME = 1700000000
BASE = ["?essential"]
# Of no use in a container.
LEFT_OUT = re.compile(r"usr/share/(man|locale|info|lintian|bug|doc|doc-base|bash-completion|zsh|perl|postgresql-common)(/|$)"
                      r"|usr/lib/systemd(/|$)|etc/(init\.d|cron\..*|logrotate\.d|systemd)(/|$)|.*/bitcode(/|$)"
                      r"|.*/llvmjit.*")
# A server's dependencies that it works without, and large.
PACKAGES_LEFT_OUT = re.compile(r"(libllvm|libz3|libperl|perl|libclang)")
MERGED = re.compile(r"(bin|sbin|lib|lib32|lib64|libx32)(/|$)")


class NoPackages(Exception):
    """apt cannot tell or fetch what is needed."""


def apt(cache, *arguments, cwd=None):
    """apt-get on a system that has nothing yet."""
    nothing = cache + "/status"
    os.makedirs(cache, exist_ok=True)
    with open(nothing, "w", encoding="ascii"):
        pass
    done = subprocess.run(["apt-get", "-qq", "-y", "-o", "Dir::State::status=" + nothing, "-o", "Debug::NoLocking=1",
                           "-o", "APT::Install-Recommends=0", "-o", "APT::Sandbox::User=root",
                           "-o", "Dir::Cache::archives=" + cache + "/none", *arguments],
                          capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode:
        raise NoPackages("apt-get %s: %s" % (" ".join(arguments)[:100], done.stderr.strip()[-300:]))
    return done.stdout


def files_of(cache, packages):
    """Package files of these and all they depend on; fetched into the cache if they are not there."""
    os.makedirs(cache + "/none/partial", exist_ok=True)
    lines = apt(cache, "install", "--print-uris", *packages).splitlines()
    names = [line.split()[1] for line in lines if line.startswith("'")]
    names = [name for name in names if not PACKAGES_LEFT_OUT.match(name)]
    missing = [name.split("_")[0] for name in names if not os.path.exists(cache + "/" + name)]
    if missing:
        apt(cache, "download", *missing, cwd=cache)
    return sorted(names)


def merged(name):
    """The name in a system whose /bin, /lib … are links into /usr."""
    name = re.sub(r"^\./", "", name).rstrip("/")
    return "usr/" + name if MERGED.match(name) else name


class Layer:
    """Members of a tar archive by name: the last one of a name wins."""

    def __init__(self):
        self.members = {}

    def add(self, name, kind, data=None, **more):
        member = tarfile.TarInfo(name)
        member.type, member.mtime, member.mode = kind, TIME, 0o755
        member.size = len(data or b"")
        for key, value in more.items():
            setattr(member, key, value)
        self.members[name] = (member, data)

    def directory(self, name, **more):
        self.add(name, tarfile.DIRTYPE, **more)

    def file(self, name, text, **more):
        self.add(name, tarfile.REGTYPE, text.encode() if isinstance(text, str) else text, **more)

    def link(self, name, target):
        self.add(name, tarfile.SYMTYPE, linkname=target, mode=0o777)

    def package(self, path):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as program:
            with tarfile.open(fileobj=program.stdout, mode="r|") as archive:
                for member in archive:
                    self.take(archive, member)

    def take(self, archive, member):
        name = merged(member.name)
        if name in ("", ".", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64") or LEFT_OUT.match(name):
            return
        member.name, member.uname, member.gname, member.pax_headers = name, "", "", {}
        member.mtime = min(int(member.mtime), TIME)
        if member.islnk():
            member.linkname = merged(member.linkname)
        if not (member.isdir() and name in self.members):
            self.members[name] = (member, archive.extractfile(member).read() if member.isreg() else None)

    def tree(self, top):
        """What is below a directory of the host; who may run it stays."""
        for directory, folders, files in os.walk(top):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    self.file(os.path.relpath(path, top), file.read(), mode=os.stat(path).st_mode & 0o755)

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for member, data in self.members.values():
                archive.addfile(member, io.BytesIO(data) if data else None)
        return out.getvalue()


def base_layer(cache):
    """Debian's essential packages. \\returns (layer, their package files)."""
    layer = Layer()
    for name in ("dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "usr", "var"):
        layer.directory(name)
    layer.directory("tmp", mode=0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        layer.directory("usr/" + name)
        layer.link(name, "usr/" + name)
    files = files_of(cache, BASE)
    for name in files:
        layer.package(cache + "/" + name)
    layer.link("usr/bin/awk", "mawk")
    layer.link("var/run", "/run")
    for name in ("passwd", "group"):
        layer.file("etc/" + name, layer.members["usr/share/base-passwd/%s.master" % name][1].replace(b":*:", b":x:"),
                   mode=0o644)
    return layer, files
