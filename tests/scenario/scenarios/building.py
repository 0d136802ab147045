"""build: by buildah, on a base image from a registry."""
import json
import shutil
import urllib.request

import hub
import oci
from world import Skip, eventually, expect, expect_equal, expect_in

FULL = """
    services:
      web:
        image: shop/web:1
        build:
          context: app
          dockerfile_inline: |
            FROM debian:${TAG:-12-slim} AS base
            ARG WORD
            RUN --mount=type=secret,id=file --mount=type=secret,id=variable \\
                cat /run/secrets/file /run/secrets/variable > /secrets
            RUN echo "$$WORD" > /word; ulimit -n > /files; df -k /dev/shm | tail -1 > /shm; wc -l < /proc/net/dev > /net
            RUN getent hosts far > /far; grep CapEff /proc/self/status > /caps
            COPY --from=docs page /page
            COPY own /own
            FROM base AS wanted
            RUN cat /word /secrets /page /own > /all
            CMD ["sleep", "1000"]
            FROM base AS other
            RUN exit 9
          target: wanted
          args: {WORD: given, TAG: 12-slim}
          labels: {made.by: scenario}
          secrets: [file, variable]
          additional_contexts: {docs: ./docs}
          extra_hosts: ["far=10.1.2.3"]
          shm_size: 8m
          ulimits: {nofile: {soft: 123, hard: 456}}
          privileged: true
          no_cache_filter: wanted
          network: host
          tags: ["shop/web:latest", "shop/also"]
          platforms: [linux/%s]
    secrets:
      file: {file: ./secret}
      variable: {environment: SECRET}
    """


def need_buildah():
    if not shutil.which("buildah"):
        raise Skip("no buildah (package buildah)")


def small_base(world):
    """A base image in the store, without a registry."""
    need_buildah()
    oci.docker_archive(world.dir + "/base.tar", "shop/base:1", [oci.busybox()], {"Env": ["PATH=/bin"]})
    world.cmp("load", "-q", "-i", "base.tar")


def every_word_of_build_is_carried_out(world):
    need_buildah()
    hub.stand_in(world, "debian")
    for path, text in (("docs/page", "page\n"), ("app/own", "own\n"), ("secret", "of a file\n")):
        world.write(path, text)
    world.compose(FULL % oci.architecture())
    env = {"SECRET": "of a variable\n"}
    done = world.cmp("build", env=env, timeout=100)
    for line in (" Image debian:12-slim Pulled", "web | [1/2] STEP 1", " Image shop/web:1 Built"):
        expect_in(line, done.err, "progress")
    world.cmp("up", "-d", env=env)
    expect_equal(world.cmp("exec", "-T", "web", "cat", "/all").out, "given\nof a file\nof a variable\npage\nown\n", "content")
    expect_equal(world.cmp("exec", "-T", "web", "cat", "/files").out, "123\n", "open files")
    expect_in("8192", world.cmp("exec", "-T", "web", "cat", "/shm").out, "shared memory")
    expect_in("10.1.2.3", world.cmp("exec", "-T", "web", "cat", "/far").out, "extra host")
    expect_in("fffeffffff", world.cmp("exec", "-T", "web", "cat", "/caps").out, "capabilities")
    expect_equal(world.record("web")["labels"]["made.by"], "scenario", "label")
    tags = {"%s:%s" % (image["Repository"], image["Tag"]) for image in
            json.loads(world.cmp("images", "--all", "--format", "json").out)}
    for tag in ("shop/web:1", "shop/web:latest", "shop/also:latest", "debian:12-slim"):
        expect_in(tag, tags, "images")
    world.down()


