"""The quickstart on a pure cgroup v2 host: a User-Mode-Linux guest."""
import os
import subprocess

from world import Skip, expect_equal, expect_in

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(HERE, "../../support/guest/run")
EXAMPLE = os.path.join(HERE, "../../../compose-examples/quickstart")

# The guest's root is the host's, read-only; /run is its own. Its kernel's modules lie in a place of the package's own.
SCRIPT = """
set -e
export CMP_STATE_DIR=/run/cmp-state
mount -t tmpfs tmpfs /lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" /lib/modules
busybox modprobe -a overlay bridge veth
cp -r "$EXAMPLE" /run/quickstart
cd /run/quickstart
"$CMP" up -d
curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/count
curl -s http://127.0.0.1:8080/
group=$(sed -n 's/^0:://p' "/proc/$(pidof redis-server)/cgroup")
for file in memory.max pids.max cpu.max; do
  echo "$file $(cat "/sys/fs/cgroup$group/$file")"
done
"$CMP" down -v
echo "left: $(find /sys/fs/cgroup -type d -path '*cmp*')$(ip -o link | grep cmp)$(ls /run/cmp)"
"""


def the_quickstart_runs_on_cgroup_v2(world):
    preload = os.environ.get("CMP_GUEST_PRELOAD", "")
    done = subprocess.run(["env", "GUEST_PRELOAD=" + preload, GUEST, "-t", "110", "--", "env", "CMP=" + world.binary,
                           "EXAMPLE=" + EXAMPLE, "sh", "-c", SCRIPT],
                          capture_output=True, text=True, timeout=115, check=False, stdin=subprocess.DEVNULL)
    world.told.append("guest: exit %d\n%s%s" % (done.returncode, done.stdout, done.stderr))
    if done.returncode == 77:
        raise Skip(done.stdout.removeprefix("skip guest: ").strip())
    expect_equal(done.returncode, 0, "exit code in the guest")
    for line in ("you are visitor number 1.", "memory.max 134217728", "pids.max 32", "cpu.max 50000 100000", "left: \n"):
        expect_in(line, done.stdout)


SCENARIOS = [the_quickstart_runs_on_cgroup_v2]
