"""What comes back after a reboot, and who takes over: resume, enable, disable, another build of cmp."""
import os
import re
import shutil
import signal

from world import eventually, expect, expect_equal, expect_in

POLICIES = """
    services:
      always: {x-rootfs: host, command: sleep 1000, restart: always, depends_on: {base: {condition: service_healthy}}}
      unless: {x-rootfs: host, command: sleep 1000, restart: unless-stopped}
      stopped: {x-rootfs: host, command: sleep 1000, restart: unless-stopped}
      failing: {x-rootfs: host, command: sleep 1000, restart: on-failure}
      base: {x-rootfs: host, command: sleep 1000, x-ready: 'file:/bin/sh'}
    """


def reboot(world):
    """What is left of a project when the machine has been switched off: its state directory."""
    pids = list(world.pids(*(name for name, entry in world.ps().items() if entry["State"] == "running")).values())
    for role in ("guardian", "supervisor"):
        os.kill(world.role(role), signal.SIGSTOP)
    for pid in pids + [world.role("guardian"), world.role("supervisor")]:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in pids), "nothing runs")
    with open("/proc/mounts", encoding="utf-8") as mounts:
        places = [line.split()[1] for line in mounts if line.split()[1].startswith(world.run_dir)]
    for place in reversed(places):
        os.system("umount -l '%s'" % place)
    os.system("ip link show type bridge | grep -o '^[0-9]*: [^:@]*' | cut -d' ' -f2 | xargs -r -n1 ip link del")
    shutil.rmtree(world.run_dir)


def policies_say_what_comes_back(world):
    world.compose(POLICIES)
    world.cmp("up", "-d")
    world.cmp("stop", "stopped", "always")
    reboot(world)
    done = world.cmp("resume")
    expect_equal({name: entry["State"] for name, entry in world.ps().items()},
                 {"always": "running", "unless": "running", "base": "running"}, "what came back")
    expect(world.record("always")["started_at"] > world.record("base")["probes"][-1]["end"], "it did not wait: " + done.err)
    expect_in("Nothing to resume", world.cmp("resume").err)
    world.down()
    expect_in("nothing to resume: project", world.cmp("resume", code=1).err)


def both_roles_killed_and_services_too(world):
    world.compose(POLICIES)
    world.cmp("up", "-d")
    pids = world.pids("unless", "failing", "base")
    for role in ("guardian", "supervisor"):
        os.kill(world.role(role), signal.SIGSTOP)
    roles = [world.role("guardian"), world.role("supervisor")]
    for pid in roles + [pids["unless"], pids["base"]]:
        os.kill(pid, signal.SIGKILL)
    world.cmp("resume")
    eventually(lambda: world.ps()["unless"]["State"] == "running", "it runs again")
    expect_equal(world.pid("failing"), pids["failing"], "the process of a service that was not touched")
    expect_in("how is unknown", world.cmp("why", "base").out)
    world.down()


def a_unit_resumes_the_project(world):
    world.compose(POLICIES)
    expect_in("'cmp up -d' first", world.cmp("enable", "--unit-dir", world.top + "/units", code=1).err)
    world.cmp("up", "-d", "unless")
    world.cmp("enable", "--unit-dir", world.top + "/units")
    unit = "%s/units/cmp-%s.service" % (world.top, world.name)
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    expect_in('--project-name %s resume\n' % world.name, text)
    expect_in('Environment="CMP_STATE_DIR=%s"\n' % world.state_dir, text)
    link = "%s/units/multi-user.target.wants/cmp-%s.service" % (world.top, world.name)
    expect_equal(os.path.realpath(link), os.path.realpath(unit), "the link of its target")
    world.cmp("disable", "--unit-dir", world.top + "/units")
    expect(not os.path.lexists(unit) and not os.path.lexists(link), "the unit is still there")
    expect_in("is not enabled", world.cmp("disable", "--unit-dir", world.top + "/units", code=1).err)
    if not os.path.exists("/run/systemd/system"):
        expect_in("does not run systemd", world.cmp("enable", code=1).err)
    world.down()


def another_build_takes_over(world):
    """A copy with another build id: the services go on, guardian and supervisor are that program."""
    world.compose("""
        services:
          a: {x-rootfs: host, command: ['sh', '-c', 'while sleep 0.1; do echo tick; done'], tty: true, ports: ['127.0.0.1:0:80']}
          b: {x-rootfs: host, command: sleep 1000, profiles: [later]}
        """)
    world.cmp("up", "-d")
    before = world.pid("a")
    roles = (world.role("guardian"), world.role("supervisor"))
    other = world.top + "/cmp"
    with open(world.binary, "rb") as file:
        program = file.read()
    note = re.search(rb"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", program)
    at = note.end()
    with open(other, "wb") as file:
        file.write(program[:at] + bytes([program[at] ^ 0xff]) + program[at + 1:])
    os.chmod(other, 0o755)
    mine, world.binary = world.binary, other
    world.cmp("up", "-d", "b")
    world.binary = mine
    expect_equal(world.pid("a"), before, "the process of the service")
    expect_equal(world.role("guardian"), roles[0], "the process of the guardian")
    expect(world.role("supervisor") != roles[1], "the supervisor is as before")
    for role in ("guardian", "supervisor"):
        with open("/proc/%d/exe" % world.role(role), "rb") as file:
            expect(file.read(at + 1)[at] == program[at] ^ 0xff, "the %s is of the old build" % role)
    count = len(world.cmp("logs", "a").out.splitlines())
    eventually(lambda: len(world.cmp("logs", "a").out.splitlines()) > count, "lines come on")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: world.ps()["a"]["Status"].startswith("Exited (137)"), "its exit is seen")
    world.down()


SCENARIOS = [policies_say_what_comes_back, both_roles_killed_and_services_too, a_unit_resumes_the_project,
             another_build_takes_over]
