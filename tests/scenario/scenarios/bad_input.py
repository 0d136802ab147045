"""What is wrong gives one clear message, a non-zero exit, and the machine stays as it was."""
import os
import signal
import socket
import subprocess

from sandbox import Snapshot
from world import Skip, eventually, expect, expect_equal, expect_in


def refused(world, *fragments, command=("up", "-d"), **options):
    """The command fails, says each fragment on standard error, and has changed nothing."""
    before = Snapshot(world)
    done = world.cmp(*command, code=None, **options)
    expect(done.code not in (0, None) and 0 < done.code < 126, "cmp %s: exit %s" % (" ".join(command), done.code))
    for fragment in fragments:
        expect_in(fragment, done.err, "the message")
    from sandbox import expect_as_before
    expect_as_before(before, world)
    expect_equal(world.project_left(), [], "left of the project")
    return done


def no_file(world):
    refused(world, "no configuration file")


def an_empty_file(world):
    path = world.write("compose.yaml", "")
    refused(world, "empty", path)


def invalid_yaml(world):
    world.write("compose.yaml", "services:\n  a: [unclosed\n  b: x\n")
    refused(world, "compose.yaml:")


def an_unknown_key_names_the_nearest(world):
    world.write("compose.yaml", "services:\n  a:\n    image: x\n    enviroment: {A: b}\n")
    refused(world, "compose.yaml:4:5", "'enviroment'", "environment")


def an_unknown_service_in_depends_on(world):
    world.write("compose.yaml", "services:\n  a:\n    x-rootfs: host\n    command: sleep 9\n    depends_on: [databse]\n"
                "  database: {image: x}\n")
    refused(world, "compose.yaml:5:", "databse")


def a_cycle_is_printed_as_a_path(world):
    world.write("compose.yaml", """
        services:
          a: {image: x, depends_on: [b]}
          b: {image: x, depends_on: [c]}
          c: {image: x, depends_on: [a]}
        """)
    refused(world, "a -> b -> c -> a")


def a_missing_bind_source(world):
    world.write("compose.yaml", """\
        services:
          a:
            x-rootfs: host
            command: sleep 9
            volumes:
              - {type: bind, source: ./absent, target: /x, bind: {create_host_path: false}}
        """)
    refused(world, "compose.yaml:6:", "absent")


def a_missing_bind_source_of_the_short_form_is_made(world):
    """As Docker does; it belongs to who has called sudo, and the message names what was perhaps meant."""
    world.write("compose.yaml", """\
        services:
          a:
            x-rootfs: host
            command: sleep 9
            volumes: ["./datta/deep:/x"]
        """)
    os.makedirs(world.dir + "/data")
    done = world.cmp("up", "-d", env={"SUDO_UID": "1234", "SUDO_GID": "1235"})
    expect_in("compose.yaml:5:15: service 'a': bind source path '%s/datta/deep' does not exist" % world.dir, done.err)
    for made in ("datta", "datta/deep"):
        info = os.stat("%s/%s" % (world.dir, made))
        expect_equal((info.st_uid, info.st_gid), (1234, 1235), "owner of " + made)
    world.down()


def a_bind_source_made_by_an_up_that_fails_goes_again(world):
    world.write("compose.yaml", """\
        services:
          a:
            x-rootfs: host
            command: /no/such/program
            volumes: ["./dat/deep:/x"]
        """)
    os.makedirs(world.dir + "/data")
    refused(world, "/no/such/program", "compose.yaml:5:15")
    expect_equal(sorted(os.listdir(world.dir)), ["compose.yaml", "data"], "the project's directory")


def two_services_on_one_port(world):
    world.write("compose.yaml", """\
        services:
          a: {x-rootfs: host, command: sleep 9, ports: ["127.0.0.1:18083:80"]}
          b: {x-rootfs: host, command: sleep 9, ports: ["18083:80"]}
        """)
    refused(world, "compose.yaml:3:", "published by service 'a' (%s/compose.yaml:2:" % world.dir)


def an_address_that_is_not_the_hosts(world):
    world.write("compose.yaml", """\
        services:
          a: {x-rootfs: host, command: sleep 9, ports: ["203.0.113.5:18083:80"]}
        """)
    done = refused(world, "this host has no address 203.0.113.5")
    expect_equal(done.err.count("203.0.113.5:18083/tcp"), 1, "times it is told: " + done.err)
    expect("warning" not in done.err, "a warning as well: " + done.err)


def health_of_a_service_that_nobody_probes(world):
    world.write("compose.yaml", """\
        services:
          a: {x-rootfs: host, command: sleep 9, depends_on: {b: {condition: service_healthy}}}
          b: {x-rootfs: host, command: sleep 9}
        """)
    done = refused(world, "compose.yaml:2:", "'b'", "healthcheck")
    expect("Creating" not in done.err, "something was made: " + done.err)


