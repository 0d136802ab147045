"""Images from registries: a real one, and one that fails in every way that registries do."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

import oci
import registry
import tokens
from world import eventually, expect, expect_equal, expect_in


def layout_of(world, size=300_000):
    layout = oci.Layout(world.dir + "/app")
    # Bytes that do not pack: the blob is as large as they are.
    noise = os.urandom(size)
    layout.add("1", [oci.busybox(), [("noise", noise)]], {"Cmd": ["sleep", "1000"]})
    return layout


def compose(world, image, more=""):
    world.compose("services:\n  web:\n    image: %s\n%s" % (image, more))


def pull_from(world, fault, code=0, layout=None, env=None):
    """One pull of the image from a registry with this fault."""
    faulty = registry.Faulty(layout or layout_of(world), fault)
    try:
        compose(world, faulty.address + "/app:1")
        return faulty, world.cmp("pull", code=code, env=env)
    finally:
        faulty.close()


def up_fetches_what_is_missing_from_a_real_registry(world):
    real = registry.Real(world)
    real.push(layout_of(world), "app")
    compose(world, real.address + "/app:1")
    expect_in("image %s/app:1: pull" % real.address, world.cmp("up", "--dry-run").out, "dry run")
    expect(not os.path.exists(world.state_dir + "/images/index.json"), "a dry run has fetched something")
    expect_in("Pulled", world.cmp("up", "-d").err, "progress")
    expect_in(real.address + "/app", world.cmp("images").out, "images")
    expect_equal(json.loads(world.cmp("images", "--format", "json").out)[0]["Tag"], "1", "tag")
    expect("Pulled" not in world.cmp("up", "-d").err, "it was fetched again")
    expect_in("Pulled", world.cmp("up", "-d", "--pull", "always").err, "progress")
    world.down()


def a_registry_with_a_certificate_and_a_password(world):
    real = registry.Real(world, tls=True, password=True)
    real.push(layout_of(world), "app")
    compose(world, real.address + "/app:1")
    expect_in("certificate", world.cmp("pull", code=1).err, "an unknown certificate")
    world.write("registries.json", json.dumps({real.address: {"ca_file": real.top + "/ca.crt"}}))
    known = {"CMP_REGISTRIES": world.dir + "/registries.json"}
    expect_in("answered 401", world.cmp("pull", code=1, env=known).err, "no login")
    expect_in("wants a login", world.cmp("pull", code=1, env=known).err, "no login")
    wrong = {**known, "DOCKER_CONFIG": real.docker_config(world, "wrong")}
    expect_in("answered 401", world.cmp("pull", code=1, env=wrong).err, "a wrong password")
    right = {**known, "DOCKER_CONFIG": real.docker_config(world)}
    world.cmp("pull", env=right)
    world.cmp("pull", "--no-tls-verify", env={"DOCKER_CONFIG": right["DOCKER_CONFIG"]})


def a_credential_helper_is_asked_for_the_password(world):
    real = registry.Real(world, password=True)
    real.push(layout_of(world), "app")
    compose(world, real.address + "/app:1")
    env = real.credential_helper(world)
    world.cmp("pull", env=env)
    with open(world.dir + "/asked", encoding="ascii") as file:
        expect_equal(set(file), {"get %s\n" % real.address}, "what the helper was asked")
    world.write("bin/docker-credential-scenario", "#!/bin/sh\necho broken; exit 1\n", 0o755)
    expect_in("'docker-credential-scenario' failed: broken", world.cmp("pull", code=1, env=env).err)
    os.remove(world.dir + "/bin/docker-credential-scenario")
    expect_in("is not installed", world.cmp("pull", code=1, env=env).err)


def a_token_server_is_asked_what_is_needed(world):
    server = tokens.TokenServer(world.top + "/tokens", registry.USER, registry.PASSWORD)
    try:
        real = registry.Real(world, auth=server.settings())
        login = {"DOCKER_CONFIG": real.docker_config(world)}
        name = real.address + "/team/app:1"
        world.write("Dockerfile", "FROM scratch\n")
        oci.docker_archive(world.dir + "/docker.tar", name, [oci.busybox()], {"Cmd": ["sleep", "1000"]})
        world.cmp("load", "-q", "-i", "docker.tar")
        compose(world, name, "    build: .\n")
        expect_in("answered 401", world.cmp("push", code=1).err, "a push of nobody's")
        world.cmp("push", env=login)
        asked = {(who, ",".join(sorted(scope.rpartition(":")[2].split(",")))) for who, scope in server.asked}
        expect_in((registry.USER, "pull,push"), asked, "what was asked for the push")
        world.cmp("rmi", name)
        compose(world, name)
        world.cmp("pull")
        expect_in((None, "repository:team/app:pull"), server.asked, "what was asked for an anonymous pull")
        server.anonymous = ()
        expect_in("answered 401", world.cmp("pull", code=1).err, "an anonymous pull that is not allowed")
        world.cmp("pull", env=login)
        wrong = {"DOCKER_CONFIG": real.docker_config(world, "wrong")}
        expect_in("wrong password", world.cmp("pull", code=1, env=wrong).err, "a wrong password")
    finally:
        server.close()


def what_was_built_is_pushed_and_comes_back(world):
    real = registry.Real(world)
    name = real.address + "/team/app:2"
    world.write("Dockerfile", "FROM scratch\n")
    oci.docker_archive(world.dir + "/docker.tar", name, [oci.busybox()], {"Cmd": ["sleep", "1000"]})
    world.cmp("load", "-q", "-i", "docker.tar")
    compose(world, name, "    build: .\n")
    expect_in("Pushed", world.cmp("push").err, "progress")
    world.cmp("rmi", name)
    compose(world, name)
    world.cmp("up", "-d")
    world.down()


def a_cut_connection_is_gone_on_with(world):
    """Cut at every quarter of a blob: what has come is not asked for again."""
    def fault(handler, data, count):
        ends = [end for end in (len(data) * part // 4 for part in (1, 2, 3)) if end > registry.begin_of(handler)]
        return len(data) > 100_000 and ends and registry.cut(handler, data, ends[0])
    faulty, _ = pull_from(world, fault)
    expect(sum(1 for wanted in faulty.ranges if wanted) >= 3, "it has not asked for parts: %s" % faulty.ranges)


def a_download_of_an_earlier_run_is_gone_on_with(world):
    layout = layout_of(world)
    faulty, done = pull_from(world, lambda handler, data, count: len(data) > 100_000 and (
        registry.begin_of(handler) == 0 and registry.cut(handler, data, len(data) // 2) or
        registry.begin_of(handler) > 0 and (handler.answer(404) or True)), code=1, layout=layout)
    expect_in("answered 404", done.err)
    parts = [name for name in os.listdir(world.state_dir + "/images/part") if name.startswith("blob-")]
    expect(parts, "nothing of it was kept")
    faulty, _ = pull_from(world, None, layout=layout)
    expect(any(faulty.ranges), "it has begun anew: %s" % faulty.ranges)


def a_registry_without_ranges_is_asked_for_all_of_it(world):
    def fault(handler, data, count):
        if len(data) < 100_000:
            return False
        if count < 4 and not handler.headers.get("Range"):
            return registry.cut(handler, data, len(data) // 2)
        handler.answer(200, data)
        return True
    pull_from(world, fault)


def names_become_the_digests_that_they_have_now(world):
    """`config --resolve-image-digests`: asked of the registry, read from a layout, or from the store."""
    layout = layout_of(world)
    digest = layout.manifests[0]["digest"]
    asked = registry.Faulty(layout)
    name = asked.address + "/app"
    world.compose("services:\n  a: {image: '%s:1'}\n  b: {image: '%s:1@%s'}\n  c: {image: 'oci:app:1'}\n  d: {build: .}\n"
                  % (name, name, digest))
    pinned = json.loads(world.cmp("config", "--resolve-image-digests", "--format", "json").out)["services"]
    expect_equal({key: value.get("image") for key, value in pinned.items()},
                 {"a": "%s:1@%s" % (name, digest), "b": "%s@%s" % (name, digest),
                  "c": "oci:%s/app:1@%s" % (world.dir, digest), "d": None}, "images")
    expect(not any("/blobs/" in path for path in asked.asked), "more than a name was asked for: %s" % asked.asked)
    world.cmp("config", "--lock-image-digests", "-o", "lock.yaml")
    with open(world.dir + "/lock.yaml", encoding="utf-8") as file:
        expect_equal(file.read().split()[:4], ["services:", "a:", "image:", "%s:1@%s" % (name, digest)], "the lock")
    world.cmp("-f", "compose.yaml", "-f", "lock.yaml", "pull", "a")
    # What is locked is what is taken, wherever the name leads by then.
    layout.add("1", [[("other", "other")]], {"Cmd": ["sleep", "1000"]})
    world.cmp("-f", "lock.yaml", "pull", "c")
    with open(world.state_dir + "/images/index.json", encoding="utf-8") as file:
        expect_equal({entry["digest"] for entry in json.load(file)["manifests"]}, {digest}, "what was fetched")
    world.compose("services:\n  a: {image: '%s:1@%s', pull_policy: never}\n  n: {image: x, pull_policy: never}\n"
                  "  r: {image: '%s:9'}\n" % (name, digest, name))
    done = world.cmp("config", "--resolve-image-digests", code=1)
    asked.close()
    expect_in("compose.yaml:3:", done.err, "a place")
    expect_in("service 'n': image 'x:latest': it is not here", done.err)
    expect_in("service 'r': image '%s:9': " % name, done.err)
    expect_in("--no-interpolate", world.cmp("config", "--lock-image-digests", "--no-interpolate", code=1).err)


def passing_trouble_passes(world):
    def fault(handler, data, count):
        if count == 0:
            handler.answer(503)
        elif count == 1:
            handler.answer(429, Retry_After="1")
        elif count == 2:
            handler.connection.close()
            handler.close_connection = True
        return count < 3
    pull_from(world, fault)


def lasting_trouble_is_said_in_words(world):
    def refuse(handler, data, count):
        handler.answer(403, b'{"errors":[{"code":"DENIED","message":"not yours"}]}')
        return True
    _, done = pull_from(world, refuse, code=1)
    expect_in("answered 403 (DENIED: not yours): this login may not do that", done.err)
    faulty = registry.Faulty(layout_of(world))
    compose(world, faulty.address + "/app:9")
    expect_in("answered 404 (MANIFEST_UNKNOWN: manifest unknown): it has no such image", world.cmp("pull", code=1).err)
    done = world.cmp("pull", "--ignore-pull-failures")
    expect_in("warning: ", done.err)
    faulty.close()
    compose(world, "127.0.0.1:1/app:1")
    expect_in("couldn't connect", world.cmp("pull", code=1).err.lower(), "nobody there")


def a_registry_that_is_down_or_wants_rest_is_said_in_words(world):
    layout = layout_of(world)
    for code, words in ((500, "answered 500"), (429, "too many requests")):
        def refuse(handler, data, count, code=code):
            handler.answer(code, b'{"errors":[{"code":"TOOMANYREQUESTS","message":"rate exceeded"}]}', Retry_After="0")
            return True
        _, done = pull_from(world, refuse, code=1, layout=layout)
        expect_in(words, done.err.lower())


def killed_at_any_moment_the_next_pull_is_whole(world):
    layout = oci.Layout(world.dir + "/app")
    files = [("f/%04d" % number, "%d" % number * 100) for number in range(700)]
    layout.add("1", [oci.busybox(), [("noise", os.urandom(200_000))], files],
               {"Cmd": ["sh", "-c", "ls /f | wc -l; exec sleep 1000"]})
    faulty = registry.Faulty(layout)
    try:
        compose(world, faulty.address + "/app:1")
        begin = time.monotonic()
        world.cmp("pull", "-q")
        whole = time.monotonic() - begin
        dice = random.Random(7)
        for _ in range(50):
            shutil.rmtree(world.state_dir + "/images", ignore_errors=True)
            kill_at(world, dice.random() * whole)
        for _ in range(10):  # and what earlier ones left is gone on with
            kill_at(world, dice.random() * whole)
        world.cmp("up", "-d")
    finally:
        faulty.close()
    eventually(lambda: world.cmp("logs", "--no-log-prefix").out.strip() == "700", "all files are there")
    world.down()
    world.cmp("gc")
    expect_equal(os.listdir(world.state_dir + "/images/part"), [], "what was under way")


def kill_at(world, seconds):
    process = world.start("pull", "-q")
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    # The worker is told of it by its parent's death.
    eventually(lambda: subprocess.run(["pgrep", "-x", "cmp-transfer"], stdout=subprocess.DEVNULL,
                                      check=False).returncode == 1, "the worker has ended")


def damage_on_the_way_is_noticed(world):
    def spoil(times):
        def fault(handler, data, count):
            if len(data) < 100_000 or times[0] == 0:
                return False
            times[0] -= 1
            begin = registry.begin_of(handler)
            bad = bytearray(data)
            bad[len(bad) // 2] ^= 1
            handler.answer(206 if begin else 200, bytes(bad[begin:]),
                           **({"Content_Range": "bytes %d-%d/%d" % (begin, len(data) - 1, len(data))} if begin else {}))
            return True
        return fault
    _, done = pull_from(world, spoil([1000]), code=1)
    expect_in("sent other content", done.err)
    expect_equal(os.listdir(world.state_dir + "/images/layers"), [], "layers out of damaged blobs")
    pull_from(world, spoil([1]))


def more_than_was_promised_is_not_taken(world):
    def fault(handler, data, count):
        handler.answer(200, data + b"x" * 1000)
        return True
    _, done = pull_from(world, fault, code=1)
    expect_in("sends more than the", done.err)


def a_slow_registry_is_waited_for(world):
    def fault(handler, data, count):
        if len(data) < 100_000:
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        for at in range(0, len(data), 50_000):
            handler.wfile.write(data[at:at + 50_000])
            handler.wfile.flush()
        return True
    pull_from(world, fault)


def two_at_once_share_what_they_fetch(world):
    layout = layout_of(world)
    faulty = registry.Faulty(layout)
    try:
        compose(world, faulty.address + "/app:1")
        first, second = world.start("pull", "-q"), world.start("pull", "-q")
        expect_equal((first.wait(timeout=30), second.wait(timeout=30)), (0, 0), "exit codes")
    finally:
        faulty.close()
    blobs = [path for path in faulty.asked if "/blobs/" in path]
    expect_equal(len(blobs), len(set(blobs)), "a blob was fetched twice: %s" % blobs)
    world.cmp("up", "-d")
    eventually(lambda: world.ps()["web"]["State"] == "running", "it runs")
    world.down()


def images_come_side_by_side(world):
    layout = layout_of(world, 20_000)
    layout.add("2", [oci.busybox(), [("other", "x" * 1000)]], {"Cmd": ["true"]})
    alone = []

    def until_both_have_begun(handler, data, count):
        deadline = time.monotonic() + 10
        while len({path for path in faulty.asked if "/manifests/" in path}) < 2:
            if time.monotonic() > deadline:
                return alone.append(handler.path)
            time.sleep(0.01)
        return False

    faulty = registry.Faulty(layout, until_both_have_begun)
    world.compose("services: {a: {image: '%s/app:1'}, b: {image: '%s/app:2'}}" % (faulty.address, faulty.address))
    done = world.cmp("pull")
    faulty.close()
    expect_equal(done.err.count(" Pulled"), 2, "images: " + done.err)
    expect_equal(alone, [], "what was fetched before the other image was asked for")
    expect_equal(len(world.cmp("images", "-aq").out.split()), 2, "images in the store")


def only_who_moves_images_pays_for_libcurl(world):
    """cmp itself starts without it and without the thirty libraries it needs; cmp-transfer has them."""
    def libraries(program):
        done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
        return [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    worker = libraries(os.path.dirname(world.binary) + "/cmp-transfer")
    expect([name for name in worker if name.startswith("libcurl")], "cmp-transfer has no libcurl: %s" % worker)
    own = libraries(world.binary)
    expect_equal([name for name in own if name.startswith(("libcurl", "libssl", "libarchive"))], [], "libraries of cmp")
    expect(len(own) * 2 < len(worker), "cmp has %d libraries, cmp-transfer %d" % (len(own), len(worker)))


SCENARIOS = [
    up_fetches_what_is_missing_from_a_real_registry, a_registry_with_a_certificate_and_a_password,
    a_credential_helper_is_asked_for_the_password, a_token_server_is_asked_what_is_needed,
    what_was_built_is_pushed_and_comes_back, a_cut_connection_is_gone_on_with,
    a_download_of_an_earlier_run_is_gone_on_with, a_registry_without_ranges_is_asked_for_all_of_it,
    passing_trouble_passes, lasting_trouble_is_said_in_words, a_registry_that_is_down_or_wants_rest_is_said_in_words,
    killed_at_any_moment_the_next_pull_is_whole, damage_on_the_way_is_noticed,
    more_than_was_promised_is_not_taken, a_slow_registry_is_waited_for,
    two_at_once_share_what_they_fetch, names_become_the_digests_that_they_have_now,
    only_who_moves_images_pays_for_libcurl, images_come_side_by_side,
]
