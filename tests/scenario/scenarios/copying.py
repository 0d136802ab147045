"""cp, export, stats, watch; ps by a template; docker-compose as a name."""
import io
import json
import os
import subprocess
import tarfile
import time

from world import eventually, expect, expect_equal, expect_in

TWO = """
    services:
      a: {x-rootfs: host, command: sleep 1000, volumes: ["data:/data"], scale: 2, labels: {team: red}}
    volumes: {data: {}}
    """


def inside(world, path, number=1):
    return "/proc/%d/root%s" % (world.pid("a", number), path)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def cp_follows_the_rules_of_docker(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    world.write("tree/one", "1\n", mode=0o640)
    world.write("tree/sub/two", "2\n")
    os.symlink("one", world.dir + "/tree/link")
    os.link(world.dir + "/tree/one", world.dir + "/tree/same")
    # Into every replica; a directory that is not there takes the copy's name, into one that is goes the tree itself.
    world.cmp("cp", "tree", "a:/opt/copy")
    world.cmp("cp", "tree", "a:/opt/copy")
    world.cmp("cp", "tree/.", "a:/opt/copy/flat/")
    for number in (1, 2):
        for path in ("/opt/copy/one", "/opt/copy/tree/sub/two", "/opt/copy/flat/sub/two"):
            expect(os.path.exists(inside(world, path, number)), "no %s in %d" % (path, number))
    expect_equal(os.readlink(inside(world, "/opt/copy/link")), "one", "the link")
    info = os.stat(inside(world, "/opt/copy/one"))
    expect_equal((info.st_mode & 0o777, info.st_uid, info.st_nlink), (0o640, 0, 2), "mode, owner, names")
    # One alone, and back.
    world.cmp("cp", "--index", "2", "tree/one", "a:/data/only")
    world.cmp("cp", "a:/opt/copy/.", "back")
    expect_equal(sorted(os.listdir(world.dir + "/back")), ["flat", "link", "one", "same", "sub", "tree"], "what came back")
    world.cmp("cp", "a:/opt/copy/one", "back/renamed")
    expect_equal(read(world.dir + "/back/renamed"), "1\n", "a file by another name")
    world.cmp("cp", "-L", "a:/opt/copy/link", "back/followed")
    expect(not os.path.islink(world.dir + "/back/followed"), "the link was not followed")
    for words, why in ((("cp", "a:/nothing", "x"), "could not find the file /nothing"),
                       (("cp", "tree/one", "a:/no/such/place"), "no such directory"),
                       (("cp", "tree/one", "a:/opt/copy/new/"), "no such directory"),
                       (("cp", "tree", "a:/opt/copy/one"), "cannot copy a directory over the file"),
                       (("cp", "a:/opt", "a:/x"), "copying between services is not supported"),
                       (("cp", "x", "y"), "unknown copy direction"),
                       (("cp", "tree", "b:/x"), "no such service: b")):
        expect_in(why, world.cmp(*words, code=1).err)
    world.down("-v")


def cp_stays_in_the_container(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    world.write("secret", "the host's\n")
    world.write("payload", "planted\n")
    os.makedirs(world.dir + "/outside")
    # Links that would lead to the host's files end in the container's root.
    os.symlink(world.dir, inside(world, "/data/away"))
    os.symlink("../../../../../../.." + world.dir + "/outside", inside(world, "/data/up"))
    expect_in("could not find the file", world.cmp("cp", "a:/data/away/secret", "got", code=1).err)
    world.cmp("cp", "payload", "a:/data/up/x", code=1)
    world.cmp("cp", "payload", "a:/data/away", code=1)
    expect_equal(os.listdir(world.dir + "/outside"), [], "what was written outside")
    expect_equal(read(world.dir + "/secret"), "the host's\n", "the host's file")
    # An archive that wants out is refused, or ends inside.
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in ("../escaped", "fine"):
            entry = tarfile.TarInfo(name)
            entry.size = 2
            archive.addfile(entry, io.BytesIO(b"x\n"))
    done = subprocess.run([world.binary, "cp", "-", "a:/data/"], input=stream.getvalue(), cwd=world.dir, check=False,
                          env=world._environment(None, world.dir), capture_output=True)
    expect_equal(done.returncode, 1, "exit code")
    expect(not os.path.exists(inside(world, "/escaped")), "'..' was followed")
    world.down("-v")


def streams_and_exports_are_archives(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    world.write("tree/one", "1\n")
    world.cmp("cp", "-a", "tree", "a:/opt/copy")

    def run(*words, data=None):
        return subprocess.run([world.binary] + list(words), cwd=world.dir, env=world._environment(None, world.dir),
                              input=data, capture_output=True, check=True).stdout
    archive = run("cp", "a:/opt/copy", "-")
    expect_equal(tarfile.open(fileobj=io.BytesIO(archive)).getnames(), ["copy", "copy/one"], "names in the stream")
    run("cp", "-", "a:/data", data=archive)
    expect_equal(read(inside(world, "/data/copy/one")), "1\n", "what the stream brought")
    # A container that does not run has its files, too, volumes among them.
    world.cmp("stop", "-t", "0")
    run("cp", "a:/data/copy/one", "stopped")
    expect_equal(read(world.dir + "/stopped"), "1\n", "from a stopped one")
    run("cp", "stopped", "a:/opt/copy/two")
    world.cmp("start")
    expect_equal(read(inside(world, "/opt/copy/two")), "1\n", "into a stopped one")
    world.down("-v")
    # All of a small one.
    os.makedirs(world.dir + "/root/bin")
    subprocess.run(["cp", "-L", "/bin/busybox", world.dir + "/root/bin/sh"], check=False)
    world.compose("services: {a: {x-rootfs: ./root, command: [/bin/sh, -c, 'echo 1 >/made; exec sleep 1000']}}\n")
    if os.path.exists(world.dir + "/root/bin/sh"):
        world.cmp("up", "-d")
        eventually(lambda: os.path.exists(inside(world, "/made")), "the service has written")
        world.cmp("export", "-o", "all.tar", "a")
        names = tarfile.open(world.dir + "/all.tar").getnames()
        expect("made" in names and "bin/sh" in names, "the archive has %s" % names)
        expect(not any(name.startswith("proc/") for name in names), "what is mounted is in it")
        world.down()


def stats_and_templates_show_what_is_asked_for(world):
    world.compose(TWO)
    world.cmp("up", "-d")
    name = world.name
    expect_equal(world.cmp("ps", "--format", "{{.Name}} {{.State}} {{.Label \"team\"}}").out,
                 "%s-a-1 running red\n%s-a-2 running red\n" % (name, name), "ps by a template")
    table = world.cmp("ps", "--format", "table {{.Service}}\t{{.State}}").out.splitlines()
    expect_equal(table[0].split(), ["SERVICE", "STATE"], "the header")
    expect_in("did you mean 'Name'?", world.cmp("ps", "--format", "{{.Nam}}", code=1).err)
    rows = [json.loads(line) for line in world.cmp("stats", "--no-stream", "--format", "json").out.splitlines()]
    expect_equal([row["Name"] for row in rows], ["%s-a-1" % name, "%s-a-2" % name], "whose stats")
    expect(all(row["MemUsage"] != "0B / 0B" and row["PIDs"] != "0" for row in rows), "stats are empty: %s" % rows)
    expect_in("CPU %", world.cmp("stats", "--no-stream", "a").out)
    expect_equal(world.cmp("down", "--dry-run", code=0).code, 0, "dry run")
    os.symlink(world.binary, world.top + "/docker-compose")
    for words in (["ps", "-q"], ["compose", "ps", "-q"]):
        done = subprocess.run([world.top + "/docker-compose"] + words, cwd=world.dir, check=True, text=True,
                              env=world._environment(None, world.dir), capture_output=True)
        expect_equal(len(done.stdout.split()), 2, "ids by docker's name")
    told = subprocess.run([world.top + "/docker-compose", "docker-cli-plugin-metadata"], check=True,
                          capture_output=True, text=True).stdout
    expect_equal(json.loads(told)["SchemaVersion"], "0.1.0", "what docker is told")
    world.down("-v")


def watch_brings_changes_into_the_services(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            develop:
              watch:
                - {path: ./src, action: sync, target: /opt/app, ignore: ["*.tmp", skipped/], initial_sync: true}
                - {path: ./conf, action: sync+exec, target: /opt/conf, exec: {command: [sh, -c, 'echo ran >>/opt/execs']}}
                - {path: ./again, action: sync+restart, target: /opt/again}
        """)
    for path in ("src/first", "conf/x", "again/x", "src/skipped/x"):
        world.write(path, "before\n")
    watch = world.start("watch")
    eventually(lambda: read(inside(world, "/opt/app/first")) == "before\n", "the first sync", seconds=15)
    time_taken = []
    for number in range(5):
        world.write("src/file%d" % number, "now\n")
        begun = time.monotonic()
        eventually(lambda: read(inside(world, "/opt/app/file%d" % number)) == "now\n", "a new file is there")
        time_taken.append(time.monotonic() - begun)
    expect(sorted(time_taken)[2] < 0.3, "changes take %s s" % time_taken)
    world.write("src/deep/er/file", "deep\n")
    eventually(lambda: read(inside(world, "/opt/app/deep/er/file")) == "deep\n", "a file in new directories")
    world.write("src/first", "after\n")
    eventually(lambda: read(inside(world, "/opt/app/first")) == "after\n", "a changed file")
    world.write("src/skipped/y", "no\n")
    world.write("src/x.tmp", "no\n")
    os.remove(world.dir + "/src/file0")
    eventually(lambda: not os.path.exists(inside(world, "/opt/app/file0")), "a removed file goes")
    for path in ("/opt/app/skipped", "/opt/app/x.tmp"):
        expect(not os.path.exists(inside(world, path)), path + " was to be ignored")
    world.write("conf/y", "conf\n")
    eventually(lambda: read(inside(world, "/opt/execs")) == "ran\n" and read(inside(world, "/opt/conf/y")) == "conf\n",
               "the command after the sync")
    before = world.pid("a")
    world.write("again/y", "again\n")
    eventually(lambda: world.pid("a") != before and read(inside(world, "/opt/again/y")) == "again\n",
               "the service is started again", seconds=20)
    watch.terminate()
    out, err = watch.communicate(timeout=20)
    expect_equal(watch.returncode, 130, "exit code")
    for line in ("Watch enabled", "Syncing service \"a\" after 1 changes were detected", "service(s) [\"a\"] restarted"):
        expect_in(line, out.decode())
    expect_in("none of the selected services is configured for watch",
              world.cmp("-f", world.write("plain.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n"), "watch",
                        code=1).err)
    world.down()


SCENARIOS = [cp_follows_the_rules_of_docker, cp_stays_in_the_container, streams_and_exports_are_archives,
             stats_and_templates_show_what_is_asked_for, watch_brings_changes_into_the_services]
