"""A program on a pseudo-terminal, and the screen it draws."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


class Terminal:
    stdin = stdout = stderr = None

    def __init__(self, command, cwd, env, rows, columns):
        self.rows, self.columns, self.output = rows, columns, b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.pid = self.process.pid

    def poll(self):
        return self.process.poll()

    def read(self, seconds):
        """Takes what comes within the time; False at the end of the output."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def text(self):
        return self.output.decode("utf-8", "replace")

    def read_until(self, fragment, seconds=10.0):
        from world import Failure
        deadline = time.monotonic() + seconds
        while fragment not in self.text():
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(min(left, 0.1)):
                raise Failure("the terminal never showed %r: %r" % (fragment, self.text()[-1500:]))
        return self.text()

    def send(self, text):
        os.write(self.master, text.encode())

    def wait(self, seconds=20.0):
        """Reads to the end and gives the exit code."""
        if self.master < 0:
            return self.process.returncode
        deadline = time.monotonic() + seconds if seconds else None
        while self.read(0.05) and (self.process.poll() is None or self.read_rest()):
            if deadline and time.monotonic() > deadline:
                self.process.send_signal(signal.SIGKILL)
                from world import Failure
                raise Failure("no end within %g s; the terminal shows %r" % (seconds, self.text()[-1500:]))
        code = self.process.wait()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
        return code

    def read_rest(self):
        before = len(self.output)
        return self.read(0) and len(self.output) > before


def rows_used(text, columns):
    """How many rows the tallest block took that the program drew over by moving the cursor up: pairs of (rows it moved
    up, rows written before). A program that moves up further than the screen is high spoils the lines above."""
    highest = 0
    for match in CONTROL.finditer(text):
        if match.group(2) in "AF":
            highest = max(highest, int(match.group(1) or "1"))
    return highest


def lines_too_wide(text, columns):
    """Lines that would wrap on a terminal of that width, escape sequences aside, while a block is redrawn."""
    plain = CONTROL.sub("", text)
    return [line for line in re.split(r"[\r\n]+", plain) if len(line) > columns]
