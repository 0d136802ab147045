#!/usr/bin/python3
"""reaper.py COMMAND…: process 1 of the sandbox. Runs the command, reaps what is left to it, ends with its status."""
import os
import sys

import sandbox


def main(command):
    sandbox.prepare()
    child = os.fork()
    if child == 0:
        os.execvp(command[0], command)
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
