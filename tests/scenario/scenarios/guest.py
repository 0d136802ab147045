"""The quickstart on a pure cgroup v2 host: a User-Mode-Linux guest."""
import os
import shutil
import subprocess

from world import Skip, expect_equal, expect_in

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(HERE, "../../support/guest")
EXAMPLE = os.path.join(HERE, "../../../compose-examples/quickstart")

SCRIPT = """
set -e
cp -r "$EXAMPLE" /tmp/quickstart && cd /tmp/quickstart
"$CMP" up -d
curl -s --retry 20 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/
group=$(sed -n 's/^0:://p' /proc/$(pgrep -f 'redis-server' | head -1)/cgroup)
echo memory.max $(cat /sys/fs/cgroup$group/memory.max)
echo pids.max $(cat /sys/fs/cgroup$group/pids.max)
echo cpu.max $(cat /sys/fs/cgroup$group/cpu.max)
"$CMP" down -v
find /sys/fs/cgroup -type d -name 'cmp*' -o -path '*/cmp/*' -type d
echo the end
"""


def the_quickstart_runs_on_cgroup_v2(world):
    if not os.access(GUEST, os.X_OK):
        raise Skip("no tests/support/guest")
    if not shutil.which("linux.uml") and not shutil.which("linux"):
        raise Skip("no User-Mode-Linux: apt-get install user-mode-linux")
    done = subprocess.run([GUEST, "env", "CMP=" + world.binary, "EXAMPLE=" + EXAMPLE, "sh", "-c", SCRIPT],
                          capture_output=True, text=True, timeout=110, check=False, stdin=subprocess.DEVNULL)
    world.told.append("guest: exit %d\n%s%s" % (done.returncode, done.stdout, done.stderr))
    if done.returncode == 77:
        raise Skip(done.stderr.strip())
    expect_equal(done.returncode, 0, "exit code in the guest")
    for line in ("you are visitor number 1.", "memory.max 134217728", "pids.max 32", "cpu.max 50000 100000", "the end"):
        expect_in(line, done.stdout)


SCENARIOS = [the_quickstart_runs_on_cgroup_v2]
