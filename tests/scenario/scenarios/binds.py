"""Bind mounts: what they show of the host, to whom, and whose the files are."""
import os
import socket
import subprocess

from world import expect_equal, expect_in

ME = {"SUDO_UID": "1234", "SUDO_GID": "1235"}


def compose(world, services, rest=""):
    text = "services:\n"
    for name, lines in services.items():
        text += "  %s:\n    x-rootfs: host\n    init: true\n    stop_grace_period: 2s\n    command: [sleep, '1000']\n" % name
        text += "".join("    %s\n" % line for line in lines)
    world.compose(text + rest)


def inside(world, service, script, code=0):
    return world.cmp("exec", "-T", service, "sh", "-c", script, code=code).out


def owner(path):
    info = os.lstat(path)
    return "%d:%d" % (info.st_uid, info.st_gid)


def what_a_service_writes_belongs_to_who_called(world):
    """Users root, 1000 and 999, bind and named volume, called as root and by sudo."""
    for caller, env in (("0:0", {}), ("1234:1235", ME)):
        services = {}
        for user in ("0", "1000", "999:998"):
            name = "u" + user.split(":")[0]
            services[name] = ["user: '%s'" % user, "volumes: [{type: bind, source: ./%s, target: /b, x-owner: me}, "
                              "'v%s:/v', {type: volume, target: /anon, x-owner: me}]" % (name, name)]
        compose(world, services, "\nvolumes:\n" + "".join("  v%s: {x-owner: me}\n" % name for name in services))
        for name in services:
            os.makedirs("%s/%s" % (world.dir, name))
            os.chown("%s/%s" % (world.dir, name), *map(int, caller.split(":")))
        world.cmp("up", "-d", env=env)
        for name, lines in services.items():
            told = inside(world, name, "id -u; for d in /b /v /anon; do mkdir $d/d; echo x > $d/d/f; stat -c %u $d/d/f; done")
            expect_equal(told.split(), [name[1:]] * 4, "%s sees its own" % name)
            expect_equal(owner("%s/%s/d/f" % (world.dir, name)), caller, "bind of %s, called by %s" % (name, caller))
            data = "%s/volumes/%s_v%s/_data" % (world.state_dir, world.name, name)
            expect_equal((owner(data), owner(data + "/d/f")), (caller, caller), "volume of %s" % name)
        world.down("-v")
        for name in services:
            subprocess.run(["rm", "-rf", "%s/%s" % (world.dir, name)], check=True)
    compose(world, {"one": ["volumes: [{type: bind, source: /proc/self, target: /p, x-owner: me}]"]})
    told = world.cmp("up", "-d", code=1).err
    expect_in("compose.yaml:7:15", told)
    expect_in("cannot show owners as others", told)
    compose(world, {"one": ["volumes: [{type: bind, source: /srv, target: /p, x-owner: you}]"]})
    expect_in("x-owner must be 'me'", world.cmp("up", "-d", code=1).err)


def submounts_are_bound_and_written_to_as_asked_for(world):
    tree = world.dir + "/tree"
    os.makedirs(tree + "/sub")
    subprocess.run(["mount", "-t", "tmpfs", "below", tree + "/sub"], check=True)
    try:
        world.write("tree/sub/file", "x")
        forms = {"all": "", "top": "bind: {recursive: disabled}", "island": "read_only: true, bind: {recursive: writable}",
                 "lake": "read_only: true", "forced": "read_only: true, bind: {recursive: readonly}"}
        compose(world, {name: ["volumes: [{type: bind, source: ./tree, target: /t, %s}]" % form]
                        for name, form in forms.items()})
        world.cmp("up", "-d")
        script = "ls /t/sub; touch /t/x 2>/dev/null && echo top; touch /t/sub/x 2>/dev/null && echo below; rm -f /t/x /t/sub/x; true"
        told = {name: inside(world, name, script).split() for name in forms}
        expect_equal(told, {"all": ["file", "top", "below"], "top": ["top", "below"], "island": ["file", "below"],
                            "lake": ["file"], "forced": ["file"]}, "what can be written")
        world.down()
    finally:
        subprocess.run(["umount", tree + "/sub"], check=True)
    compose(world, {"one": ["volumes: [{type: bind, source: ./tree, target: /t, bind: {recursive: readonly}}]"]})
    expect_in("needs read_only: true", world.cmp("up", "-d", code=1).err)


