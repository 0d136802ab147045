"""pre_start, post_start and pre_stop: when they run, what fails with them, where their output is."""
from world import expect, expect_equal, expect_in

ALL = """
    services:
      web:
        x-rootfs: host
        command: ['sh', '-c', 'cat /shared/order; exec sleep 1000']
        scale: 2
        volumes: ['shared:/shared']
        environment: {OF: service}
        restart: unless-stopped
        pre_start:
          - {command: ['sh', '-c', 'echo "first $$OF"; echo first >> /shared/order'], environment: {OF: hook}}
          - {command: ['sh', '-c', 'echo second >> /shared/order']}
          - {command: ['sh', '-c', 'echo each >> /shared/order'], per_replica: true}
        post_start:
          - {command: ['sh', '-c', 'echo in $$PWD as $$(id -u); echo started >> /shared/order'], user: '65534:0',
             working_dir: /tmp}
        pre_stop:
          - {command: ['sh', '-c', 'echo bye; echo stopped >> /shared/order']}
    volumes: {shared: {}}
    """


def lines(world):
    """What the hooks have written into the volume."""
    return world.cmp("exec", "-T", "web", "cat", "/shared/order").out.split()


def hooks_run_in_order_once_or_for_each(world):
    world.compose(ALL.replace("user: '65534:0',\n             ", ""))
    world.cmp("up", "-d")
    expect_equal(sorted(lines(world)), sorted(["first", "second", "each", "each", "started", "started"]), "the hooks")
    expect_equal(lines(world)[:2], ["first", "second"], "the first hooks")
    expect_equal(sorted(world.ps("-a")), ["web"], "containers of hooks are gone")
    text = world.cmp("logs", "--no-color").out
    expect_in("web pre_start[0] -> | first hook\n", text, "logs")
    expect_in("web-1 -> | in /tmp as 0\n", text, "logs")

    world.cmp("up", "-d")
    expect_equal(len(lines(world)), 6, "lines after a second up")
    world.cmp("restart")
    expect_equal(sorted(lines(world)[6:]), ["started", "started", "stopped", "stopped"], "hooks of a restart")
    world.cmp("up", "-d", "--force-recreate")
    expect_equal(sorted(lines(world)[10:]),
                 ["each", "each", "first", "second", "started", "started", "stopped", "stopped"], "of a re-creation")
    world.cmp("stop")
    world.cmp("start")
    expect_in("first", lines(world)[20:], "hooks of a start")
    world.down("-v")


def a_hook_that_fails_fails_up(world):
    service = """
        services:
          test:
            x-rootfs: host
            command: sleep 1000
            %s
        """
    world.compose(service % "post_start: [{command: ['sh', '-c', 'echo no disk >&2; exit 3']}]")
    expect_in("test hook exited with status 3: no disk", world.cmp("up", "-d", code=1).err)
    expect_equal(world.ps()["test"]["State"], "running", "the service")
    world.down()
    world.compose(service % "post_start: [{command: [/does/not/exist]}]")
    done = world.cmp("up", "-d", code=1)
    expect_in("test hook exited with status 127", done.err)
    expect_in("compose.yaml:6:", done.err, "its place in the file")
    world.down()
    world.compose(service % "pre_start: [{command: ['sh', '-c', 'echo no table; exit 17']}]")
    expect_in('service "test" pre_start[0] exited with code 17: no table', world.cmp("up", "-d", code=1).err)
    expect_in("Created", world.cmp("ps", "-a").out, "the service")
    world.down()


def a_pre_stop_that_fails_calls_the_command_off(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            volumes: ['.:/here']
            pre_stop: [{command: ['test', '-e', '/here/may-go']}]
        """)
    world.cmp("up", "-d")
    before = world.pid("a")
    for command in ("stop", "down", "restart"):
        expect_in("a hook exited with status 1", world.cmp(command, code=1).err, command)
        expect_equal(world.pid("a"), before, "the process after " + command)
    world.write("may-go", "")
    world.down()


def attached_output_of_hooks_has_their_name(world):
    world.compose("""
        services:
          web:
            x-rootfs: host
            command: ['sh', '-c', 'sleep 0.2']
            post_start: [{command: echo hello}]
        """)
    out = world.cmp("up").out
    expect_in("web-1 -> | hello\n", out)
    expect_in("web-1 exited with code 0\n", out)
    expect("web-1  | " not in out, "lines of the service in: " + out)
    world.down()


SCENARIOS = [hooks_run_in_order_once_or_for_each, a_hook_that_fails_fails_up,
             a_pre_stop_that_fails_calls_the_command_off, attached_output_of_hooks_has_their_name]
