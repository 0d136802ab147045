"""Volumes as things of their own: what is mounted, who has them, how they go and come back."""
import json
import os
import re
import subprocess

from world import Skip, expect, expect_equal, expect_in

def compose(world, services, rest=""):
    """`services` by name: further lines of YAML, each with its own key."""
    text = "services:\n"
    for name, lines in services.items():
        text += "  %s:\n    x-rootfs: host\n    init: true\n    stop_grace_period: 2s\n    command: [sleep, '1000']\n" % name
        text += "".join("    %s\n" % line for line in lines)
    world.compose(text + rest)


def inside(world, service, script, code=0):
    return world.cmp("exec", "-T", service, "sh", "-c", script, code=code).out


def mounts_of_state(world):
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        return [line for line in mounts if world.state_dir in line or world.run_dir in line]


def names(world, *arguments):
    return world.cmp("volume", "ls", "-q", *arguments).out.split()


def driver_options_are_mounted_while_somebody_has_the_volume(world):
    os.makedirs(world.dir + "/folder")
    world.write("folder/here", "x")
    image = world.dir + "/disk.img"
    with open(image, "wb") as file:
        file.truncate(8 << 20)
    expect_equal(os.system("mkfs.ext4 -q -F %s" % image), 0, "mkfs.ext4")
    volumes = ["volumes: ['bound:/bound', 'memory:/memory', 'disk:/disk', 'read:/read']"]
    compose(world, {"one": volumes, "two": volumes}, """
volumes:
  bound: {driver: local, driver_opts: {type: none, o: bind, device: ./folder}}
  memory: {driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m,mode=0750,uid=1000"}}
  disk: {driver_opts: {type: ext4, device: %s, o: loop}}
  read: {driver: local, driver_opts: {type: "", o: "bind,ro", device: %s/folder}}
""" % (image, world.dir))
    world.cmp("up", "-d")
    expect_equal(inside(world, "one", "ls /bound; stat -c '%u %a' /memory; df -k /memory | awk 'END {print $2}'"),
                 "here\n1000 750\n1024\n", "what is mounted")
    expect_in("Read-only", world.cmp("exec", "-T", "one", "touch", "/read/x", code=None).err)
    inside(world, "one", "echo shared > /memory/file; echo kept > /disk/file; echo out > /bound/out")
    expect_equal(inside(world, "two", "cat /memory/file /disk/file"), "shared\nkept\n", "seen by the other")
    expect(os.path.exists(world.dir + "/folder/out"), "the bound folder has it")
    expect_equal(inside(world, "one", "stat -f -c %T /disk").strip(), "ext2/ext3", "the loop image's file system")
    world.cmp("rm", "-sf", "one")
    expect_equal(len(mounts_of_state(world)), 4, "mounts while 'two' is there")
    world.down()
    expect_equal(mounts_of_state(world), [], "mounts after down")
    world.cmp("up", "-d", "two")
    expect_equal(inside(world, "two", "ls /memory; cat /disk/file"), "kept\n", "after down and up")
    world.down("-v")
    expect_equal(mounts_of_state(world), [], "mounts after down -v")
    expect(os.path.exists(world.dir + "/folder/here"), "what a volume only points to stays")


def what_cannot_be_mounted_is_said_with_its_place_and_leaves_nothing(world):
    cases = [("driver: nfs-plugin", "driver 'nfs-plugin' is not there", 1),
             ("driver_opts: {type: tmpfs, device: tmpfs, foo: bar}", 'invalid option: "foo"', 1),
             ("driver_opts: {type: ext4}", 'missing required option: "device"', 1),
             ("driver_opts: {size: 1g}", "a quota", 1),
             ("external: true", 'external volume "broken" not found', 1),
             ("driver_opts: {type: nofs, device: none}", "does not have that file system", 1),
             ("driver_opts: {type: none, o: bind, device: /nowhere/at/all}", "No such file", 1)]
    for definition, words, code in cases:
        compose(world, {"one": ["volumes: ['good:/a', 'broken:/b', 'other:/c']"]}, """
volumes:
  good: {driver_opts: {type: tmpfs, device: tmpfs}}
  broken: {name: broken, %s}
  other: {driver_opts: {type: tmpfs, device: tmpfs}}
""" % definition)
        told = world.cmp("up", "-d", code=code).err
        expect_in(words.lower(), told.lower(), definition)
        expect(re.search(r"compose.yaml:\d+:\d+", told), "%s: no place in %r" % (definition, told))
        expect_equal(mounts_of_state(world), [], "mounts after " + definition)
        expect_equal(names(world), [], "volumes after " + definition)
    for kind, words in (("npipe", "Windows"), ("cluster", "Swarm")):
        compose(world, {"one": ["volumes: [{type: %s, source: x, target: /x}]" % kind]})
        expect_in(words, world.cmp("up", "-d", code=1).err)


