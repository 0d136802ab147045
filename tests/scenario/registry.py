"""Registries on loopback: Debian's docker-registry, and one of our own that misbehaves on request."""
import base64
import http.client
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings

from world import Failure, Skip

USER, PASSWORD = "tester", "pass:w0rd/+"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Faulty:
    """Serves the images of a layout as repository `app`. `fault(handler, data, count)` may answer a request for a blob
    itself and then returns True; count is how many there were before. `asked` has the paths, `ranges` the headers."""

    def __init__(self, layout, fault=None):
        registry = self
        self.layout, self.fault, self.asked, self.ranges, self.count = layout, fault, [], [], 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, code, data=b"", **headers):
                self.send_response(code)
                for key, value in headers.items():
                    self.send_header(key.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                registry.asked.append(self.path)
                kind, _, name = self.path.rpartition("/")
                if kind.endswith("/manifests"):
                    return registry.manifest(self, name)
                if kind.endswith("/blobs"):
                    return registry.blob(self, name)
                return self.answer(404)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # That a client goes away is what is being tested.
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = "127.0.0.1:%d" % self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def read(self, digest):
        with open("%s/blobs/sha256/%s" % (self.layout.path, digest[7:]), "rb") as file:
            return file.read()

    def manifest(self, handler, name):
        for entry in self.layout.manifests:
            if name in (entry["digest"], entry["annotations"]["org.opencontainers.image.ref.name"]):
                return handler.answer(200, self.read(entry["digest"]), Content_Type=entry["mediaType"])
        return handler.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')

    def blob(self, handler, digest):
        data = self.read(digest)
        count, self.count = self.count, self.count + 1
        wanted = handler.headers.get("Range")
        self.ranges.append(wanted)
        if self.fault and self.fault(handler, data, count):
            return None
        begin = int(re.match(r"bytes=(\d+)-", wanted).group(1)) if wanted else 0
        if not wanted:
            return handler.answer(200, data)
        return handler.answer(206, data[begin:], Content_Range="bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))


def begin_of(handler):
    """Where a request for a part of a blob begins."""
    wanted = handler.headers.get("Range")
    return int(wanted[6:-1]) if wanted else 0


def cut(handler, data, end):
    """Answers with the bytes up to `end` and breaks the connection."""
    begin = begin_of(handler)
    handler.send_response(206 if begin else 200)
    if begin:
        handler.send_header("Content-Range", "bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))
    handler.send_header("Content-Length", str(len(data) - begin))
    handler.end_headers()
    handler.wfile.write(data[begin:end])
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


class Real:
    """Debian's docker-registry, on a port of loopback, with what was asked for."""

    def __init__(self, world, tls=False, password=False, auth=None):
        """auth: the section of the registry's configuration; `password` is a password file of its own."""
        program = shutil.which("docker-registry")
        if not program:
            raise Skip("no docker-registry (package docker-registry)")
        self.top = world.top + "/registry"
        os.makedirs(self.top + "/data", exist_ok=True)
        self.address, self.tls = "127.0.0.1:%d" % free_port(), tls
        settings = {"version": "0.1", "log": {"level": "error", "accesslog": {"disabled": True}},
                    "storage": {"filesystem": {"rootdirectory": self.top + "/data"}},
                    "http": {"addr": self.address, "secret": "scenario"}}
        if tls:
            self.make_certificates()
            settings["http"]["tls"] = {"certificate": self.top + "/server.crt", "key": self.top + "/server.key"}
        if password:
            settings["auth"] = {"htpasswd": {"realm": "scenario", "path": self.make_passwords()}}
        if auth:
            settings["auth"] = auth
        with open(self.top + "/config.yml", "w", encoding="ascii") as file:
            json.dump(settings, file)
        with open(self.top + "/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program, "serve", self.top + "/config.yml"], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        world.background.append(self.process)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(self.address.split(":"), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    with open(self.top + "/log", encoding="utf-8") as log:
                        raise Failure("docker-registry: " + log.read()[-500:]) from None
                time.sleep(0.01)

    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.top)
        with open(self.top + "/ext", "w", encoding="ascii") as file:
            file.write("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                "/CN=scenario CA", "-keyout", "ca.key", "-out", "ca.crt")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=registry",
                "-keyout", "server.key", "-out", "server.csr")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "30", "-extfile", "ext", "-out", "server.crt")

    def make_passwords(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import crypt
        secret = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)).replace("$2b$", "$2y$")
        path = self.top + "/htpasswd"
        with open(path, "w", encoding="ascii") as file:
            file.write("%s:%s\n" % (USER, secret))
        return path

    def docker_config(self, world, password=PASSWORD):
        """A directory for DOCKER_CONFIG with a login."""
        auth = base64.b64encode(("%s:%s" % (USER, password)).encode()).decode()
        world.write("docker/config.json", json.dumps({"auths": {self.address: {"auth": auth}}}))
        return world.dir + "/docker"

    def credential_helper(self, world):
        """A program that knows the password, and the configuration that names it. \returns the environment."""
        world.write("bin/docker-credential-scenario", """\
            #!/bin/sh
            read -r registry
            echo "$1 $registry" >> "%s/asked"
            printf '{"ServerURL":"%%s","Username":"%s","Secret":"%s"}' "$registry"
            """ % (world.dir, USER, PASSWORD), 0o755)
        world.write("docker/config.json", json.dumps({"credHelpers": {self.address: "scenario"}}))
        return {"DOCKER_CONFIG": world.dir + "/docker", "PATH": "%s/bin:%s" % (world.dir, world.env["PATH"])}

    def request(self, method, path, body=None, headers=None):
        if self.tls:
            context = ssl.create_default_context(cafile=self.top + "/ca.crt")
            connection = http.client.HTTPSConnection(self.address, context=context, timeout=20)
        else:
            connection = http.client.HTTPConnection(self.address, timeout=20)
        auth = base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()
        connection.request(method, path, body, {"Authorization": "Basic " + auth, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        return answer

    def push(self, layout, repository):
        """The bytes of a layout as they are."""
        for entry in layout.manifests:
            with open("%s/blobs/sha256/%s" % (layout.path, entry["digest"][7:]), "rb") as file:
                text = file.read()
            manifest = json.loads(text)
            for blob in [manifest["config"]] + manifest["layers"]:
                with open("%s/blobs/sha256/%s" % (layout.path, blob["digest"][7:]), "rb") as file:
                    data = file.read()
                place = self.request("POST", "/v2/%s/blobs/uploads/" % repository).getheader("Location")
                place = re.sub(r"^https?://[^/]*", "", place)
                self.request("PUT", "%s%sdigest=%s" % (place, "&" if "?" in place else "?", blob["digest"]), data,
                             {"Content-Type": "application/octet-stream"})
            tag = entry["annotations"]["org.opencontainers.image.ref.name"]
            answer = self.request("PUT", "/v2/%s/manifests/%s" % (repository, tag), text,
                                  {"Content-Type": entry["mediaType"]})
            if answer.status != 201:
                raise Failure("the registry refused the manifest: %d" % answer.status)
