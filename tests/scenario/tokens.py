"""A token server of the kind that Docker Hub has: a registry sends its clients here, and believes what we have signed."""
import base64
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """`anonymous`: what who has no login may do. `asked` has (user or None, scope) of each request."""

    def __init__(self, top, user, password, anonymous=("pull",)):
        server = self
        self.top, self.login, self.anonymous, self.asked = top, "%s:%s" % (user, password), anonymous, []
        os.makedirs(top, exist_ok=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=tokens",
                        "-keyout", top + "/token.key", "-out", top + "/token.crt"], check=True, capture_output=True)

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
                head, _, login = self.headers.get("Authorization", "").partition(" ")
                login = base64.b64decode(login).decode() if head == "Basic" else None
                server.asked.append((login and login.split(":")[0], query.get("scope")))
                if login not in (None, server.login):
                    return self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong password"}]})
                return self.answer(200, {"token": server.token(query, login), "expires_in": 300})

            def answer(self, code, document):
                data = json.dumps(document).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/token" % self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def settings(self):
        """The registry's section `auth`."""
        return {"token": {"realm": self.url, "service": "scenario", "issuer": "tokens",
                          "rootcertbundle": self.top + "/token.crt"}}

    def token(self, query, login):
        """RFC 7519, with the certificate in it, and in `access` what of the asked scope is granted."""
        access = []
        match = re.fullmatch(r"(\w+):(.+):([\w,*]+)", query.get("scope", ""))
        if match:
            actions = [word for word in match.group(3).split(",") if login or word in self.anonymous]
            access = [{"type": match.group(1), "name": match.group(2), "actions": actions}]
        with open(self.top + "/token.crt", encoding="ascii") as file:
            certificate = "".join(line.strip() for line in file if "-----" not in line)
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        claims = {"iss": "tokens", "sub": login or "", "aud": query.get("service", ""), "exp": now + 300, "nbf": now - 5,
                  "iat": now, "jti": os.urandom(8).hex(), "access": access}
        text = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.top + "/token.key"], input=text.encode(),
                                   check=True, capture_output=True).stdout
        return text + "." + encoded(signature)
