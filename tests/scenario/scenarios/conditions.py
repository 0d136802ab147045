"""depends_on conditions and health."""
from world import eventually, expect, expect_equal, expect_in


def pair(check, condition="service_healthy", command="sleep 1000"):
    return """
        services:
          db:
            x-rootfs: host
            command: %s
            %s
          web:
            x-rootfs: host
            command: sleep 1000
            depends_on: {db: {condition: %s}}
        """ % (command, check, condition)


HEALTHY_AFTER_A_WHILE = "healthcheck: {test: 'test -e /tmp/ok', interval: 1s, start_period: 20s, start_interval: 50ms}"
NEVER = "healthcheck: {test: ['CMD', 'false'], interval: 50ms, retries: 2}"


def a_dependant_waits_for_health(world):
    world.compose(pair(HEALTHY_AFTER_A_WHILE, command="['sh', '-c', 'sleep 0.5; touch /tmp/ok; exec sleep 1000']"))
    world.cmp("up", "-d")
    expect_equal(world.ps()["db"]["Health"], "healthy", "health")
    gap = world.record("web")["started_at"] - world.record("db")["started_at"]
    expect(0.45e9 < gap < 2e9, "web started %.2f s after db" % (gap / 1e9))
    world.down()


def an_unhealthy_dependency_fails_up(world):
    world.compose(pair(NEVER))
    done = world.cmp("up", "-d", code=1)
    expect_in("dependency failed to start: container %s-db-1 is unhealthy" % world.name, done.err)
    expect(world.ps().get("web", {}).get("State") in (None, "created"), "web runs")
    world.down()


def a_failing_probe_says_what_it_wrote(world):
    world.compose(pair("healthcheck: {test: ['CMD-SHELL', 'echo no disk; exit 3'], interval: 50ms, retries: 2}"))
    expect_in("is unhealthy: its probe exited 3 (no disk)", world.cmp("up", "-d", code=1).err)
    probes = world.record("db")["probes"]
    expect_equal((probes[-1]["exit_code"], probes[-1]["output"]), (3, "no disk\n"), "the last probe of the record")
    world.down()


def a_probe_that_hangs_is_killed_and_said(world):
    check = "healthcheck: {test: ['CMD-SHELL', 'echo waiting; sleep 100'], interval: 50ms, timeout: 50ms, retries: 1}"
    world.compose(pair(check))
    expect_in("its probe was killed (waiting cmp: the probe exceeded its timeout)",
              world.cmp("up", "-d", code=1).err)
    world.down()


def an_exited_dependency_fails_up(world):
    world.compose(pair(HEALTHY_AFTER_A_WHILE, command="['sh', '-c', 'exit 3']"))
    expect_in("dependency failed to start: container %s-db-1 exited (3)" % world.name,
              world.cmp("up", "-d", code=1).err)
    world.down()


def a_dependency_without_a_healthcheck_fails_up(world):
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, healthcheck: {test: 'true', retries: -1}}}\n")
    expect_in("compose.yaml:1:", world.cmp("up", "-d", code=1).err)
    expect_in("healthcheck: retries -1 is below 0", world.cmp("up", "-d", code=1).err)
    world.compose("services: {a: {x-rootfs: host, command: sleep 1000, x-restart-unhealthy: true}}\n")
    expect_in("x-restart-unhealthy has no effect: there is no healthcheck", world.cmp("up", "-d").err)
    expect_in('service "a" has no container #7', world.cmp("logs", "--index", "7", "a", code=1).err)
    world.down()
    world.compose(pair(""))
    expect_in("which has no healthcheck", world.cmp("up", "-d", code=1).err)
    world.down()


def a_dependant_waits_for_completion(world):
    world.compose(pair("", "service_completed_successfully", "['sh', '-c', 'sleep 0.3; exit 0']"))
    world.cmp("up", "-d")
    expect(world.record("web")["started_at"] > world.record("db")["finished_at"], "web started before db had ended")
    world.down()


def a_failed_completion_fails_up(world):
    world.compose(pair("", "service_completed_successfully", "['sh', '-c', 'exit 5']"))
    expect_in('service "db" didn\'t complete successfully: exit 5', world.cmp("up", "-d", code=1).err)
    world.down()


def health_goes_down_and_up_again(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            healthcheck: {test: 'test ! -e /tmp/ill', interval: 50ms, retries: 2}
        """)
    world.cmp("up", "-d")
    for command, health in (("true", "healthy"), ("touch /tmp/ill", "unhealthy"), ("rm /tmp/ill", "healthy")):
        world.cmp("exec", "-T", "a", "sh", "-c", command)
        eventually(lambda: world.ps()["a"]["Health"] == health, "the service is " + health)
    world.down()


def a_probe_that_hangs_is_ended_after_its_time(world):
    world.compose("""
        services:
          a:
            x-rootfs: host
            command: sleep 1000
            healthcheck: {test: 'sleep 600', interval: 50ms, timeout: 200ms, retries: 1}
        """)
    world.cmp("up", "-d")
    eventually(lambda: world.ps()["a"]["Health"] == "unhealthy", "the service is unhealthy")
    world.down()


def wait_returns_when_all_are_healthy(world):
    world.compose(pair(HEALTHY_AFTER_A_WHILE, "service_started",
                       "['sh', '-c', 'sleep 0.3; touch /tmp/ok; exec sleep 1000']"))
    world.cmp("up", "-d", "--wait")
    expect_equal(world.ps()["db"]["Health"], "healthy", "health when up --wait returned")
    world.down()


SCENARIOS = [
    a_dependant_waits_for_health, an_unhealthy_dependency_fails_up, a_failing_probe_says_what_it_wrote,
    a_probe_that_hangs_is_killed_and_said, an_exited_dependency_fails_up,
    a_dependency_without_a_healthcheck_fails_up, a_dependant_waits_for_completion, a_failed_completion_fails_up,
    health_goes_down_and_up_again, a_probe_that_hangs_is_ended_after_its_time, wait_returns_when_all_are_healthy,
]