def a_changed_definition_is_a_question_and_no_is_the_answer(world):
    services = {"one": ["volumes: ['data:/data']"], "two": ["volumes_from: [one]"], "third": []}

    def define(label):
        compose(world, services, "\nvolumes: {data: {labels: {made: %s}}}\n" % label)

    define("once")
    world.cmp("up", "-d")
    inside(world, "one", "echo precious > /data/file")
    before = world.pids("one", "two", "third")
    define("again")
    told = world.cmp("up", "-d")
    expect_in("doesn't match configuration in compose file", told.err)
    expect_equal(world.pids("one", "two", "third"), before, "pids after an up without an answer")
    terminal = world.terminal("up", "-d")
    terminal.read_until("Recreate (data will be lost)? (y/N)")
    terminal.send("\r")
    expect_equal(terminal.wait(), 0, "exit code after no")
    expect_equal(world.pids("one", "two", "third"), before, "pids after no")
    expect_equal(inside(world, "two", "cat /data/file"), "precious\n", "what is kept")
    world.cmp("up", "-d", "--yes")
    after = world.pids("one", "two", "third")
    expect(after["one"] != before["one"] and after["two"] != before["two"], "who has the volume is made anew")
    expect_equal(after["third"], before["third"], "who has not stays")
    expect_equal(inside(world, "one", "ls /data"), "", "the new volume")
    expect_equal(inspect(world, world.name + "_data")["Labels"]["made"], "again", "its label")
    world.cmp("stop")
    world.cmp("volume", "restore", world.name + "_data")
    world.cmp("start")
    expect_equal(inside(world, "one", "cat /data/file"), "precious\n", "restored")
    world.down("-v")


def inspect(world, name):
    return json.loads(world.cmp("volume", "inspect", name).out)[0]


def volumes_are_listed_removed_and_restored(world):
    compose(world, {"one": ["volumes: ['data:/data', {type: volume, target: /anon, volume: {labels: {a: b}}}]"],
                    "two": ["volumes: ['mine:/data']"]},
            "\nvolumes: {data: {labels: {who: me}}, mine: {external: true}}\n")
    world.cmp("volume", "create", "--label", "x=y", "mine")
    world.cmp("up", "-d")
    data = world.name + "_data"
    inside(world, "one", "echo 1 > /data/file; echo 2 > /anon/file")
    listed = world.cmp("volumes").out.splitlines()
    expect_equal(listed[0].split(), ["DRIVER", "VOLUME", "NAME"], "the header")
    expect_equal(len(listed), 3, "its named and its anonymous one")
    expect_equal(world.cmp("volumes", "-q", "two").out, "mine\n", "volumes of a service")
    rows = [json.loads(line) for line in world.cmp("volumes", "--format", "json").out.splitlines()]
    expect_in("who=me", rows[0]["Labels"])
    expect_equal(world.cmp("volume", "ls", "--format", '{{.Name}} {{.Label "who"}}').out.splitlines()[1], data + " me",
                 "a template")
    anonymous = inspect(world, rows[1]["Name"])
    expect_equal((anonymous["Labels"]["a"], open(anonymous["Mountpoint"] + "/file").read()), ("b", "2\n"), "anonymous")
    shown = inspect(world, data)
    expect_equal(sorted(shown), ["CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope"], "fields")
    expect_equal(shown["Labels"]["com.docker.compose.volume"], "data", "label")
    expect_in("in use by container %s-one-1 of project %s" % (world.name, world.name),
              world.cmp("volume", "rm", data, code=1).err)
    expect_in("Kept volumes: " + data, world.cmp("down", "-t", "2").err)
    expect_equal(sorted(names(world)), ["mine", data], "after down")
    world.cmp("up", "-d")
    expect_equal(inside(world, "one", "cat /data/file; ls /anon"), "1\n", "after down and up")
    told = world.down("-v").err
    expect_in("Volume %s Removed" % data, told)
    expect_in("cmp volume restore " + data, told)
    expect_equal(names(world), ["mine"], "after down -v")
    trash = world.cmp("volume", "ls", "--trash").out
    expect_in("%s-one-1:/anon" % world.name, trash)
    world.cmp("up", "-d", "one")
    expect_equal(inside(world, "one", "ls /data"), "", "a new volume")
    expect_in("stop it first", world.cmp("volume", "restore", data, code=1).err)
    world.cmp("stop")
    expect_in("is in the trash now", world.cmp("volume", "restore", data).err)
    world.cmp("start")
    expect_equal(inside(world, "one", "cat /data/file"), "1\n", "restored")
    world.down("-v")
    expect_in("Deleted Volumes:\nmine\n", world.cmp("volume", "prune", "-a", "-f").out)
    world.cmp("volume", "rm", "nothing", code=1)
    old = world.state_dir + "/trash/old@1600000000000"  # years ago
    os.mkdir(old)
    world.cmp("up", "-d", "one")
    expect(not os.path.exists(old), "up leaves in the trash what is older than a day")
    world.down("-v")
    told = world.cmp("up", "-d", "one", env={"CMP_TRASH_SIZE": "0"}).err
    expect_in("is gone for good", told)
    expect_equal(os.listdir(world.state_dir + "/trash"), [], "the trash")
    world.down("-v")
    expect_in("did you mean 'inspect'", world.cmp("volume", "inspekt", code=1).err)


