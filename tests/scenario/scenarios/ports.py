"""Published ports in all their forms: where they are, how they are shown, who has one already."""
import socket
import subprocess
import urllib.request

from world import Skip, eventually, expect, expect_equal, expect_in

FORMS = """
    services:
      web:
        x-rootfs: host
        command: [sh, -c, "python3 -m http.server 81 & exec python3 -m http.server 80"]
        stop_signal: SIGKILL
        ports:
          - "18200:80"
          - "18201-18203:80"
          - "127.0.0.1:18204:80"
          - "[::1]:18205:80"
          - "18206-18207:80-81"
          - {target: 80, published: "18208", mode: host, host_ip: 127.0.0.2}
          - "18209:80/udp"
          - "82"
    """


def get(address, port):
    try:
        with urllib.request.urlopen("http://%s:%s/" % (address, port), timeout=2) as answer:
            return answer.status
    except OSError:
        return 0


def every_form_is_bound_and_shown_where_it_is(world):
    taken = socket.create_server(("127.0.0.1", 18201))
    world.compose(FORMS)
    world.cmp("up", "-d")
    shown = world.ps()["web"]
    where = {(port["URL"], port["PublishedPort"], port["TargetPort"], port["Protocol"]) for port in shown["Publishers"]}
    chosen = {port for url, port, target, _ in where if target == 82}
    expect_equal(len(chosen), 1, "the port that was chosen for 82: %s" % chosen)
    both = [(18200, 80, "tcp"), (18202, 80, "tcp"), (18206, 80, "tcp"), (18207, 81, "tcp"), (18209, 80, "udp"),
            (chosen.pop(), 82, "tcp")]
    one = {("127.0.0.1", 18204, 80, "tcp"), ("::1", 18205, 80, "tcp"), ("127.0.0.2", 18208, 80, "tcp")}
    expect_equal(where, one | {(url, *port) for port in both for url in ("0.0.0.0", "::")}, "the publishers")
    for text in ("0.0.0.0:18200->80/tcp, ", "[::]:18200->80/tcp", "[::1]:18205->80/tcp", "[::]:18209->80/udp"):
        expect_in(text, shown["Ports"] + ", ")
    expect_equal(world.cmp("port", "web", "82").out, "0.0.0.0:%d\n" % both[-1][0], "port")
    expect_equal(world.cmp("port", "--protocol", "udp", "web", "80").out, "0.0.0.0:18209\n", "port of udp")
    eventually(lambda: get("127.0.0.1", 18207) and get("127.0.0.1", 18200), "the servers")
    reached = {(address, port) for port in (18200, 18202, 18203, 18204, 18205, 18206, 18207, 18208)
               for address in ("127.0.0.1", "[::1]", "127.0.0.2") if get(address, port)}
    everywhere = {(address, port) for port in (18200, 18202, 18206, 18207) for address in ("127.0.0.1", "[::1]", "127.0.0.2")}
    expect_equal(sorted(reached), sorted(everywhere | {("127.0.0.1", 18204), ("[::1]", 18205), ("127.0.0.2", 18208)}),
                 "what answers")
    taken.close()
    world.down()


WRONG = [
    ('["18210:80", "18210:81"]', "5:", ["18210", "published by service 'a'"]),
    ('["127.0.0.1:18210:80", "18210:81"]', "5:", ["18210", "published by service 'a'"]),
    ('["18211:80"]', "5:", ["port 18211/tcp on 0.0.0.0", "held by python3 (pid "]),
    ('["18211-18211:80"]', "5:", ["held by python3 (pid "]),
    ('["203.0.113.9:18210:80"]', "5:", ["this host has no address 203.0.113.9"]),
    ('[{target: 80, published: "18210", protocol: xyz}]', "5:", ["a protocol is one of tcp, udp, sctp"]),
    ('["18210-18212:80-81"]', "5:", ["invalid ranges"]),
    ('["70000:80"]', "5:", ["70000"]),
]


def what_cannot_be_published_is_refused_with_its_place_and_nothing_is_made(world):
    holder = subprocess.Popen(["python3", "-c", "import socket,time; s=socket.create_server(('127.0.0.1',18211)); "
                               "print(flush=True); time.sleep(99)"], stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        for ports, place, told in WRONG:
            world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    ports: %s\n" % ports)
            text = world.cmp("up", "-d", code=1).text
            for words in told:
                expect_in(words, text)
            expect_in("compose.yaml:" + place, text)
            expect("Creat" not in text, "something was made: " + text)
    finally:
        holder.kill()
        holder.wait()


def a_port_of_sctp_is_refused_where_the_kernel_has_none(world):
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
        raise Skip("this kernel has SCTP")
    except OSError:
        pass
    world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    ports: ['18210:80/sctp']\n")
    for words in (["up", "-d"], ["--dry-run", "up", "-d"]):
        text = world.cmp(*words, code=1).text
        expect_in("compose.yaml:5:13", text)
        expect_in("service 'a': port 80/sctp: this kernel has no SCTP", text)


SCENARIOS = [every_form_is_bound_and_shown_where_it_is,
             what_cannot_be_published_is_refused_with_its_place_and_nothing_is_made,
             a_port_of_sctp_is_refused_where_the_kernel_has_none]
