"""As much of redis as a queue needs: one command, one answer, over one connection."""
import os
import socket


class Redis:
    def __init__(self):
        self.connection = socket.create_connection((os.environ["QUEUE_HOST"], 6379), timeout=30)
        self.answers = self.connection.makefile("rb")

    def ask(self, *words):
        request = b"*%d\r\n" % len(words)
        for word in words:
            data = str(word).encode()
            request += b"$%d\r\n%s\r\n" % (len(data), data)
        self.connection.sendall(request)
        return self.answer()

    def answer(self):
        line = self.answers.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        if kind == b"$":
            return None if rest == b"-1" else self.answers.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        raise OSError("redis says: " + (line.decode().strip() or "nothing"))