def snapshots_and_forks_are_made_while_the_users_stand_still(world):
    compose(world, {"one": ["volumes: ['data:/data']"]}, "\nvolumes: {data: {}}\n")
    world.cmp("up", "-d")
    data = world.name + "_data"
    inside(world, "one", "cd /data; echo before > file; ln file link; mkdir -m 750 d; chown 5:6 d; truncate -s 1G hole")
    world.write("writer.sh", "i=0; while :; do i=$((i+1)); echo $i > /data/a; echo $i > /data/b; done\n")
    told = world.cmp("volume", "snapshot", data, "first")
    expect_in("Frozen for", told.err)
    expect_in("files", told.err)
    expect_in("Running", world.cmp("ps").out.replace("Up ", "Running "), "the service goes on")
    world.cmp("volume", "fork", data, "copy")
    inside(world, "one", "echo after > /data/file")
    look = "cd '%s'; cat file; stat -c '%%h' link; stat -c '%%u:%%g %%a' d; stat -c '%%s %%b' hole"
    copied = os.popen(look % inspect(world, "copy")["Mountpoint"]).read().split("\n")
    expect_equal(copied[:3], ["before", "2", "5:6 750"], "the fork")
    expect_equal(copied[3], "%d 0" % (1 << 30), "its hole")
    expect_in("in use", world.cmp("volume", "restore", data, "first", code=1).err)
    expect_equal([one["Name"] for one in inspect(world, data)["Snapshots"]], ["first"], "snapshots")
    world.cmp("stop")
    world.cmp("volume", "restore", data, "first")
    world.cmp("start")
    expect_equal(inside(world, "one", "cat /data/file"), "before\n", "restored")
    expect_in("has a snapshot 'first'", world.cmp("volume", "snapshot", data, "first", code=1).err)
    world.cmp("volume", "rm", data + "@first", "copy")
    expect("Snapshots" not in inspect(world, data), "the snapshot is gone")
    world.down("-v")


def a_snapshot_shares_its_blocks_where_the_file_system_can(world):
    image, state = world.dir + "/xfs.img", world.dir + "/xfs"
    os.makedirs(state)
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    if os.system("mkfs.xfs -q -m reflink=1 %s && mount -o loop %s %s" % (image, image, state)) != 0:
        raise Skip("no xfs on this host")
    try:
        world.env["CMP_STATE_DIR"] = world.state_dir = state
        compose(world, {"one": ["volumes: ['data:/data']"]}, "\nvolumes: {data: {}}\n")
        world.cmp("up", "-d")
        inside(world, "one", "head -c 60000000 /dev/urandom > /data/big; sync")
        free = os.statvfs(state).f_bfree
        expect_in("by reflink", world.cmp("volume", "snapshot", world.name + "_data", "one").err)
        world.cmp("volume", "fork", world.name + "_data", "other")
        os.sync()
        expect(free - os.statvfs(state).f_bfree < 5000, "no byte of it was copied")
        world.down("-v")
        world.cmp("volume", "prune", "-a", "-f")
    finally:
        subprocess.run(["umount", "-l", state], check=True)


def tmpfs_and_writable_islands_are_as_asked_for(world):
    compose(world, {"one": ["read_only: true", "shm_size: 3m",
                            "tmpfs: ['/short:size=2m,mode=0710,uid=1000,gid=1001', '/run2:exec,size=10%']",
                            "volumes: ['data:/island', {type: tmpfs, target: /long, tmpfs: {size: 1m, mode: 0700}}]"]},
            "\nvolumes: {data: {}}\n")
    world.cmp("up", "-d")
    expect_equal(inside(world, "one", "stat -c '%u:%g %a' /short /long; df -k /short /long /dev/shm | awk 'NR>1 {print $2}'"),
                 "1000:1001 710\n0:0 700\n2048\n1024\n3072\n", "owners, modes and sizes")
    inside(world, "one", "touch /island/x /short/x /long/x; cp /bin/true /run2/; /run2/true; ! touch /etc/x 2>/dev/null")
    inside(world, "one", "cp /bin/true /short/; ! /short/true 2>/dev/null")
    world.down("-v")
    compose(world, {"one": ["tmpfs: ['/x:colour=red']"]})
    expect_in("a tmpfs has no option 'colour=red'", world.cmp("up", "-d", code=1).err)


SCENARIOS = [driver_options_are_mounted_while_somebody_has_the_volume,
             what_cannot_be_mounted_is_said_with_its_place_and_leaves_nothing,
             a_changed_definition_is_a_question_and_no_is_the_answer, volumes_are_listed_removed_and_restored,
             snapshots_and_forks_are_made_while_the_users_stand_still,
             a_snapshot_shares_its_blocks_where_the_file_system_can, tmpfs_and_writable_islands_are_as_asked_for]
