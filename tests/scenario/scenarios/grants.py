"""Secrets and configs: exact owner and mode, in memory only, and a changed content is noticed."""
import os
import signal

from world import eventually, expect, expect_equal, expect_in

CANARY = "canary-%d-of-the-secret" % os.getpid()
SHOP = """
    services:
      web:
        x-rootfs: host
        read_only: true
        command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
        stop_grace_period: 5s
        restart: always
        secrets:
          - password
          - {source: password, target: renamed, uid: "1005", gid: "1006", mode: 0440}
          - {source: token, target: /etc/token}
        configs:
          - site
          - {source: inline, target: /etc/app.ini, mode: 0400}
      other:
        x-rootfs: host
        command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]
        secrets: [token]
    secrets:
      password: {file: ./password.txt}
      token: {environment: TOKEN}
    configs:
      site: {file: ./site.conf}
      inline: {content: "colour=${COLOUR:-red}"}
    """


def shop(world):
    world.compose(SHOP)
    world.write("password.txt", CANARY)
    world.write("site.conf", "a site\n")


def up(world, *arguments, token="t0ken", **options):
    return world.cmp("up", "-d", *arguments, env={"TOKEN": token}, **options)


def inside(world, *command):
    return world.cmp("exec", "-T", "web", *command).out


def look_of(world, path):
    return inside(world, "stat", "-c", "%u:%g %a", path).strip() + " " + inside(world, "cat", path)


def they_have_their_owner_mode_and_content(world):
    shop(world)
    up(world)
    for path, look in (("/run/secrets/password", "0:0 444 " + CANARY), ("/run/secrets/renamed", "1005:1006 440 " + CANARY),
                       ("/etc/token", "0:0 444 t0ken"), ("/site", "0:0 444 a site\n"),
                       ("/etc/app.ini", "0:0 400 colour=red")):
        expect_equal(look_of(world, path), look, path)
        expect_in("Read-only", world.cmp("exec", "-T", "web", "sh", "-c", "echo x > %s" % path, code=2).err, path)
        expect_equal(inside(world, "stat", "-f", "-c", "%T", path).strip(), "tmpfs", "where %s is" % path)
    world.down()


# All that tells something; what they exit with is of no matter here.
TELLING = [words.split() for words in (
    "config", "config --format json", "config --explain", "config --no-interpolate", "config --hash *", "config --variables",
    "ps -a", "ps --format json", "ls -a", "inspect web other", "why web", "top", "stats --no-stream", "images", "port web 80",
    "volumes", "volume ls", "network ls", "network inspect default", "graph --network", "doctor", "logs -t", "version",
    "up -d --dry-run", "plan", "history", "diff 1 2", "diff", "down --dry-run", "restart --dry-run", "events --since 1h --until 1s",
    "run --rm web true", "run --rm nobody", "exec web nothing", "exec -T web env", "cp web:/nowhere .", "up -d --wait",
    "create --force-recreate", "start", "restart other", "resume", "rollback 1", "kill other", "up -d")]


def files_below(*directories):
    for directory in directories:
        for parent, _, names in os.walk(directory):
            paths = [os.path.join(parent, name) for name in names]
            yield from (path for path in paths if os.path.isfile(path) and not os.path.islink(path))


def of_our_processes(world):
    """What anybody may see of guardian and supervisor in /proc."""
    for role in ("guardian", "supervisor"):
        yield from ("/proc/%d/%s" % (world.role(role), name) for name in ("cmdline", "environ", "comm", "mountinfo"))


def expect_nowhere(world, texts):
    for path in (*files_below(world.run_dir, world.state_dir), *of_our_processes(world)):
        with open(path, "rb") as file:
            texts[path] = file.read().decode("utf-8", "replace")
    for place, text in texts.items():
        for canary in (CANARY, CANARY[::-1]):
            expect(canary not in text, "it is in %s: %r" % (place, text[max(0, text.find(canary) - 200):][:400]))


