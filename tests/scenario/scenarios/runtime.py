"""cmp as an OCI runtime: the life of a container from a bundle, and what its commands say."""
import copy
import json
import os
import subprocess

import sandbox
from bundle import Bundle
from world import eventually, expect, expect_equal, expect_in


def a_container_is_created_started_killed_and_deleted(world):
    bundle = Bundle(world, "life", "echo ran; exec sleep 1000")
    bundle.create("--pid-file", bundle.dir + "/pid")
    state = bundle.state()
    expect_equal((state["ociVersion"], state["id"], state["status"], state["bundle"]),
                 ("1.0.2", "life", "created", bundle.dir), "the state")
    expect_equal(int(open(bundle.dir + "/pid", encoding="utf-8").read()), state["pid"], "the pid file")
    expect_equal(bundle.log(), "", "what has run before the start")
    bundle.oci("start", "life")
    eventually(lambda: bundle.log() == "ran\n", "the program has run")
    expect_equal(bundle.state()["status"], "running", "the status")
    expect_in("is running", bundle.oci("start", "life", code=1).err)
    expect_in("is running", bundle.oci("delete", "life", code=1).err)
    expect_in("exists already", bundle.create(code=1))
    expect_equal(bundle.state()["status"], "running", "the status after what was refused")
    bundle.oci("kill", "life", "KILL")
    bundle.is_now("stopped")
    expect_in("is stopped", bundle.oci("kill", "life", "KILL", code=1).err)
    bundle.oci("delete", "life")
    for command in ("state", "start", "kill", "delete"):
        expect_in("container 'life' does not exist", bundle.oci(command, "life", code=1).err)
    bundle.oci("delete", "--force", "life")


def what_cannot_be_made_leaves_nothing(world):
    def removing(*path):
        def change(config):
            for key in path[:-1]:
                config = config[key]
            del config[path[-1]]
        return change

    def setting(value, *path):
        def change(config):
            for key in path[:-1]:
                config = config[key]
            config[path[-1]] = value
        return change

    for change, why in (
            (removing("ociVersion"), "ociVersion: is required"),
            (setting("none", "root", "path"), "root.path: "),
            (setting(["absent"], "process", "args"), "exec 'absent': not found in the container's PATH"),
            (setting([{"destination": "/x", "type": "bind", "source": "/nowhere", "options": ["bind"]}], "mounts"),
             "mount '/nowhere' on '/x'"),
            (setting({"vm.swappiness": "1"}, "linux", "sysctl"), "linux.sysctl"),
            (setting([{"path": "/nowhere", "type": "pid"}, {"type": "mount"}], "linux", "namespaces"), "/nowhere"),
            (setting({"prestart": [{"path": "/bin/false"}]}, "hooks"), "prestart hook '/bin/false': exit status 1"),
            (setting({"createContainer": [{"path": "/bin/sleep", "args": ["sleep", "30"], "timeout": 1}]}, "hooks"),
             "took longer than 1 s"),
            (setting(True, "process", "terminal"), "--console-socket is needed"),
    ):
        bundle = Bundle(world, "bad", change=change)
        expect_in(why, bundle.create(code=1))
        expect(not os.path.exists(world.top + "/oci/bad"), "the container's directory is left: " + why)
        expect_equal(sandbox.cgroups(world), [], "cgroups left: " + why)
    for name in ("..", "a/b", "", "a b"):
        bundle = Bundle(world, "bad")
        bundle.name = name
        expect_in("invalid container id", bundle.create(code=1))


def exit_codes_and_signals_are_those_of_the_process(world):
    bundle = Bundle(world, "code", "exit 7")
    expect_equal(bundle.run(code=7), "", "the output")
    bundle = Bundle(world, "code", "kill -9 $$; sleep 1")
    bundle.config["linux"]["namespaces"].remove({"type": "pid"})
    bundle.write()
    bundle.run(code=137)


