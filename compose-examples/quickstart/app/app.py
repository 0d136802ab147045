"""Counts visits in redis. Python's standard library only; redis is spoken to by hand, its protocol is that simple."""
import http.server
import os
import signal
import socket
import sys

GREETING = os.environ.get("GREETING", "Hello")
REDIS = (os.environ.get("REDIS_HOST", "redis"), 6379)
LAST_VISIT = os.path.join(os.environ.get("SHARED_DIR", "/srv/shared"), "last-visit.txt")


def redis(*words):
    """One command, one answer: `*2 $4 INCR $6 visits` goes out, `:42` comes back."""
    request = b"*%d\r\n" % len(words)
    for word in words:
        data = str(word).encode()
        request += b"$%d\r\n%s\r\n" % (len(data), data)
    with socket.create_connection(REDIS, timeout=5) as connection, connection.makefile("rb") as answer:
        connection.sendall(request)
        line = answer.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        if kind == b"$":
            return None if rest == b"-1" else answer.read(int(rest)).decode()
        raise RuntimeError("redis says: " + (line.decode().strip() or "nothing"))


def remember(visits):
    """Replaces the file that nginx serves as a whole, so that nobody reads half of it."""
    with open(LAST_VISIT + ".new", "w", encoding="utf-8") as file:
        file.write("visit %d\n" % visits)
    os.replace(LAST_VISIT + ".new", LAST_VISIT)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            self.visit()
        elif self.path == "/count":
            self.answer(200, "%s\n" % (redis("GET", "visits") or 0))
        else:
            self.answer(404, "no such page\n")

    def visit(self):
        try:
            visits = redis("INCR", "visits")
        except (OSError, RuntimeError) as error:
            self.answer(503, "redis does not answer: %s\n" % error)
            return
        remember(visits)
        self.answer(200, "%s: you are visitor number %d.\n" % (GREETING, visits))

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print("%s %s" % (self.address_string(), format % args))

    def address_string(self):
        return self.client_address[0]


if __name__ == "__main__":
    # The first process of a container has no default action for signals: without this line SIGTERM would do nothing.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("counting visits in redis at %s:%d" % REDIS)
    http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
