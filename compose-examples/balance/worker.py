"""Says who it is."""
import http.server
import socket


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((socket.gethostname() + "\n").encode())


http.server.ThreadingHTTPServer(("", 80), Handler).serve_forever()