def hooks_run_in_order_with_the_state(world):
    bundle = Bundle(world, "hooks", "echo process >>/tmp/order")
    order = bundle.path("/tmp/order")
    body = "#!/bin/sh\nread -r state; echo \"$1 $(echo \"$state\" | grep -o '\"status\":\"[a-z]*\"')\" >>%s\n"
    for where, path, target in ((bundle.dir + "/hook", bundle.dir + "/hook", order),
                                (bundle.path("/hook"), "/hook", "/tmp/order")):
        with open(where, "w", encoding="utf-8") as file:
            file.write(body % target)
        os.chmod(where, 0o755)
    outside = ("prestart", "createRuntime", "createContainer", "poststart", "poststop")
    env = ["PATH=/bin:/usr/bin"]
    bundle.config["hooks"] = {kind: [{"path": bundle.dir + "/hook", "args": ["hook", kind], "env": env}]
                              for kind in outside}
    bundle.config["hooks"]["startContainer"] = [{"path": "/hook", "args": ["hook", "startContainer"], "env": env}]
    # createContainer is in the container's mount namespace before the pivot: the host's files are still there.
    bundle.write()
    bundle.run()
    lines = [line.split() for line in open(order, encoding="utf-8")]
    without_process = [line for line in lines if line != ["process"]]
    expect_equal([line[0] for line in without_process],
                 ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"], "the order")
    expect_equal([line[1] for line in without_process],
                 ['"status":"%s"' % word for word in ("created", "created", "created", "created", "running",
                                                      "stopped")], "the states")


def further_processes_are_in_the_same_box(world):
    bundle = Bundle(world, "exec")
    bundle.create()
    bundle.oci("start", "exec")
    shown = "for kind in pid net mnt; do readlink /proc/self/ns/$kind; done; cat /proc/self/cgroup"
    bundle.oci("exec", "exec", "sh", "-c", "(" + shown + ") >/tmp/its")
    pid = bundle.state()["pid"]
    its = open(bundle.path("/tmp/its"), encoding="utf-8").read().splitlines()
    expect_equal(its[:3], [os.readlink("/proc/%d/ns/%s" % (pid, kind)) for kind in ("pid", "net", "mnt")], "namespaces")
    expect(all(line.endswith(":/") for line in its[3:]), "its cgroups: %s" % its[3:])
    expect_equal(bundle.oci("exec", "-e", "A=b", "--cwd", "/tmp", "-u", "3:4", "exec", "sh", "-c",
                            "echo $A $(pwd) $(id -u) $(id -g)").out, "b /tmp 3 4\n", "with options")
    for options, reason in ((("-u", "4294967295"), "is nobody's id"), (("-u", "3:4294967295"), "is nobody's id"),
                            (("-u", "-1"), "is no numeric id"), (("-u", "4294967296"), "is no numeric id"),
                            (("-e", "NOEQ"), "is not NAME=VALUE")):
        expect_in(reason, bundle.oci("exec", *options, "exec", "id", code=255).err)
    bundle.oci("exec", "exec", "sh", "-c", "exit 9", code=9)
    expect_in("not found", bundle.oci("exec", "exec", "absent", code=255).err)
    process = dict(bundle.config["process"], args=["sleep", "999"])
    path = world.write("process.json", json.dumps(process))
    bundle.leave_behind("exec", "-d", "--pid-file", bundle.dir + "/pid2", "--process", path)
    second = int(open(bundle.dir + "/pid2", encoding="utf-8").read())
    expect_equal(sorted(json.loads(bundle.oci("ps", "--format", "json", "exec").out)), sorted([pid, second]), "ps")
    bundle.oci("kill", "exec", "9")
    bundle.is_now("stopped")
    expect_in("is stopped", bundle.oci("exec", "exec", "true", code=255).err)
    bundle.oci("delete", "exec")


def a_container_is_paused_limited_and_listed(world):
    bundle = Bundle(world, "tuned")
    bundle.config["linux"]["resources"]["pids"] = {"limit": 50}
    bundle.write()
    bundle.create()
    bundle.oci("start", "tuned")
    bundle.oci("pause", "tuned")
    expect_equal(bundle.state()["status"], "paused", "the status")
    expect_in("is paused", bundle.oci("pause", "tuned", code=1).err)
    expect_in("paused container", bundle.oci("exec", "tuned", "true", code=255).err)
    bundle.oci("resume", "tuned")
    expect_equal(bundle.state()["status"], "running", "the status")
    group = [path for path in sandbox.cgroups(world) if path.endswith("/tuned") and os.path.exists(path + "/pids.max")]
    expect_equal(open(group[0] + "/pids.max", encoding="utf-8").read(), "50\n", "the limit")
    bundle.oci("update", "--pids-limit", "60", "tuned")
    expect_equal(open(group[0] + "/pids.max", encoding="utf-8").read(), "60\n", "the limit afterwards")
    bundle.oci("update", "-r", "-", "tuned", stdin='{"pids":{"limit":-1}}')
    expect_equal(open(group[0] + "/pids.max", encoding="utf-8").read(), "max\n", "without a limit")
    expect_equal(bundle.oci("list", "-q").out, "tuned\n", "list -q")
    expect_equal(json.loads(bundle.oci("list", "--format", "json").out)[0]["status"], "running", "list as JSON")
    bundle.oci("pause", "tuned")
    bundle.oci("delete", "--force", "tuned")
    expect_equal(bundle.oci("list", "-q").out, "", "list -q")


def a_second_name_a_default_config_and_features(world):
    os.symlink(world.binary, world.top + "/cmp-oci")
    os.makedirs(world.top + "/new")

    def runtime(*arguments, code=0):
        done = subprocess.run([world.top + "/cmp-oci", *arguments], capture_output=True, text=True, env=world.env,
                              timeout=10, check=False)
        expect_equal(done.returncode, code, "the exit code of " + " ".join(arguments))
        return done.stdout

    runtime("spec", "--bundle", world.top + "/new")
    runtime("spec", "--bundle", world.top + "/new", code=1)
    config = json.load(open(world.top + "/new/config.json", encoding="utf-8"))
    bundle = Bundle(world, "default", change=lambda old: old.update(copy.deepcopy(config)))
    bundle.config["process"].update({"terminal": False, "args": ["echo", "hello"]})
    bundle.config["process"]["env"] = ["PATH=/bin"]
    bundle.config["linux"]["cgroupsPath"] = "/%s/default" % sandbox.cgroup_name(world)
    bundle.write()
    expect_equal(bundle.run(), "hello\n", "the default config")
    features = json.loads(runtime("features"))
    expect("rro" in features["mountOptions"] and "time" in features["linux"]["namespaces"], "features")
    log = world.top + "/log.json"
    runtime("--root", world.top + "/oci", "--log", log, "--log-format", "json", "state", "absent", code=1)
    line = json.loads(open(log, encoding="utf-8").read())
    expect_equal((line["level"], line["msg"]), ("error", "container 'absent' does not exist"), "the log")


def options_of_other_runtimes_have_their_meaning_or_are_refused(world):
    bundle = Bundle(world, "words", "echo ran")
    bundle.config["linux"]["resources"]["memory"] = {"kernel": 1 << 30}
    bundle.write()
    log = world.top + "/log.json"

    def logged(*options):
        open(log, "w", encoding="utf-8").close()
        done = bundle.oci("--log", log, "--log-format=json", *options, "run", "--no-subreaper", "--bundle", bundle.dir,
                          "words")
        expect_in("ran\n", done.out)
        return [(line["level"], line["msg"]) for line in map(json.loads, open(log, encoding="utf-8"))]

    at_first = logged("--rootless", "auto")
    expect(len(at_first) == 1 and at_first[0][0] == "warning" and "kernel" in at_first[0][1].replace("kmem", "kernel"),
           "kernel memory: %s" % at_first)
    expect_equal(logged("--log-level", "error", "--rootless=false"), [], "errors only")
    for words in (("--debug",), ("--log-level", "debug")):
        expect_equal([level for level, _ in logged(*words)], ["debug", "warning"], " ".join(words))
    for words, reason in ((("--log-level", "loud"), "--log-level: 'loud' is none of"),
                          (("--log-format", "xml"), "is neither text nor json"),
                          (("--rootless", "true"), "unprivileged users are not supported"),
                          (("--rootless=perhaps",), "is none of true, false and auto"),
                          (("--cgroup-manager", "disabled"), "is neither cgroupfs nor systemd")):
        expect_in(reason, bundle.oci(*words, "state", "words", code=1).err)
    usage = bundle.oci("--help").out
    expect("--no-subreaper" in usage and "--rootless" in usage and "--pids-limit" in usage, "the help: " + usage)


def what_is_in_a_container_is_never_cmps_own_file(world):
    """CVE-2019-5736: /proc/PID/exe of what is about to execute in there, as whoever is inside sees it."""
    bundle = Bundle(world, "sealed")
    bundle.create()
    program = "/proc/%d/exe" % bundle.state()["pid"]
    expect(os.readlink(program).startswith("/memfd:"), "create runs from " + os.readlink(program))
    expect(os.stat(program).st_ino != os.stat(world.binary).st_ino, "create runs from cmp's own file")
    bundle.oci("start", "sealed")
    entering = world.start("oci", "--root=%s/oci" % world.top, "exec", "sealed", "sh", "-c", "echo in; sleep 100")
    expect_equal(entering.stdout.readline(), b"in\n", "what exec runs")
    expect(os.readlink("/proc/%d/exe" % entering.pid).startswith("/memfd:"), "exec runs from cmp's own file")
    bundle.oci("delete", "--force", "sealed")


def what_the_kernel_has_counted_is_told(world):
    bundle = Bundle(world, "counted")
    bundle.config["linux"]["resources"]["pids"] = {"limit": 30}
    config = bundle.dir + "/other.json"
    os.rename(bundle.dir + "/config.json", config)
    with open(config, "w", encoding="utf-8") as file:
        json.dump(bundle.config, file)
    bundle.create("--config", config)
    bundle.oci("start", "counted")
    event = json.loads(bundle.oci("events", "--stats", "counted").out)
    expect_equal((event["type"], event["id"]), ("stats", "counted"), "the event")
    data = event["data"]
    expect(data["memory"]["usage"]["usage"] > 0, "memory: %s" % data["memory"]["usage"])
    expect_equal((data["pids"]["current"], data["pids"]["limit"]), (1, 30), "processes")
    follower = world.start("oci", "--root=%s/oci" % world.top, "events", "--interval", "100ms", "counted")
    expect_equal(json.loads(follower.stdout.readline())["type"], "stats", "the first event")
    bundle.oci("kill", "counted", "KILL")
    follower.communicate(timeout=10)
    expect_equal(follower.returncode, 0, "the end of the events")
    bundle.is_now("stopped")
    expect_in("it is stopped", bundle.oci("events", "counted", code=1).err)
    expect_in("(container not running)", bundle.oci("kill", "counted", code=1).err)
    expect_in("is no duration", bundle.oci("events", "--interval", "5", "counted", code=1).err)
    bundle.oci("delete", "counted")


def a_further_process_in_a_group_below(world):
    bundle = Bundle(world, "below")
    bundle.create()
    bundle.oci("start", "below")
    expect_in("is not a sub cgroup path", bundle.oci("exec", "--cgroup", "..", "below", "true", code=255).err)
    expect_in("unknown controller nosuch", bundle.oci("exec", "--cgroup", "nosuch:/", "below", "true", code=255).err)
    expect(bundle.oci("exec", "--cgroup", "absent", "below", "true", code=255).err != "", "a group that is not there")
    plain = bundle.oci("exec", "--cgroup", "/", "below", "cat", "/proc/self/cgroup").out
    expect_equal({line.split(":", 2)[2] for line in plain.splitlines()}, {"/"}, "the container's own")
    expect_equal(bundle.oci("exec", "-e", "PATH=/bin:/x", "below", "sh", "-c", "echo $PATH").out, "/bin:/x\n", "PATH")
    bundle.oci("delete", "--force", "below")


def what_was_never_started_hears_signals_and_is_deleted_at_once(world):
    bundle = Bundle(world, "early")
    bundle.create()
    bundle.oci("kill", "early", "0")
    bundle.oci("kill", "early", "TERM")
    bundle.is_now("stopped")
    expect_in("is stopped", bundle.oci("kill", "early", "0", code=1).err)
    bundle.oci("delete", "early")
    bundle.create()
    bundle.oci("delete", "early")
    expect_equal(bundle.oci("list", "-q").out, "", "list -q")


def a_group_that_is_taken_or_frozen_is_refused(world):
    bundle = Bundle(world, "first")
    bundle.create()
    bundle.oci("start", "first")
    second = Bundle(world, "second")
    second.config["linux"]["cgroupsPath"] = bundle.config["linux"]["cgroupsPath"]
    second.write()
    expect_in("the container's cgroup is not empty", second.create(code=1))
    bundle.oci("pause", "first")
    expect_in("cannot exec in a paused container", bundle.oci("exec", "first", "true", code=255).err)
    bundle.oci("delete", "--force", "first")
    groups = [path for path in ("/sys/fs/cgroup/freezer", "/sys/fs/cgroup") if
              any(os.path.exists(path + "/" + name) for name in ("cgroup.procs", "cgroup.controllers"))]
    group = groups[0] + second.config["linux"]["cgroupsPath"]
    os.makedirs(group)
    frozen, word = ("freezer.state", "FROZEN") if "freezer" in group else ("cgroup.freeze", "1")
    with open("%s/%s" % (group, frozen), "w", encoding="ascii") as file:
        file.write(word)
    try:
        expect_in("the container's cgroup unexpectedly frozen", second.create(code=1))
    finally:
        os.rmdir(group)
        os.rmdir(os.path.dirname(group))


def a_terminal_in_a_pipe_gives_plain_lines(world):
    bundle = Bundle(world, "plain", "tty; echo one")
    bundle.config["process"]["terminal"] = True
    bundle.write()
    expect_equal(bundle.run(), "/dev/pts/0\none\n", "the output of a terminal into a pipe")


def processes_left_of_a_shared_namespace_are_killed(world):
    bundle = Bundle(world, "shared", "sleep 999 & exec sleep 998")
    bundle.config["linux"]["namespaces"] = [one for one in bundle.config["linux"]["namespaces"] if one["type"] != "pid"]
    bundle.write()
    bundle.create()
    bundle.oci("start", "shared")
    first = bundle.state()["pid"]
    eventually(lambda: len(json.loads(bundle.oci("ps", "--format", "json", "shared").out)) == 2, "both run")
    expect(bundle.oci("ps", "shared").out.split()[:8] == "UID PID PPID C STIME TTY TIME CMD".split(), "headings of ps")
    os.kill(first, 9)
    bundle.is_now("stopped")
    bundle.oci("kill", "shared", "KILL")
    eventually(lambda: json.loads(bundle.oci("ps", "--format", "json", "shared").out) == [], "nobody is left")
    expect_in("container not running", bundle.oci("kill", "shared", "KILL", code=1).err)
    bundle.oci("delete", "shared")


SCENARIOS = (
    a_container_is_created_started_killed_and_deleted,
    what_cannot_be_made_leaves_nothing,
    exit_codes_and_signals_are_those_of_the_process,
    hooks_run_in_order_with_the_state,
    further_processes_are_in_the_same_box,
    a_container_is_paused_limited_and_listed,
    a_second_name_a_default_config_and_features,
    options_of_other_runtimes_have_their_meaning_or_are_refused,
    what_is_in_a_container_is_never_cmps_own_file,
    what_the_kernel_has_counted_is_told,
    a_further_process_in_a_group_below,
    what_was_never_started_hears_signals_and_is_deleted_at_once,
    a_group_that_is_taken_or_frozen_is_refused,
    a_terminal_in_a_pipe_gives_plain_lines,
    processes_left_of_a_shared_namespace_are_killed,
)
