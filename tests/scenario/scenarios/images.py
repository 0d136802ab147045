"""Services from images: on disk, their configuration, volumes, layers, archives; the store."""
import gzip
import io
import os
import random
import signal
import subprocess
import tarfile
import time

import oci
from world import Skip, eventually, expect, expect_equal, expect_in

SERVER = [("srv", None, {"uid": 999, "gid": 999}), ("srv/page", "from the image", {"uid": 999, "gid": 999, "mode": 0o640}),
          ("srv/sub", None, {"mode": 0o711}), ("srv/link", "-> page"),
          ("entry", "#!/bin/sh\necho \"$GREETING $* $(id -u) $(pwd)\"\nexec sleep 1000\n")]
CONFIG = {"Entrypoint": ["/entry"], "Cmd": ["from", "image"], "Env": ["PATH=/bin", "GREETING=hello"], "User": "web",
          "WorkingDir": "/srv", "Volumes": {"/srv": {}}, "ExposedPorts": {"80/tcp": {}}, "StopSignal": "SIGKILL",
          "Labels": {"made.by": "scenario", "com.docker.compose.project": "evil"},
          "Healthcheck": {"Test": ["CMD", "true"], "Interval": 100000000}}


def app(world, **more):
    layout = oci.Layout(world.dir + "/app")
    layout.add("1", [oci.busybox(), SERVER], {**CONFIG, **more})
    return layout


def an_image_on_disk_runs_as_its_configuration_says(world):
    app(world)
    world.compose("services: {web: {image: 'oci:app:1'}}")
    done = world.cmp("up", "-d", "--wait")
    expect_in("Pulled", done.err, "progress")
    expect_in("label 'com.docker.compose.project' is not an image's to set", done.err, "warnings")
    eventually(lambda: "hello from image 999 /srv" in world.cmp("logs", "--no-log-prefix").out, "its first line")
    record = world.record("web")
    expect_equal(record["labels"]["made.by"], "scenario", "label")
    expect_equal(record["labels"]["com.docker.compose.project"], world.name, "label of Compose")
    expect_equal(record["exposed"], [80], "exposed ports")
    expect_equal(world.ps()["web"]["Health"], "healthy", "health")
    expect_in('"/entry from image"', world.cmp("ps", "--no-trunc").out, "ps")
    expect_equal(world.cmp("exec", "-T", "web", "stat", "-c", "%u %a", "/srv", "/srv/page").out, "999 755\n999 640\n",
                 "the anonymous volume")
    expect_in("app", world.cmp("images").out, "images")
    expect_in("Nothing to do", world.cmp("up", "-d").err, "a second up")
    world.down()


def the_service_wins_over_its_image(world):
    app(world)
    world.compose("""
        services:
          web:
            image: oci:app:1
            command: [own]
            user: "0"
            working_dir: /tmp
            environment: {GREETING: bye}
            healthcheck: {disable: true}
        """)
    world.cmp("up", "-d")
    eventually(lambda: "bye own 0 /tmp" in world.cmp("logs", "--no-log-prefix").out, "its first line")
    expect_equal(world.ps()["web"]["Health"], "", "health")
    world.down()


def a_named_volume_is_filled_once(world):
    app(world)
    world.compose("""
        services:
          a: {image: 'oci:app:1', volumes: ['data:/srv']}
          b: {image: 'oci:app:1', volumes: ['data:/srv']}
          c: {image: 'oci:app:1', volumes: [{type: volume, source: other, target: /srv, volume: {nocopy: true}}]}
        volumes: {data: , other: }
        """)
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "cat", "/srv/link").out, "from the image", "content")
    world.cmp("exec", "-T", "a", "sh", "-c", "echo mine > /srv/page; rm /srv/link")
    world.cmp("exec", "-T", "c", "test", "!", "-e", "/srv/page")
    world.down()
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "b", "cat", "/srv/page").out, "mine\n", "content after a second up")
    world.cmp("exec", "-T", "b", "test", "!", "-e", "/srv/link")
    world.down("-v")