def a_build_may_be_without_a_network(world):
    small_base(world)
    world.compose("""
        services:
          web:
            build:
              dockerfile_inline: |
                FROM shop/base:1
                RUN cat /proc/net/dev
              network: none
        """)
    done = world.cmp("build", timeout=100)
    lines = [line for line in done.err.splitlines() if ": " in line and " | " in line and "STEP" not in line]
    expect_equal([line.split("|")[1].split(":")[0].strip() for line in lines if line.rstrip().endswith(" 0")], ["lo"], "devices")
    with open(world.dir + "/compose.yaml", encoding="utf-8") as file:
        text = file.read()
    world.write("compose.yaml", text.replace("network: none", "network: front"))
    expect_in("network 'front' is none that builds can have: host, none", world.cmp("build", code=1).err)


def builds_run_side_by_side_and_after_what_they_need(world):
    small_base(world)
    world.compose("""
        services:
          last:
            build:
              dockerfile_inline: |
                FROM shop/first
                COPY --from=two /made /second
              additional_contexts: {two: service:second}
            command: cat /made /second
          first: {image: shop/first, build: {dockerfile_inline: "FROM shop/base:1\\nRUN sleep 0.5; echo 1 > /made\\n"}}
          second: {build: {dockerfile_inline: "FROM shop/base:1\\nRUN sleep 0.5; echo 2 > /made\\n"}}
        """)
    err = world.cmp("build", timeout=100).err
    places = [err.index(text) for text in ("first | STEP 2", "second | STEP 2", "first | COMMIT", "second | COMMIT",
                                           "last | STEP 1")]
    expect(max(places[:2]) < min(places[2:4]), "one after the other: " + err)
    expect(max(places[2:4]) < places[4], "too early: " + err)
    world.cmp("up", "-d", "last")
    eventually(lambda: world.cmp("logs", "--no-log-prefix", "last").out == "1\n2\n", "what it is made of")
    world.down()


def a_build_that_fails_says_where_and_the_others_stay(world):
    small_base(world)
    world.compose("""
        services:
          bad:
            build: {dockerfile_inline: "FROM shop/base:1\\nRUN echo trouble; exit 3\\n"}
          good:
            build: {dockerfile_inline: "FROM shop/base:1\\nRUN true\\n"}
        """)
    done = world.cmp("build", code=1, timeout=100)
    expect_in("compose.yaml:4:12: service 'bad': build: building at STEP \"RUN echo trouble; exit 3\"", done.err)
    expect_in("bad | trouble", done.err)
    expect_in("Image %s-good:latest Built" % world.name, done.err)
    quiet = world.cmp("build", "-q", "bad", code=1, timeout=100)
    expect_in("trouble", quiet.err, "what a quiet build says when it fails")


def up_builds_what_runs_here(world):
    small_base(world)
    world.compose("""
        services:
          web:
            build: {dockerfile_inline: "FROM shop/base:1", platforms: [linux/riscv64]}
        """)
    expect_in("platforms does not have 'linux/", world.cmp("up", "-d", code=1).err)


def the_quickstart_that_builds_its_application(world):
    need_buildah()
    hub.stand_in(world, "nginx", "python", "redis")
    world.name = "quickstart-build"
    for name in ("quickstart", "quickstart-build"):
        shutil.copytree(hub.TREE + "/compose-examples/" + name, "%s/%s" % (world.top, name))
    world.dir = world.top + "/quickstart-build"
    world.cmp("up", "-d", timeout=100, env={"GREETING": "Servus"})

    def visit():
        with urllib.request.urlopen("http://127.0.0.1:8080/", timeout=5) as answer:
            return answer.read().decode()

    expect_equal(eventually(visit, "the page"), "Servus: you are visitor number 1.\n", "page")
    expect_equal(world.cmp("exec", "-T", "app", "id", "-u").out, "1000\n", "user")
    expect("Building" not in world.cmp("up", "-d", env={"GREETING": "Servus"}).err, "it was built again")
    world.down("-v")


SCENARIOS = [
    every_word_of_build_is_carried_out, a_build_may_be_without_a_network, builds_run_side_by_side_and_after_what_they_need,
    a_build_that_fails_says_where_and_the_others_stay, up_builds_what_runs_here,
    the_quickstart_that_builds_its_application,
]
