"""What is measured: each tool with the commands that bring a compose file up and down.

prepare() makes it ready, or says why it can't be measured; up, down, ps and config are (arguments, environment).
"""
import io
import os
import shutil
import subprocess
import tarfile

from measure import Failed

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
IMAGE = "cmp-bench-busybox"
PROJECT = "cmpbench"


def quiet(*arguments, **options):
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def busybox_tar():
    """A root file system of one static program, or None."""
    program = shutil.which("busybox")
    if not program or b"statically linked" not in quiet("file", "-L", program).stdout:
        return None
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(os.path.realpath(program), arcname="bin/busybox")
        for name in ("sh", "sleep", "true"):
            link = tarfile.TarInfo("bin/" + name)
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return out.getvalue()


class Tool:
    understands_files = True
    service_lines = ()

    def clean_up(self):
        pass

    def version(self):
        return self.path

    def is_resident(self, command_line):
        return False


class Cmp(Tool):
    name = "cmp"
    service_lines = ("x-rootfs: host",)

    def __init__(self, directory):
        self.path = os.environ.get("CMP", os.path.join(TREE, "build/release/cmp"))
        self.environment = {"CMP_RUN_DIR": os.path.join(directory, "run"),
                            "CMP_STATE_DIR": os.path.join(directory, "state")}

    def prepare(self):
        return None if os.access(self.path, os.X_OK) else "no '%s' ($CMP names another)" % self.path

    def command(self, path, *words):
        return [self.path, "-p", PROJECT, "-f", path, *words], self.environment

    def up(self, path):
        return self.command(path, "up", "-d")

    def down(self, path):
        return self.command(path, "down")

    def ps(self, path):
        return self.command(path, "ps")

    def config(self, path):
        return self.command(path, "config", "-q")

    def exec_true(self, path):
        return self.command(path, "exec", "-T", "s0", "true")

    def is_resident(self, command_line):
        return command_line in ("cmp:[guardian %s]" % PROJECT, "cmp:[supervisor %s]" % PROJECT)


class OpenBox(Cmp):
    """cmp without the system call filter and without masked and read-only paths: what those cost is the difference."""
    name = "cmp, open box"
    service_lines = Cmp.service_lines + ("security_opt: [seccomp=unconfined, systempaths=unconfined]",)


class Floor(Tool):
    name = "floor"
    understands_files = False

    def __init__(self, cmp):
        beside = os.path.join(os.path.dirname(cmp.path), "tests/bench/bench_floor")
        self.path = os.environ.get("FLOOR", beside)

    def prepare(self):
        return None if os.access(self.path, os.X_OK) else "no '%s' ($FLOOR names another)" % self.path

    def measure(self, count):
        done = quiet(self.path, str(count))
        words = done.stdout.decode(errors="replace").split()
        if done.returncode != 0 or words[0::2] != ["up_ms", "down_ms"]:
            raise Failed(" ".join(words))
        return float(words[1]), float(words[3])


class Foreign(Tool):
    """A tool with an image store: `engine` imports the image, `words` are the compose command."""
    service_lines = ("image: " + IMAGE,)

    def __init__(self, name, engine, candidates, residents):
        self.name, self.engine, self.candidates, self.residents = name, engine, candidates, residents
        self.words = None

    def prepare(self):
        if not shutil.which(self.engine) or quiet(self.engine, "info").returncode != 0:
            return "no working '%s'" % self.engine
        self.words = next((words for words in self.candidates
                           if shutil.which(words[0]) and quiet(*words, "version").returncode == 0), None)
        if self.words is None:
            return "no '%s'" % " ".join(self.candidates[0])
        image = busybox_tar()
        if image is None:
            return "no static busybox to make an image of"
        done = quiet(self.engine, "import", "-", IMAGE, input=image)
        return None if done.returncode == 0 else done.stdout.decode(errors="replace").strip()

    def version(self):
        return quiet(*self.words, "version").stdout.decode(errors="replace").splitlines()[0]

    def command(self, path, *words):
        return [*self.words, "-p", PROJECT, "-f", path, *words], {}

    def up(self, path):
        return self.command(path, "up", "-d")

    def down(self, path):
        return self.command(path, "down")

    def ps(self, path):
        return self.command(path, "ps")

    def config(self, path):
        return self.command(path, "config", "-q")

    def exec_true(self, path):
        return self.command(path, "exec", "-T", "s0", "true")

    def is_resident(self, command_line):
        return os.path.basename(command_line.split(" ")[0]) in self.residents

    def clean_up(self):
        quiet(self.engine, "rmi", "-f", IMAGE)


def all_tools(directory):
    cmp = Cmp(directory)
    return [cmp, OpenBox(directory), Floor(cmp),
            Foreign("docker-compose", "docker", (("docker-compose",), ("docker", "compose")),
                    ("dockerd", "containerd", "containerd-shim", "containerd-shim-runc-v2", "docker-proxy")),
            Foreign("podman-compose", "podman", (("podman-compose",),), ("conmon",))]