def a_secret_is_nowhere_but_in_its_services(world):
    shop(world)
    token = CANARY[::-1]
    texts = {"up": up(world, token=token).text}
    world.write("site.conf", "another site\n")
    texts["a changed up"] = up(world, token=token).text
    for words in TELLING:
        texts[" ".join(words)] = world.cmp(*words, env={"TOKEN": token}, code=None).text
    expect_nowhere(world, texts)
    os.kill(world.role("supervisor"), signal.SIGKILL)
    world.cmp("ps")
    world.compose(SHOP.replace('command: ["sh"', 'command: ["no-such-program"', 1))
    expect_nowhere(world, {"an up that fails": up(world, token=token, code=None).text})
    shop(world)
    up(world, token=token)
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        expect("granted" not in mounts.read(), "a mount of the host's shows it")
    expect(CANARY not in world.cmp("exec", "-T", "other", "sh", "-c", "cat /run/secrets/*").out, "others see it")
    world.down()


def a_changed_content_recreates_its_consumers_only(world):
    shop(world)
    up(world)
    before = world.pids("web", "other")
    expect_in("Nothing to do", up(world).text)
    world.write("password.txt", "new")
    expect_in("content of secret password changed", up(world, "--dry-run").out)
    up(world)
    expect_equal(inside(world, "cat", "/run/secrets/password"), "new", "what it reads")
    after = world.pids("web", "other")
    expect(before["web"] != after["web"] and before["other"] == after["other"], "who was recreated: %s" % after)
    up(world, token="other")
    expect(after["web"] != world.pid("web") and after["other"] != world.pid("other"), "both have the token")
    world.down()


def they_outlive_the_supervisor_and_a_restart(world):
    shop(world)
    up(world)
    os.kill(world.role("supervisor"), signal.SIGKILL)
    pid = world.pid("web")
    eventually(lambda: world.cmp("ps").code == 0, "a new supervisor")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: world.pid("web") not in (0, pid, None), "it is started again")
    eventually(lambda: world.cmp("exec", "-T", "web", "cat", "/etc/token", code=None).out == "t0ken", "its token")
    world.cmp("restart", "other")
    expect_equal(world.cmp("exec", "-T", "other", "cat", "/run/secrets/token").out, "t0ken", "after a restart")
    world.down()


def what_is_missing_is_said_before_anything_starts(world):
    shop(world)
    os.rename(os.path.join(world.dir, "password.txt"), os.path.join(world.dir, "pasword.txt"))
    done = world.cmp("up", "-d", code=1)
    expect_in("compose.yaml:", done.err)
    expect_in("secrets.password: file '%s/password.txt' does not exist (did you mean '%s/pasword.txt'?)"
              % (world.dir, world.dir),
              done.err)
    expect_in("secrets.token: environment variable 'TOKEN' is not set", done.err)
    expect_equal(world.project_left(), [], "what was made")
    world.compose("""
        services: {a: {x-rootfs: host, command: sleep 1000, secrets: [{source: s, uid: nobody}]}}
        secrets: {s: {environment: TOKEN}}
        """)
    expect_in("secret 's': uid 'nobody' is no number", up(world, code=1).err)


def an_external_one_is_the_administrators(world):
    world.compose("""
        services: {a: {x-rootfs: host, command: sleep 1000, secrets: [key], configs: [{source: c, target: /c}]}}
        secrets: {key: {external: true, name: team-key}}
        configs: {c: {external: true}}
        """)
    done = world.cmp("up", "-d", code=1)
    expect_in("it is external, and '%s/external/secrets/team-key' is not there" % world.state_dir, done.err)
    for kind, name, text in (("secrets", "team-key", "k"), ("configs", "c", "conf")):
        os.makedirs("%s/external/%s" % (world.state_dir, kind), exist_ok=True)
        with open("%s/external/%s/%s" % (world.state_dir, kind, name), "w", encoding="utf-8") as file:
            file.write(text)
    world.cmp("up", "-d")
    expect_equal(world.cmp("exec", "-T", "a", "cat", "/run/secrets/key", "/c").out, "kconf", "both")
    expect_equal(world.cmp("run", "--rm", "a", "cat", "/c").out, "conf", "a one-off")
    world.down()


SCENARIOS = [they_have_their_owner_mode_and_content, a_secret_is_nowhere_but_in_its_services,
             a_changed_content_recreates_its_consumers_only, they_outlive_the_supervisor_and_a_restart,
             what_is_missing_is_said_before_anything_starts, an_external_one_is_the_administrators]