def a_directory_of_the_project_is_a_root_file_system(world):
    with tarfile.open(fileobj=io.BytesIO(oci.tar(oci.busybox() + [("own", "content of the directory\n")]))) as archive:
        archive.extractall(world.dir + "/root")
    world.compose("services: {web: {x-rootfs: ./root, command: [sh, -c, 'cat /own; echo x > /own; exec sleep 1000']}}")
    world.cmp("up", "-d")
    eventually(lambda: world.cmp("logs", "--no-log-prefix").out == "content of the directory\n", "its line")
    eventually(lambda: world.cmp("exec", "-T", "web", "cat", "/own").out == "x\n", "what the service wrote")
    with open(world.dir + "/root/own", encoding="ascii") as file:
        expect_equal(file.read(), "content of the directory\n", "the directory itself")
    world.down()


def layers_hide_what_they_say(world):
    layers = [oci.busybox(),
              [("d", None), ("d/old", "1"), ("d/kept", "1"), ("o", None), ("o/old", "1"), ("f", "one"), ("swap", "file")],
              [("d/.wh.old", ""), ("o", None), ("o/.wh..wh..opq", ""), ("o/new", "2"), ("f", "two"), (".wh.swap", ""),
               ("swap", None), ("swap/in", "2")]]
    oci.Layout(world.dir + "/app").add("1", layers, {"Cmd": ["sleep", "1000"]})
    world.compose("services: {web: {image: 'oci:app'}}")
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "web", "sh", "-c", "ls d o swap; cat f").out,
                 "d:\nkept\n\no:\nnew\n\nswap:\nin\ntwo", "the merged tree")
    world.down()


def an_image_may_have_more_than_a_hundred_layers(world):
    layers = [oci.busybox()] + [[("n/%03d" % number, "x")] for number in range(120)]
    oci.Layout(world.dir + "/app").add("1", layers, {"Cmd": ["sleep", "1000"]}, pack=lambda data: gzip.compress(data, 1))
    world.compose("services: {web: {image: 'oci:app:1'}}")
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "web", "sh", "-c", "ls /n | wc -l").out.strip(), "120", "files")
    world.down()


def a_new_image_makes_its_containers_anew(world):
    layout = app(world)
    world.compose("services: {web: {image: 'oci:app:1'}, other: {x-rootfs: host, command: sleep 1000}}")
    world.cmp("up", "-d")
    before = world.pids("web", "other")
    expect_equal(world.cmp("up", "--dry-run").out, "", "plan with nothing changed")
    layout.add("1", [oci.busybox(), SERVER], {**CONFIG, "Env": ["GREETING=new"]})
    done = world.cmp("up", "-d")
    after = world.pids("web", "other")
    expect(before["web"] != after["web"], "the container is still the old one: " + done.text)
    expect_equal(after["other"], before["other"], "the other service's process")
    world.down()


def an_image_is_a_volume_of_another_one(world):
    app(world)
    data = oci.Layout(world.dir + "/data")
    data.add("1", [[("www", None), ("www/a", "one"), ("gone", "x")], [(".wh.gone", ""), ("www/b", "two"), ("out", "-> /etc")]])
    world.compose("""
        services:
          web:
            image: oci:app:1
            user: "0"
            volumes:
            - {type: image, source: 'oci:data', target: /data}
            - {type: image, source: 'oci:data', target: /www, image: {subpath: www}}
          host:
            x-rootfs: host
            command: sleep 1000
            volumes: [{type: image, source: 'oci:data', target: /mnt}]
        """)
    expect_in("Pulled", world.cmp("up", "-d").err, "progress")
    look = world.cmp("exec", "-T", "web", "sh", "-c", "ls /data /www; cat /data/www/a /www/b; touch /www/c", code=1)
    expect_equal(look.out, "/data:\nout\nwww\n\n/www:\na\nb\nonetwo", "the image in the container")
    expect_in("Read-only", look.err, "a write")
    expect_equal(world.cmp("exec", "-T", "host", "cat", "/mnt/www/a").out, "one", "the image in the other container")
    expect_equal(world.record("web")["labels"]["com.docker.compose.image-volume-digest"].count("sha256:"), 2, "label")
    expect_in("Nothing to do", world.cmp("up", "-d").err, "a second up")
    data.add("1", [[("www", None), ("www/a", "new")]])
    world.cmp("pull")
    expect_in("would remove 0 layers", world.cmp("gc", "--dry-run").out, "what is mounted")
    world.cmp("restart", "web")
    expect_equal(world.cmp("exec", "-T", "web", "cat", "/www/a").out, "one", "after a restart")
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "web", "cat", "/data/www/a").out, "new", "the new image")
    expect_in("would remove 0 layers", world.cmp("gc", "--dry-run").out, "what a rollback would mount")
    world.down()
    expect_in("would remove 2 layers", world.cmp("gc", "--dry-run").out, "what nobody mounts any more")


