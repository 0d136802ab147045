"""A bundle for `cmp oci`: a root of a static busybox and a config.json, in a directory of the world's own."""
import json
import os
import shutil
import subprocess

import sandbox
from world import Skip, eventually, expect_equal

BUSYBOX = "/bin/busybox"
APPLETS = ("sh cat echo sleep id ls mkdir touch grep hostname true false env pwd tty readlink stat sort head test "
           "awk wc").split()
CAPABILITIES = ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"]


def config_of(world, name, script):
    namespaces = [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount", "cgroup")]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "args": ["sh", "-c", script], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0},
            "capabilities": {key: CAPABILITIES for key in ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs"},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
        ],
        "linux": {"namespaces": namespaces, "cgroupsPath": "/%s/%s" % (sandbox.cgroup_name(world), name),
                  "resources": {"devices": [{"allow": False, "access": "rwm"}]}},
    }


class Bundle:
    def __init__(self, world, name, script="sleep 1000", change=None):
        if not os.access(BUSYBOX, os.X_OK) or b"ld-linux" in open(BUSYBOX, "rb").read(4096):
            raise Skip("no static " + BUSYBOX)
        self.world, self.name, self.dir = world, name, "%s/%s" % (world.top, name)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir + "/rootfs/bin")
        for folder in ("dev", "proc", "sys", "etc", "tmp"):
            os.makedirs("%s/rootfs/%s" % (self.dir, folder))
        shutil.copy(BUSYBOX, self.dir + "/rootfs/bin/busybox")
        for applet in APPLETS:
            os.symlink("busybox", "%s/rootfs/bin/%s" % (self.dir, applet))
        self.config = config_of(world, name, script)
        if change is not None:
            change(self.config)
        self.write()

    def write(self):
        with open(self.dir + "/config.json", "w", encoding="utf-8") as file:
            json.dump(self.config, file)

    def oci(self, *arguments, code=0, **options):
        root = "--root=%s/oci" % self.world.top
        return self.world.cmp("oci", root, *arguments, code=code, **options)

    def leave_behind(self, *arguments, code=0):
        """A command whose process goes on: not captured, for whoever holds the pipe would have to be waited for."""
        with open(self.dir + "/log", "w", encoding="utf-8") as log:
            done = subprocess.run([self.world.binary, "oci", "--root=%s/oci" % self.world.top, *arguments, self.name],
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.world.env, timeout=30,
                                  check=False)
        expect_equal(done.returncode, code, "%s's exit code (%s)" % (arguments[0], self.log()))
        return self.log()

    def create(self, *options, code=0):
        return self.leave_behind("create", "--bundle", self.dir, *options, code=code)

    def log(self):
        return open(self.dir + "/log", encoding="utf-8").read()

    def run(self, code=0):
        return self.oci("run", "--bundle", self.dir, self.name, code=code).out

    def state(self):
        return json.loads(self.oci("state", self.name).out)

    def is_now(self, status):
        eventually(lambda: self.state()["status"] == status, "%s is %s" % (self.name, status))

    def path(self, inside):
        return self.dir + "/rootfs" + inside
