"""A service with update_config is replaced in turn, without a failed request, and taken back if it does not come up."""
import http.client
import json
import os
import signal
import socket
import threading
import time

from world import eventually, expect, expect_equal, expect_in

SERVER = """
import http.server, os, signal, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = os.environ["VERSION"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if ending.is_set():
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
ending = threading.Event()
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
server = Server(("", 80), Handler)
def end(*arguments):
    ending.set()
    threading.Timer(0.3, os._exit, (0,)).start()
signal.signal(signal.SIGTERM, end)
server.serve_forever()
"""

FILE = """
    services:
      web:
        x-rootfs: host
        command: [python3, -c, %s]
        environment: {VERSION: "%s"}
        ports: ["%d:80"]
        stop_grace_period: 1s
        healthcheck: {test: ["CMD", "python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1/')"], interval: 1s, retries: 2}
        deploy:
          replicas: 2
          update_config: {order: %s, parallelism: 1, failure_action: %s}
          rollback_config: {parallelism: 0}
    """


def file_of(version, port, order="start-first", action="rollback", program=SERVER):
    return FILE % (json.dumps(program.strip().replace("$", "$$")), version, port, order, action)


class Client(threading.Thread):
    """Asks again and again; a connection that the server has announced to close, or has closed between two requests, is
    no failure."""

    def __init__(self, address, port, keep):
        super().__init__(daemon=True)
        self.address, self.port, self.keep = address, port, keep
        self.failures, self.answers, self.ended = [], {}, threading.Event()

    def run(self):
        connection = None
        while not self.ended.is_set():
            reused = connection is not None
            try:
                connection = connection or http.client.HTTPConnection(self.address, self.port, timeout=5)
                connection.request("GET", "/")
                answer = connection.getresponse()
                version = answer.read().decode()
                self.answers[version] = self.answers.get(version, 0) + 1
                if answer.will_close or not self.keep:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                # As every client does with a connection that was idle.
                if not reused:
                    self.failures.append(repr(error))
                connection = None
            time.sleep(0.002)

    def end(self):
        self.ended.set()
        self.join()


def host_address():
    """One of the host's own, which the packet filter leads on; 127.0.0.1 is served by the supervisor."""
    for line in os.popen("ip -4 -o addr show scope global").read().splitlines():
        return line.split()[3].split("/")[0]
    return "127.0.0.1"


def under_load(port, act):
    clients = [Client(address, port, keep) for address in ("127.0.0.1", host_address()) for keep in (True, False)]
    for client in clients:
        client.start()
    try:
        act()
    finally:
        for client in clients:
            client.end()
    for client in clients:
        expect_equal(client.failures[:5], [], "failed requests at %s (keep-alive: %s) of %s" % (
            client.address, client.keep, client.answers))
    return clients


def names(world):
    lines = world.cmp("ps", "--format", "json").out.splitlines()
    return sorted(json.loads(line)["Name"] for line in lines)


def no_request_fails_while_versions_change(world):
    port = 18451
    world.compose(file_of("1", port))
    world.cmp("up", "-d", "--wait")
    expected = names(world)

    def roll():
        for version, order in (("2", "start-first"), ("3", "stop-first")):
            world.compose(file_of(version, port, order))
            plan = world.cmp("plan").out
            expect_in("recreate in turn web", plan)
            expect_in("environment.VERSION", plan)
            world.cmp("up", "-d")
            expect_equal(names(world), expected, "containers after version %s" % version)
            expect_in("Nothing to do", world.cmp("plan").err)
        world.compose(file_of("bad", port, program="import time\ntime.sleep(1000)"))
        failed = world.cmp("up", "-d", code=1)
        expect_in("update of service 'web'", failed.err)
        expect_in("unhealthy", failed.err)
        expect_equal(names(world), expected, "containers after a bad version")

    clients = under_load(port, roll)
    for client in clients:
        expect({"1", "2", "3"} <= set(client.answers), "versions seen: %s" % client.answers)
        expect("bad" not in client.answers, "a bad version answered")
    world.compose(file_of("3", port, "stop-first"))
    world.cmp("up", "-d")
    expect_in("Nothing to do", world.cmp("plan").err)
    world.down()