def mounts_go_between_host_and_service_as_the_propagation_says(world):
    words = ("rprivate", "private", "rslave", "slave", "rshared", "shared")
    tree = world.dir + "/tree"
    os.makedirs(tree)
    services = {word: ["cap_add: [SYS_ADMIN]", "security_opt: [seccomp=unconfined]",
                       "volumes: [{type: bind, source: ./tree, target: /t, bind: {propagation: %s}}]" % word]
                for word in words}
    compose(world, services)
    expect_in("propagation 'rshared' needs a source on a shared mount", world.cmp("up", "-d", "rshared", code=1).err)
    subprocess.run(["mount", "--bind", tree, tree], check=True)
    try:
        subprocess.run(["mount", "--make-rshared", tree], check=True)
        for directory in ("late",) + words:
            os.makedirs("%s/%s" % (tree, directory))
        world.cmp("up", "-d")
        subprocess.run(["mount", "-t", "tmpfs", "late", tree + "/late"], check=True)
        seen = {word: inside(world, word, "grep -c ' /t/late ' /proc/self/mountinfo || true").strip() for word in words}
        expect_equal(seen, {word: "0" if "private" in word else "1" for word in words}, "who sees a later mount")
        for word in words:
            inside(world, word, "mount -t tmpfs inner /t/%s" % word)
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            text = mounts.read()
        expect_equal([word for word in words if "%s/%s " % (tree, word) in text], ["rshared", "shared"],
                     "whose mounts the host sees")
        world.down()
    finally:
        subprocess.run(["umount", "-R", "-l", tree], check=True)


def files_sockets_and_folders_of_the_right_file_are_bound(world):
    world.write("base/base.yaml", """
        services:
          base:
            x-rootfs: host
            volumes: ["./data:/from-base"]
        """)
    world.write("inc/compose.yaml", """
        services:
          included:
            x-rootfs: host
            init: true
            stop_grace_period: 1s
            command: [sleep, "1000"]
            volumes: ["./data:/from-include"]
        """)
    world.write("over.yaml", "services: {one: {volumes: ['./data:/from-override']}}\n")
    for folder in ("base", "inc", "."):
        world.write(folder + "/data/where", folder)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(world.dir + "/sock")
    listener.listen()
    world.compose("""
        include: [inc/compose.yaml]
        services:
          one:
            extends: {file: base/base.yaml, service: base}
            init: true
            stop_grace_period: 1s
            command: [sleep, "1000"]
            volumes: ["./sock:/run/sock", "./data/where:/etc/where:ro"]
        """)
    files = ("-f", "compose.yaml", "-f", "over.yaml")
    world.cmp(*files, "up", "-d")
    expect_equal(inside(world, "one", "cat /from-base/where /from-override/where /etc/where; test -S /run/sock"),
                 "base..", "what is where")
    expect_equal(inside(world, "included", "cat /from-include/where"), "inc", "of the included file")
    expect_in("Read-only", world.cmp("exec", "-T", "one", "sh", "-c", "echo > /etc/where", code=None).err)
    inside(world, "one", "python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('/run/sock')\"")
    listener.close()
    world.down()


def subfolders_and_shared_volumes(world):
    compose(world, {"one": ["volumes: ['data:/data', /anon, './own:/own']", "tmpfs: /tmp"],
                    "two": ["volumes_from: ['one:ro']"],
                    "three": ["volumes: [{type: volume, source: data, target: /part, volume: {subpath: a/b}}]",
                              "depends_on: [one]", "scale: 0"]}, "\nvolumes: {data: {}}\n")
    os.makedirs(world.dir + "/own")
    world.cmp("up", "-d")
    inside(world, "one", "mkdir -p /data/a/b; echo 1 > /data/a/b/f; echo 2 > /anon/f; echo 3 > /own/f; ln -s / /data/out")
    expect_equal(inside(world, "two", "cat /data/a/b/f /anon/f /own/f; ! touch /data/x 2>/dev/null"), "1\n2\n3\n",
                 "what another service has")
    world.cmp("up", "-d", "--scale", "three=1")
    expect_equal(inside(world, "three", "cat /part/f; ls /part"), "1\nf\n", "a part of the volume")
    world.cmp("run", "--rm", "-v", "/nowhere-of-it", "one", "true")
    for path in ("a/none", "out", "../x"):
        compose(world, {"three": ["volumes: [{type: volume, source: data, target: /part, volume: {subpath: '%s'}}]" % path]},
                "\nvolumes: {data: {}}\n")
        expect_in("/part", world.cmp("up", "-d", "--force-recreate", "three", code=1).err, path)
    world.down("-v", "--remove-orphans")
    compose(world, {"two": ["volumes_from: ['container:nobody']"]})
    expect_in("there is no container 'nobody'", world.cmp("up", "-d", code=1).err)


SCENARIOS = [what_a_service_writes_belongs_to_who_called, submounts_are_bound_and_written_to_as_asked_for,
             mounts_go_between_host_and_service_as_the_propagation_says,
             files_sockets_and_folders_of_the_right_file_are_bound, subfolders_and_shared_volumes]