def no_command(world):
    world.write("compose.yaml", "services:\n  a:\n    x-rootfs: host\n")
    done = refused(world, "compose.yaml:2:3: service 'a': x-rootfs needs a command")
    expect("Creating" not in done.err, "something was made: " + done.err)


def too_little_memory_to_be_set_up(world):
    world.write("compose.yaml", "services:\n  a:\n    x-rootfs: host\n    command: sleep 9\n    mem_limit: 4k\n")
    refused(world, "compose.yaml:5:5: service 'a':", "no service runs with less than 6 MiB")


def a_user_and_a_directory_that_are_not_there(world):
    head = "services:\n  a:\n    x-rootfs: host\n    command: sleep 9\n    "
    for key, value in (("user", "nobodyx"), ("working_dir", "/etc/passwd"), ("group_add", "[nogroupx]")):
        world.write("compose.yaml", "%s%s: %s\n" % (head, key, value))
        done = refused(world, "compose.yaml:5:5: service 'a':", value.strip("[]"))
        expect_equal(done.err.count("service 'a'"), 1, "times it is told: " + done.err)


def children_of(pid):
    return set(open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii").read().split())


def many_that_fail_at_once_all_say_why(world):
    count = 24
    base = "services:\n  base: {x-rootfs: host, command: sleep 1000, stop_signal: SIGKILL}\n"
    world.write("compose.yaml", base)
    world.cmp("up", "-d")
    world.write("compose.yaml", base + "".join(
        "  s%d: {x-rootfs: host, command: sleep 9, user: nobodyx}\n" % i for i in range(count)))
    guardian, supervisor = world.role("guardian"), world.role("supervisor")
    before = children_of(guardian)
    for _ in range(10):
        up = world.start("up", "-d")
        # The supervisor hears nothing until some have said their last words and are gone: all of it comes at once then.
        while up.poll() is None and len(children_of(guardian) - before) < 4:
            pass
        os.kill(supervisor, signal.SIGSTOP)
        try:
            eventually(lambda: children_of(guardian) == before, "those that were begun have ended")
        finally:
            os.kill(supervisor, signal.SIGCONT)
        err = up.communicate(timeout=30)[1].decode()
        expect_equal((up.returncode, err.count("has no user 'nobodyx'")), (1, count), "exit code, reasons told: " + err)
    world.down()


def a_file_without_services(world):
    path = world.write("compose.yaml", "name: x\n")
    refused(world, path, "no service")


def a_missing_program(world):
    world.write("compose.yaml", "services:\n  a:\n    x-rootfs: host\n    command: /no/such/program --flag\n")
    done = world.cmp("up", "-d", code=None)
    expect(done.code != 0, "up succeeded")
    expect_in("/no/such/program", done.err)
    expect_in("compose.yaml:4:", done.err)
    world.down()
    expect_equal(world.project_left(), [], "left of the project")


def a_port_somebody_else_holds_is_named_with_its_holder(world):
    world.write("compose.yaml", """\
        services:
          a:
            x-rootfs: host
            command: sleep 9
            ports: ["127.0.0.1:18081:80"]
        """)
    with socket.create_server(("127.0.0.1", 18081)):
        done = world.cmp("up", "-d", code=None)
        expect(done.code != 0, "up succeeded")
        expect_in("18081", done.err)
        expect_in("compose.yaml:5:", done.err)
        expect_in("pid %d" % os.getpid(), done.err, "the message (who holds the port)")
    world.down()


def a_subnet_the_host_uses(world):
    world.write("compose.yaml", """\
        services:
          a: {x-rootfs: host, command: sleep 9, networks: [n]}
        networks:
          n:
            ipam: {config: [{subnet: 127.0.0.0/8}]}
        """)
    done = world.cmp("up", "-d", code=None)
    expect(done.code != 0, "up succeeded")
    expect_in("127.0.0.0/8", done.err)
    world.down()


def not_root(world):
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    os.chmod(world.dir, 0o755)
    binary = world.binary
    if subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", binary, "version"],
                      capture_output=True, check=False).returncode == 126:
        world.binary = world.top + "/cmp"
        subprocess.run(["cp", binary, world.binary], check=True)
    done = refused(world, "root", wrapper=("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))
    expect("ermission denied" not in done.err.split("root")[0], "the message starts with a symptom: " + done.err)


def root_without_capabilities(world):
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    refused(world, "CAP_SYS_ADMIN", wrapper=("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"))


def a_state_directory_that_cannot_be_made(world):
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    refused(world, "/proc/nope", env={"CMP_STATE_DIR": "/proc/nope"})


def relative_directories_of_the_environment(world):
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    env = {"CMP_RUN_DIR": "../run", "CMP_STATE_DIR": "../state"}
    world.cmp("up", "-d", env=env)
    world.pid("a")
    world.down()


def config_needs_no_root(world):
    world.write("compose.yaml", "services: {a: {image: x}}\n")
    world.cmp("config", wrapper=("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))


def no_cgroup_to_write(world):
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    refused(world, "cgroup", wrapper=("unshare", "--mount", "sh", "-c", "umount -R /sys/fs/cgroup && exec \"$@\"", "sh"))


def no_overlay(world):
    """A file system type cannot be taken away from a kernel; a state directory that cannot carry an upper layer can."""
    world.write("compose.yaml", "services: {a: {x-rootfs: host, command: sleep 9}}\n")
    below = world.top + "/lower"
    for name in ("lower", "up", "work", "state"):
        os.makedirs(world.top + "/" + name, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s/up,workdir=%s/work" % (
        below, world.top, world.top), world.state_dir], capture_output=True, check=False)
    if mounted.returncode:
        raise Skip("cannot mount an overlay here: %s" % mounted.stderr.decode().strip())
    try:
        done = world.cmp("up", "-d", code=None)
        expect(done.code != 0, "up succeeded on an overlay")
        expect_in("overlay", done.err)
        world.down()
    finally:
        subprocess.run(["umount", world.state_dir], check=False)


def an_unknown_command_or_flag(world):
    done = world.cmp("uup", code=None)
    expect(done.code != 0, "'uup' succeeded")
    expect_in("up", done.err)
    done = world.cmp("up", "--detatch", code=None)
    expect(done.code != 0, "'--detatch' succeeded")
    expect_in("--detatch", done.err)


def every_problem_of_a_file_is_told_at_once(world):
    world.write("compose.yaml", "services:\n  a: {imagee: x}\n  b: {comand: y}\n")
    refused(world, "compose.yaml:2:", "compose.yaml:3:")


def problems_of_every_phase_and_file_are_told_together(world):
    """Syntax, a variable, the schema, a short form, a reference, an env file, in three files; nothing that only follows."""
    world.write(".env", "good=1\nbad name=2\n")
    world.write("inner.yaml", "services:\n  inner: {image: x, cap_add: ALL}\n")
    world.write("compose.yaml", """\
        include: [inner.yaml]
        services:
          a: {imgae: x}
          b: {image: "x:${MISSING:?set it}", depends_on: [nobody]}
          c:
            image: x
            ports: ["80:eighty"]
            image: y
        """)
    done = refused(world, ".env:2:4:", "inner.yaml:2:30:", "compose.yaml:3:7:", "compose.yaml:4:51:",
                   "nobody", "compose.yaml:7:13:", "eighty",
                   "compose.yaml:8:5:",
                   command=("config", "-q"))
    expect("missing a value" not in done.err, "a variable is missing that the broken .env may have: " + done.err)
    expect("neither an image" not in done.err, "a misspelt image is said to be missing, too: " + done.err)
    expect_in("\n    " + " " * 6 + "^\n", done.err, "a caret under the key")


def standard_input_has_lines_too(world):
    done = refused(world, "-:1:16:", "services: {a: {imgae: x}}\n", command=("-f", "-", "config", "-q"),
                   stdin="services: {a: {imgae: x}}\n")
    expect_in("^", done.err)


SCENARIOS = [
    no_file, an_empty_file, invalid_yaml, an_unknown_key_names_the_nearest, an_unknown_service_in_depends_on,
    a_cycle_is_printed_as_a_path, a_missing_bind_source, a_missing_program,
    a_missing_bind_source_of_the_short_form_is_made, a_bind_source_made_by_an_up_that_fails_goes_again,
    two_services_on_one_port, an_address_that_is_not_the_hosts, health_of_a_service_that_nobody_probes, no_command,
    too_little_memory_to_be_set_up, a_user_and_a_directory_that_are_not_there, many_that_fail_at_once_all_say_why,
    a_file_without_services,
    a_port_somebody_else_holds_is_named_with_its_holder, a_subnet_the_host_uses, not_root, root_without_capabilities,
    a_state_directory_that_cannot_be_made, relative_directories_of_the_environment, config_needs_no_root,
    no_cgroup_to_write, no_overlay, an_unknown_command_or_flag, every_problem_of_a_file_is_told_at_once,
    problems_of_every_phase_and_file_are_told_together, standard_input_has_lines_too,
]