def what_was_replaced_comes_back(world):
    text = """
        services:
          a:
            x-rootfs: host
            command: [sh, -c, "trap 'exit 0' TERM; [ $$V = 1 ] || [ ! -e /shared/seen ] || exit 1; [ $$V = 1 ] || touch /shared/seen; while :; do sleep 0.02; done"]
            environment: {V: "%s"}
            volumes: ["shared:/shared"]
            stop_grace_period: 1s
            deploy:
              replicas: 3
              update_config: {parallelism: 1, monitor: 300ms, failure_action: %s}
        volumes: {shared: {}}
        """
    world.compose(text % (1, "rollback"))
    world.cmp("up", "-d")
    world.compose(text % (2, "rollback"))
    failed = world.cmp("up", "-d", code=1)
    expect_in("rolled back", failed.err)
    for number in (1, 2, 3):
        expect_equal(world.record("a", number)["definition"]["environment"]["V"], "1", "version of %d" % number)
        world.pid("a", number)
    world.cmp("exec", "-T", "a", "rm", "/shared/seen")
    world.compose(text % (2, "pause"))
    world.cmp("up", "-d", code=1)
    versions = [world.record("a", number)["definition"]["environment"]["V"] for number in (1, 2, 3)]
    expect_equal(versions, ["2", "2", "1"], "paused at the one that failed")
    world.cmp("exec", "-T", "--index", "1", "a", "rm", "/shared/seen")
    world.compose((text % (2, "continue")).replace("[ ! -e /shared/seen ] || exit 1; ", ""))
    world.cmp("up", "-d")
    expect_equal(len(names(world)), 3, "all of them at last")
    world.down("-v")


def killed_in_the_middle_it_ends_as_declared(world):
    port = 18452
    world.compose(file_of("1", port))
    world.cmp("up", "-d", "--wait")
    world.compose(file_of("2", port))
    process = world.start("--progress", "plain", "up", "-d")
    for told in process.stderr:
        if b"web-1 Stopp" in told:
            break
    victims = [world.role("guardian"), world.role("supervisor")]
    process.kill()
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    world.cmp("up", "-d")
    for number in (1, 2):
        expect_equal(world.record("web", number)["definition"]["environment"]["VERSION"], "2", "version")
    eventually(lambda: len(names(world)) == 2, "no container more than declared")
    expect_in("Nothing to do", world.cmp("plan").err)
    with socket.create_connection(("127.0.0.1", port), 5):
        pass
    world.down()


def a_job_runs_once(world):
    text = """
        services:
          job:
            x-rootfs: host
            command: [sh, -c, "echo ran >>/data/log; exit 0"]
            environment: {N: "%d"}
            volumes: ["data:/data"]
            deploy: {mode: replicated-job, replicas: 2}
          one: {x-rootfs: host, command: "sleep 1000", deploy: {mode: global}}
        volumes: {data: {}}
        """
    log = "%s/volumes/%s_data/_data/log" % (world.state_dir, world.name)

    def lines():
        with open(log, encoding="utf-8") as file:
            return len(file.readlines())

    world.compose(text % 1)
    world.cmp("up", "-d")
    eventually(lambda: os.path.exists(log) and lines() == 2, "both have run")
    eventually(lambda: world.ps()["job"]["State"] == "exited", "it has ended")
    expect_in("Nothing to do", world.cmp("up", "-d").err)
    expect_equal(lines(), 2, "runs")
    world.compose(text % 2)
    world.cmp("up", "-d")
    eventually(lambda: lines() == 4, "both have run again")
    world.down("-v")


SCENARIOS = [no_request_fails_while_versions_change, what_was_replaced_comes_back,
             killed_in_the_middle_it_ends_as_declared, a_job_runs_once]
