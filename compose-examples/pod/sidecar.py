"""Writes the pod's page into the shared volume, and answers on the pod's own localhost."""
import http.server
import os
import socket

PAGE = "/srv/pages/index.html"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = "the sidecar of %s, asked from %s\n" % (socket.gethostname(), self.client_address[0])
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


with open(PAGE + ".new", "w", encoding="utf-8") as page:
    page.write("written by the sidecar, served by the web server\n")
os.rename(PAGE + ".new", PAGE)
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", 9000), Answer).serve_forever()
