"""What a scenario works with: a project directory, a cmp of its own, and words for what it expects."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import textwrap
import time

from terminal import Terminal


class Failure(Exception):
    """The scenario's expectation does not hold."""


class Skip(Exception):
    """The scenario cannot run here; says why."""


class Done:
    """A command that has ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def text(self):
        return self.out + self.err


def expect(truth, why):
    if not truth:
        raise Failure(why)


def expect_equal(got, wanted, what):
    if got != wanted:
        raise Failure("%s: %r, not %r" % (what, got, wanted))


def expect_in(fragment, text, what="the output"):
    if fragment not in text:
        raise Failure("%s lacks %r: %r" % (what, fragment, text[-1500:]))


def eventually(condition, what, seconds=5.0):
    """Waits until the condition holds (a true value or no Failure) and gives its value back."""
    deadline = time.monotonic() + seconds
    while True:
        reason = ""
        try:
            value = condition()
            if value:
                return value
        except (Failure, OSError, ValueError, KeyError) as error:
            reason = ": %s" % error
        if time.monotonic() > deadline:
            raise Failure("not within %g s: %s%s" % (seconds, what, reason))
        time.sleep(0.01)


class World:
    def __init__(self, binary, name):
        self.binary = binary
        self.top = tempfile.mkdtemp(prefix="cmps-", dir="/var/tmp")
        os.chmod(self.top, 0o755)
        self.run_dir, self.state_dir = self.top + "/run", self.top + "/state"
        # The directory's name is the project's.
        self.name = name.replace("_", "")[:20]
        self.dir = "%s/%s" % (self.top, self.name)
        os.makedirs(self.dir)
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                    "LANG": "C.UTF-8", "CMP_RUN_DIR": self.run_dir, "CMP_STATE_DIR": self.state_dir}
        self.background = []
        self.told = []

    # Files

    def write(self, path, text, mode=None):
        target = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        if mode is not None:
            os.chmod(target, mode)
        return target

    def compose(self, text, path="compose.yaml"):
        return self.write(path, text)

    # Commands

    def _environment(self, env, cwd):
        merged = {**self.env, "PWD": cwd, **(env or {})}
        return {key: value for key, value in merged.items() if value is not None}

    def cmp(self, *arguments, code=0, stdin=None, env=None, cwd=None, timeout=60, wrapper=()):
        """Runs cmp to its end; `code` is what it must exit with (None: whatever)."""
        cwd = cwd or self.dir
        command = list(wrapper) + [self.binary] + list(arguments)
        try:
            done = subprocess.run(command, cwd=cwd, env=self._environment(env, cwd), timeout=timeout, text=True,
                                  capture_output=True, errors="replace", check=False,
                                  **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}))
        except subprocess.TimeoutExpired as expired:
            self.told.append("cmp %s: no end\n%s%s" % (" ".join(arguments), expired.stdout, expired.stderr))
            raise Failure("cmp %s did not end within %g s" % (" ".join(arguments), timeout)) from None
        result = Done(arguments, done.returncode, done.stdout, done.stderr)
        self.told.append("cmp %s: exit %d\n%s" % (" ".join(arguments), result.code, result.text))
        if code is not None and result.code != code:
            raise Failure("cmp %s: exit %d, not %d: %s" % (" ".join(arguments), result.code, code, result.text[-1500:]))
        return result

    def start(self, *arguments, env=None, cwd=None, **options):
        """Starts cmp in the background, output in pipes; it is ended with the scenario."""
        cwd = cwd or self.dir
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([self.binary] + list(arguments), cwd=cwd, env=self._environment(env, cwd),
                                   start_new_session=True, **options)
        self.background.append(process)
        return process

    def terminal(self, *arguments, rows=24, columns=80, env=None):
        """Starts cmp on a terminal of its own."""
        terminal = Terminal([self.binary] + list(arguments), self.dir,
                            self._environment({"TERM": "xterm-256color", **(env or {})}, self.dir), rows, columns)
        self.background.append(terminal)
        return terminal

    # What runs

    def record(self, service, number=1):
        path = "%s/%s/containers/%s-%s-%d.json" % (self.run_dir, self.name, self.name, service, number)
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def pid(self, service, number=1):
        pid = self.record(service, number).get("process", {}).get("pid", 0)
        expect(pid > 0 and os.path.exists("/proc/%d" % pid), "service '%s' has no process" % service)
        return pid

    def pids(self, *services):
        return {service: self.pid(service) for service in services}

    def role(self, role):
        """Pid of the guardian or the supervisor."""
        with open("%s/%s/%s.json" % (self.run_dir, self.name, role), encoding="utf-8") as file:
            pid = json.load(file)["process"]["pid"]
        expect(os.path.exists("/proc/%d" % pid), "no %s" % role)
        return pid

    def ps(self, *arguments):
        """Service → what `ps --format json` says, stopped ones too."""
        lines = self.cmp("ps", "-a", "--format", "json", *arguments).out.splitlines()
        return {entry["Service"]: entry for entry in map(json.loads, lines)}

    def project_left(self):
        """Paths that still belong to the project under run and state directory, volumes aside."""
        places = ("%s/%s" % (self.run_dir, self.name), "%s/projects/%s" % (self.state_dir, self.name))
        return [place for place in places if os.path.exists(place)]

    def cgroup_file(self, service, v1, v2):
        """Content of a limit file of the service's group: v1 is (controller, file), v2 a file."""
        with open("/proc/%d/cgroup" % self.pid(service), encoding="utf-8") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                top = "/sys/fs/cgroup" + ("/" + controllers if controllers else "")
                wanted = v1[1] if v1[0] in controllers.split(",") else v2 if not controllers else None
                for place in (top, "/sys/fs/cgroup/unified") if wanted else ():
                    if os.path.exists(place + path + "/" + wanted):
                        with open(place + path + "/" + wanted, encoding="utf-8") as limit:
                            return limit.read().strip()
        raise Failure("no file for %s or %s" % (v1, v2))

    # The end

    def down(self, *arguments):
        return self.cmp("down", "-t", "2", *arguments)

    def end_background(self):
        for process in self.background:
            if process.poll() is None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
        self.background = []

    def story(self):
        """The commands so far and what they said, for a failure's report."""
        return "".join("$ %s\n" % entry for entry in self.told[-6:])

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)
