"""build: by buildah, on a base image from a registry."""
import json
import os
import shutil
import struct
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


def what_only_dockers_format_has_is_kept(world):
    small_base(world)
    world.compose("""
        services:
          child: {build: {dockerfile_inline: "FROM shop/first\\nRUN cat /inherited\\n"}}
          first:
            image: shop/first
            pull_policy: never
            stop_grace_period: 0s
            build:
              dockerfile_inline: |
                FROM shop/base:1
                HEALTHCHECK --interval=1s --retries=2 CMD test -e /bin/sh
                ONBUILD RUN echo yes > /inherited
                CMD ["sleep", "100"]
        """)
    world.cmp("up", "-d", "--wait", "first", timeout=100)
    check = json.loads(world.cmp("inspect", "first").out)[0]["Config"]["Healthcheck"]
    expect_equal((check["Test"], check["Retries"]), (["CMD-SHELL", "test -e /bin/sh"], 2), "health check")
    expect_in("child | yes", world.cmp("build", "child", timeout=100).err)
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


def what_is_built_on_and_shared_is_built_first(world):
    small_base(world)
    world.compose("""
        services:
          again: {image: shop/web, network_mode: none, command: cat /made, depends_on: [web]}
          web:
            image: shop/web
            network_mode: none
            command: cat /made
            build:
              dockerfile_inline: |
                FROM shop/base:1
                COPY --from=parts /made /made
              additional_contexts: {parts: service:parts}
              args: {WORD: file}
          parts: {build: {dockerfile_inline: "FROM shop/base:1\\nARG WORD=none\\nRUN echo $$WORD > /made\\n", args: [WORD]}}
        """)
    env = {"WORD": "caller"}
    one = world.cmp("build", "parts", env=env, timeout=100).err
    expect_in("parts:latest Built", one, "progress")
    expect("shop/web" not in one, "another one was built: " + one)
    world.cmp("up", "-d", "again", env=env, timeout=100)
    for service in ("again", "web"):
        eventually(lambda: world.cmp("logs", "--no-log-prefix", service, env=env).out == "caller\n", "what it is made of")
    world.cmp("build", "--build-arg", "WORD=flag", "web", env=env, timeout=100)
    expect_equal(world.cmp("run", "--rm", "-T", "again", env=env).out, "flag\n", "--build-arg")
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


def program_for_arm():
    """An ELF file of nothing but exit(0)."""
    code = struct.pack("<III", 0xD2800BA8, 0xD2800000, 0xD4000001)  # mov x8, #93; mov x0, #0; svc #0
    size = 64 + 56 + len(code)
    head = struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, 0x400000 + 64 + 56, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return b"\x7fELF\2\1\1" + bytes(9) + head + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096) + code


def another_machines_image_is_built_as_far_as_nothing_of_it_runs(world):
    need_buildah()
    if oci.architecture() != "amd64" or os.path.exists("/proc/sys/fs/binfmt_misc/qemu-aarch64"):
        raise Skip("this machine runs programs of arm64")
    small_base(world)
    directories = [(name, None) for name in ("bin", "etc", "proc", "sys", "dev", "tmp")]
    oci.docker_archive(world.dir + "/arm.tar", "shop/base:1", [directories + [("bin/sh", program_for_arm())]],
                       {"Env": ["PATH=/bin"]}, machine="arm64")
    world.cmp("load", "-q", "-i", "arm.tar")
    world.write("page", "hello\n")
    world.compose("""
        services:
          web:
            image: shop/web:1
            build:
              dockerfile_inline: |
                FROM shop/base:1
                COPY page /page
              platforms: [linux/amd64, linux/arm64]
            command: cat /page
        """)
    world.cmp("build", timeout=100)
    images = json.loads(world.cmp("images", "--all", "--format", "json").out)
    expect_equal(sorted(image["Platform"] for image in images if image["Repository"] == "shop/web"),
                 ["linux/amd64", "linux/arm64"], "platforms of what was built")
    world.cmp("up")
    world.down()
    with open(world.dir + "/compose.yaml", encoding="utf-8") as file:
        text = file.read()
    world.write("compose.yaml", text.replace("COPY page /page", "RUN true"))
    failed = world.cmp("build", code=1, timeout=100).err
    expect_in("built for aarch64, this host is x86_64; it would run with the package qemu-user-static", failed, "the error")
    expect_in("build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: linux/riscv64",
              world.cmp("build", code=1, env={"DOCKER_DEFAULT_PLATFORM": "linux/riscv64"}).err, "another platform")


def options_for_other_builders_are_refused_in_words(world):
    world.compose("services: {web: {build: {dockerfile_inline: FROM scratch}}}")
    for flag, text in {"--builder=mine": "--builder: there is no builder 'mine': images are built by buildah",
                       "--check": "--check: buildah does not check Dockerfiles without building them",
                       "--print": "--print: there is no bake file", "--sbom=true": "--sbom: buildah makes no attestations",
                       "--provenance=mode=max": "--provenance: buildah makes no attestations",
                       "--memory=much": "--memory: 'much' is no size such as 512m"}.items():
        expect_in(text, world.cmp("build", flag, code=1).err, flag)


def up_builds_what_runs_here(world):
    small_base(world)
    world.compose("""
        services:
          web:
            build: {dockerfile_inline: "FROM shop/base:1", platforms: [linux/riscv64]}
        """)
    expect_in("platforms does not have 'linux/", world.cmp("up", "-d", code=1).err)


def create_and_run_build_first_if_asked(world):
    small_base(world)
    compose = """
        services:
          web:
            build:
              dockerfile_inline: |
                FROM shop/base:1
                ARG WORD=%s
                RUN echo $$WORD > /word
            command: cat /word
            network_mode: none
        """
    world.compose(compose % "one")
    expect_in("it may not be fetched", world.cmp("create", "--no-build", code=1).err)
    world.cmp("build", "--quiet", "--builder", "default", "--provenance=false", "-m", "64m", "--parallel", timeout=100)
    built = world.cmp("images", "-a", "-q").out
    expect("Building" not in world.cmp("create", timeout=100).err, "it was built again")
    world.compose(compose % "two")
    expect_equal(world.cmp("run", "--rm", "-T", "web").out, "one\n", "what is here")
    expect_equal(world.cmp("run", "--rm", "-T", "--build", "--quiet-build", "web", timeout=100).out, "two\n", "what was built")
    expect(world.cmp("images", "-a", "-q").out != built, "the image is the same")
    world.compose(compose % "three")
    expect_in("Removed", world.cmp("create", "--build", timeout=100).err, "a new image")
    expect_in("--build and --no-build are incompatible", world.cmp("create", "--build", "--no-build", code=1).err)
    world.down()


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
    what_only_dockers_format_has_is_kept, what_is_built_on_and_shared_is_built_first,
    a_build_that_fails_says_where_and_the_others_stay, up_builds_what_runs_here,
    another_machines_image_is_built_as_far_as_nothing_of_it_runs, options_for_other_builders_are_refused_in_words,
    create_and_run_build_first_if_asked,
    the_quickstart_that_builds_its_application,
]