def a_volume_that_is_no_image_is_said_with_its_place(world):
    app(world)
    volume = "services:\n  web:\n    image: oci:app:1\n    volumes:\n    - {type: image, target: /data%s}\n"
    for more, text in {"": "compose.yaml:5:7: services.web.volumes[0]: a mount of type 'image' needs a source",
                       ", source: 'oci:none'": "compose.yaml:5:7: service 'web': volume on '/data': image 'oci:",
                       ", source: Data": "lower case",
                       ", source: 'oci:app:1', image: {subpath: nowhere}": "nowhere"}.items():
        world.compose(volume % more)
        expect_in(text, world.cmp("up", "-d", code=1).err, "for '%s'" % more)
        expect_equal(world.project_left(), [], "left of the project")


def what_is_not_there_is_said_with_its_place(world):
    app(world)
    world.compose("services:\n  web:\n    image: oci:app:2\n")
    done = world.cmp("up", "-d", code=1)
    expect_in("compose.yaml:3:5: service 'web': image 'oci:%s/app:2': there is no image '2', only: 1" % world.dir, done.err)
    world.compose("services:\n  web:\n    image: Redis\n")
    expect_in("lower case", world.cmp("up", "-d", code=1).err)
    world.compose("services:\n  web:\n    image: oci:nowhere\n    pull_policy: never\n")
    expect_in("it may not be fetched (pull_policy)", world.cmp("up", "-d", code=1).err)
    expect_equal(world.project_left(), [], "left of the project")


