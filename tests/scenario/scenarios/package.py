"""The Debian package: installs into a root that does not have it, runs the quickstart there, and goes without a trace."""
import glob
import os
import shutil
import subprocess

from world import Skip, expect, expect_equal, expect_in


LIST = "find /usr/local -path /usr/local/share/man -prune -o ! -type d -print | sort"  # its index is dpkg's trigger's


MOST_BYTES = 5700000  # of the program that users get, which has 5.46 million


def check_size(program):
    """Of what is linked as the release is; a debugger's build is larger."""
    kind = subprocess.run(["file", "-b", program], capture_output=True, text=True, check=True).stdout
    if "statically linked" in kind:
        expect("stripped" in kind and "not stripped" not in kind, "the program is " + kind)
        size = os.path.getsize(program)
        expect(size <= MOST_BYTES, "the program has %d bytes, of at most %d" % (size, MOST_BYTES))


def built_package(world):
    """Made by cpack from the build tree that the binary is of."""
    build = os.path.dirname(os.path.realpath(world.binary))
    if not os.path.exists(build + "/man/commands.made"):
        raise Skip("no manual pages in '%s': the target man was not built" % build)
    if not shutil.which("cpack") or not shutil.which("dpkg-shlibdeps"):
        raise Skip("cpack or dpkg-shlibdeps is missing")
    out = world.top + "/package"
    done = subprocess.run(["cpack", "-G", "DEB", "--config", build + "/CPackConfig.cmake", "-B", out], cwd=world.top,
                          capture_output=True, text=True, check=False)
    expect_equal(done.returncode, 0, "cpack: " + done.stdout[-800:] + done.stderr[-800:])
    return glob.glob(out + "/*.deb")[0]


def in_root(root, command):
    """A shell in the root, with the environment of a fresh login."""
    return subprocess.run(["chroot", root, "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                           "HOME=/root", "LANG=C.UTF-8", "sh", "-ec", command],
                          capture_output=True, text=True, check=False)


def fresh_root(world):
    """This machine's system below a layer that goes with the scenario, without a cmp that somebody has installed here."""
    root, layer = world.top + "/root", world.top + "/layer"
    for path in (root, layer + "/upper", layer + "/work"):
        os.makedirs(path)
    subprocess.run(["mount", "-t", "overlay", "overlay", root, "-o",
                    "lowerdir=/,upperdir=%s/upper,workdir=%s/work" % (layer, layer)], check=True)
    for path in ("/proc", "/sys", "/dev", "/sys/fs/cgroup"):
        subprocess.run(["mount", "--rbind", path, root + path], check=True)
    for path in ("/run", "/tmp", "/var/lib", "/var/tmp"):
        if path == "/var/lib":
            os.makedirs(root + "/var/lib/cmp", exist_ok=True)
            path = "/var/lib/cmp"  # an overlay cannot carry another one's upper layer
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", root + path], check=True)
    return root


def the_package_installs_and_runs_the_quickstart_in_a_fresh_root(world):
    package = built_package(world)
    root = fresh_root(world)
    try:
        before = in_root(root, LIST).stdout
        shutil.copy(package, root + "/tmp/cmp.deb")
        done = in_root(root, "dpkg -i /tmp/cmp.deb && command -v cmp")
        expect_equal((done.returncode, done.stdout.splitlines()[-1:]), (0, ["/usr/local/bin/cmp"]), done.stderr[-800:])
        check_size(root + "/usr/local/bin/cmp")
        listed = in_root(root, "dpkg -L cmp-compose").stdout
        for file in ("bin/cmp-oci", "libexec/cmp/cmp-transfer", "share/man/man1/cmp-compose.1",
                     "share/man/man1/cmp-compose-up.1", "share/man/man5/cmp-compose.5", "share/man/man7/cmp-networking.7",
                     "share/bash-completion/completions/cmp", "share/zsh/site-functions/_cmp",
                     "share/fish/vendor_completions.d/cmp.fish"):
            expect_in("/usr/local/" + file + "\n", listed, "the package's files")
        expect_in("libcurl4", in_root(root, "dpkg-query -W -f '${Depends}' cmp-compose").stdout, "what it depends on")
        expect_equal(in_root(root, "cd /tmp && echo a >a && echo b >b && cmp -s a b || echo $?").stdout.strip(), "1",
                     "cmp of two files is diffutils'")
        done = in_root(root, "cp -r /usr/local/share/doc/cmp/examples/quickstart /tmp && cd /tmp/quickstart && "
                             "cmp --ansi never up -d && "
                             "curl -sf --retry 40 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/ && cmp down -v")
        expect(done.returncode == 0 and "Hello from the quickstart" in done.stdout, "quickstart: %s%s"
               % (done.stdout[-500:], done.stderr[-1500:]))
        expect_equal(in_root(root, "dpkg -r cmp-compose >/dev/null; " + LIST).stdout, before, "files when it has gone")
    finally:
        subprocess.run(["umount", "-R", root], check=False)


SCENARIOS = [the_package_installs_and_runs_the_quickstart_in_a_fresh_root]
