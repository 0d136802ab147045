"""The guestbook's page: GET / lists what is in the database, POST / puts a line into the queue."""
import http.server
import signal
import sys

from postgres import Postgres
from redis import Redis


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, "well\n")
        elif self.path == "/":
            self.try_to(lambda: "".join("%s. %s\n" % tuple(row) for row in
                                        Postgres().ask("SELECT id, text FROM entries ORDER BY id")))
        else:
            self.answer(404, "no such page\n")

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.try_to(lambda: "thank you, %d waiting\n" % Redis().ask("RPUSH", "entries", text))

    def try_to(self, action):
        try:
            self.answer(200, action())
        except OSError as error:
            self.answer(503, "%s\n" % error)

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    # The first process of a container has no default action for signals: without this line SIGTERM would do nothing.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