def a_layer_that_is_not_what_it_says_is_not_used(world):
    layout = app(world)
    blobs = layout.path + "/blobs/sha256/"
    largest = max(os.listdir(blobs), key=lambda name: os.path.getsize(blobs + name))
    with open(blobs + largest, "r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    world.compose("services: {web: {image: 'oci:app:1'}}")
    expect_in("its content is", world.cmp("up", "-d", code=1).err)
    expect_equal(os.listdir(world.state_dir + "/images/layers"), [], "layers in the store")


def a_full_disk_is_said_and_breaks_nothing(world):
    """Whatever there is room for: the next attempt is whole."""
    oci.docker_archive(world.dir + "/app.tar", "shop/app:1", [oci.busybox()], {"Cmd": ["true"]})
    os.makedirs(world.state_dir, exist_ok=True)
    for size in ("64k", "1m", "2500k"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", world.state_dir], check=True)
        full = world.cmp("load", "-i", "app.tar", code=1).err
        expect_in("no space left on device (where the image store is, '%s/images')" % world.state_dir, full, size)
        expect_equal(world.cmp("images", "-aq").out, "", "images")
        subprocess.run(["mount", "-o", "remount,size=64m", world.state_dir], check=True)
        world.cmp("load", "-i", "app.tar")
        expect_equal(len(world.cmp("images", "-aq").out.split()), 1, "images")
        subprocess.run(["umount", world.state_dir], check=True)


def archives_go_out_and_come_in(world):
    app(world)
    world.compose("services: {web: {image: 'oci:app:1'}}")
    world.cmp("pull")
    name = "oci:%s/app:1" % world.dir
    world.cmp("save", "-o", world.dir + "/all.tar", name)
    world.compose("services: {web: {image: 'oci-archive:all.tar'}}")
    world.cmp("up", "-d")
    world.down()
    oci.docker_archive(world.dir + "/docker.tar", "shop/web:3", [oci.busybox(), SERVER], CONFIG)
    expect_equal(world.cmp("load", "-q", "-i", "docker.tar").out, "Loaded image: shop/web:3\n", "load")
    expect_in("shop/web", world.cmp("images", "--all").out, "images")
    world.compose("services: {web: {image: 'shop/web:3', pull_policy: never}}")
    world.cmp("up", "-d")
    expect_in("containers are made from it", world.cmp("rmi", "shop/web:3", code=1).err)
    world.down()


def what_nobody_needs_is_collected(world):
    app(world)
    world.compose("services: {web: {image: 'oci:app:1'}}")
    world.cmp("up", "-d")
    expect_in("no such image: oci:app:2", world.cmp("rmi", "-f", "oci:app:2", code=1).err)
    world.cmp("rmi", "-f", "oci:app:1")
    world.cmp("gc")
    layers = world.state_dir + "/images/layers"
    expect_equal(len(os.listdir(layers)), 2, "layers while a container runs")
    world.cmp("exec", "-T", "web", "cat", "/srv/page")
    world.down()
    expect_in("would remove 2 layers", world.cmp("gc", "--dry-run").out)
    expect_equal(len(os.listdir(layers)), 2, "layers after a dry run")
    expect_in("removed 2 layers", world.cmp("prune").out)
    expect_equal(os.listdir(layers) + os.listdir(world.state_dir + "/images/blobs/sha256"), [], "layers and blobs")


def killed_at_any_moment_nothing_half_is_used(world):
    layout = oci.Layout(world.dir + "/app")
    files = [("f/%04d" % number, "%d" % number * 200) for number in range(1500)]
    layout.add("1", [oci.busybox(), files], {"Cmd": ["sh", "-c", "ls /f | wc -l; exec sleep 1000"]})
    world.compose("services: {web: {image: 'oci:app:1'}}")
    dice = random.Random(7)
    for _ in range(12):
        process = world.start("pull", "-q")
        time.sleep(dice.random() * 0.12)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # The worker is told of it by its parent's death.
        eventually(lambda: subprocess.run(["pgrep", "-x", "cmp-transfer"], stdout=subprocess.DEVNULL,
                                          check=False).returncode == 1, "the worker has ended")
    world.cmp("up", "-d")
    eventually(lambda: world.cmp("logs", "--no-log-prefix").out.strip() == "1500", "all files are there")
    world.down()
    world.cmp("gc")
    expect_equal(os.listdir(world.state_dir + "/images/part"), [], "what was under way")


def an_image_is_built_and_used(world):
    if subprocess.run(["sh", "-c", "command -v buildah"], stdout=subprocess.DEVNULL, check=False).returncode:
        raise Skip("no buildah")
    oci.docker_archive(world.dir + "/base.tar", "shop/base:1", [oci.busybox()], {"Env": ["PATH=/bin"]})
    world.cmp("load", "-q", "-i", "base.tar")
    world.write("app/Dockerfile", """
        ARG BASE=scratch
        FROM $BASE
        ARG WORD
        RUN echo "built with $WORD" > /word
        CMD cat /word; exec sleep 1000
        """)
    world.compose("""
        services:
          web:
            build: {context: app, args: {BASE: shop/base:1, WORD: care}, labels: {made: here}}
        """)
    done = world.cmp("up", "-d", timeout=100)
    eventually(lambda: "built with care" in world.cmp("logs").out, "its first line")
    expect_equal(world.record("web")["labels"]["made"], "here", "label")
    expect("buildah" not in done.out, "output of the build on standard output")
    expect_in("Nothing to do", world.cmp("up", "-d").err, "a second up")
    world.down()


def without_buildah_it_is_said_what_to_install(world):
    world.write("Dockerfile", "FROM scratch\n")
    world.compose("services:\n  web:\n    build: .\n")
    done = world.cmp("build", code=1, env={"PATH": "/nowhere"})
    expect_in("compose.yaml:3:12: service 'web': build: building images needs the program 'buildah'", done.err)
    expect_in("apt install buildah", done.err)
    expect_in("it may not be fetched", world.cmp("up", "-d", "--no-build", code=1).err)


SCENARIOS = [
    an_image_on_disk_runs_as_its_configuration_says, the_service_wins_over_its_image, a_named_volume_is_filled_once,
    a_directory_of_the_project_is_a_root_file_system, layers_hide_what_they_say, an_image_may_have_more_than_a_hundred_layers, a_new_image_makes_its_containers_anew,
    an_image_is_a_volume_of_another_one, a_volume_that_is_no_image_is_said_with_its_place,
    a_full_disk_is_said_and_breaks_nothing,
    what_is_not_there_is_said_with_its_place, a_layer_that_is_not_what_it_says_is_not_used, archives_go_out_and_come_in,
    what_nobody_needs_is_collected, killed_at_any_moment_nothing_half_is_used, an_image_is_built_and_used,
    without_buildah_it_is_said_what_to_install,
]
