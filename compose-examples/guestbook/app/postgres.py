"""As much of PostgreSQL's protocol (version 3) as the guestbook needs: SCRAM login, one statement with parameters."""
import base64
import hashlib
import hmac
import os
import socket
import struct


def digest(key, data):
    return hmac.digest(key, data, "sha256")


class Postgres:
    def __init__(self, user="guestbook"):
        self.connection = socket.create_connection((os.environ["DATABASE_HOST"], 5432), timeout=30)
        self.input = self.connection.makefile("rb")
        start = b"\0\3\0\0user\0%s\0\0" % user.encode()
        self.connection.sendall(struct.pack(">I", len(start) + 4) + start)
        self.log_in(os.environ["DATABASE_PASSWORD"].encode())
        self.until_ready()

    def send(self, kind, data=b""):
        self.connection.sendall(kind + struct.pack(">I", len(data) + 4) + data)

    def receive(self):
        head = self.input.read(5)
        if len(head) < 5:
            raise OSError("postgres has closed the connection")
        kind, data = head[:1], self.input.read(struct.unpack(">I", head[1:])[0] - 4)
        if kind == b"E":
            fields = dict((field[:1], field[1:].decode()) for field in data.split(b"\0") if field)
            raise OSError("postgres says: " + fields[b"M"])
        return kind, data

    def log_in(self, password):
        """RFC 5802 and 7677: neither side tells the other the password."""
        self.receive()
        mine = b"n=,r=" + base64.b64encode(os.urandom(18))
        self.send(b"p", b"SCRAM-SHA-256\0" + struct.pack(">I", len(mine) + 3) + b"n,," + mine)
        challenge = self.receive()[1][4:]
        told = dict(part.split(b"=", 1) for part in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(told[b"s"]), int(told[b"i"]))
        key = digest(salted, b"Client Key")
        without_proof = b"c=biws,r=" + told[b"r"]
        signature = digest(hashlib.sha256(key).digest(), b",".join((mine, challenge, without_proof)))
        proof = bytes(a ^ b for a, b in zip(key, signature))
        self.send(b"p", without_proof + b",p=" + base64.b64encode(proof))

    def until_ready(self):
        rows = []
        while True:
            kind, data = self.receive()
            if kind == b"Z":
                return rows
            if kind == b"D":
                rows.append(self.row(data))

    @staticmethod
    def row(data):
        values, at = [], 2
        for _ in range(struct.unpack(">H", data[:2])[0]):
            size = struct.unpack(">i", data[at:at + 4])[0]
            at += 4
            values.append(None if size < 0 else data[at:at + size].decode())
            at += max(size, 0)
        return values

    def ask(self, statement, *values):
        """Rows of texts; $1, $2 … in the statement are the values."""
        data = [str(value).encode() for value in values]
        self.send(b"P", b"\0" + statement.encode() + b"\0\0\0")
        self.send(b"B", b"\0\0\0\0" + struct.pack(">H", len(data)) +
                  b"".join(struct.pack(">I", len(value)) + value for value in data) + b"\0\0")
        self.send(b"E", b"\0\0\0\0\0")
        self.send(b"S")
        return self.until_ready()
