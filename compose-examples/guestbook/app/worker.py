"""Takes what is in the queue into the database. A line leaves the queue only when the database has it."""
import signal
import sys

from postgres import Postgres
from redis import Redis


def work():
    queue, database = Redis(), Postgres()
    while queue.ask("LMOVE", "entries:taken", "entries", "RIGHT", "LEFT") is not None:
        pass  # an earlier worker was stopped with it
    while True:
        text = queue.ask("BLMOVE", "entries", "entries:taken", "LEFT", "RIGHT", 10)
        if text is not None:
            database.ask("INSERT INTO entries (text) VALUES ($1)", text)
            queue.ask("LREM", "entries:taken", 1, text)
            print("written: " + text)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A store that goes away ends us; we are started again (restart: on-failure).
    work()
