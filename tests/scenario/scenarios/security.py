"""The default box and what a file may change of it, seen from inside running services."""
import json
import os
import stat
import subprocess

from world import Skip, expect, expect_equal, expect_in

# Those this kernel has.
NAMESPACES = [name for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "uts")
              if os.path.exists("/proc/self/ns/" + name)]

LIMITS = "ulimit -Sa; ulimit -Ha"

# One line of shell a row of the checklist; `st FIELD` reads the status of PID 1 or, through exec, of the shell itself.
CHECKS = [
    ("SB1", "echo $(st CapPrm) $(st CapEff) $(st CapBnd)", "00000000a80425fb 00000000a80425fb 00000000a80425fb"),
    ("SB2", "echo $(st CapInh) $(st CapAmb)", "0000000000000000 0000000000000000"),
    ("SB4", "st Groups", "0"),
    ("SB5", "st NoNewPrivs", "0"),
    ("SB6", "echo $(st Seccomp) $(st Seccomp_filters)", "2 1"),
    ("SB7", "for p in interrupts kcore keys latency_stats sched_debug timer_list timer_stats; do"
            " [ -e /proc/$p ] && wc -c </proc/$p; done | sort -u", "0"),
    ("SB8", "for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap"
            " /sys/devices/system/cpu/cpu*/thermal_throttle; do [ -d $d ] && ls -A $d | wc -l; done | sort -u", "0"),
    ("SB9", "awk '$5~\"^/proc/(bus|fs|irq|sys|sysrq-trigger)$\"{print $6}' /proc/self/mountinfo | sort -u",
     "ro,nosuid,nodev,noexec,relatime"),
    ("SB10", "umount /proc/keys 2>/dev/null || echo no; mount -o remount,rw /proc/sys 2>/dev/null || echo no", "no\nno"),
    ("SB11", "for t in /proc /dev /dev/pts /sys /dev/mqueue /dev/shm; do awk -v t=$t"
             " '$5==t{gsub(/,relatime/,\"\",$6);o=$6}END{print o}' /proc/self/mountinfo; done",
     "rw,nosuid,nodev,noexec\nrw,nosuid\nrw,nosuid,noexec\nro,nosuid,nodev,noexec\nrw,nosuid,nodev,noexec\n"
     "rw,nosuid,nodev,noexec"),
    ("SB12", "grep -c shared: /proc/self/mountinfo", "0"),
    ("SB13", "ls /dev | grep -vx core | tr '\\n' ' '",
     "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero"),
    ("SB14", "for d in 'b 8 0' 'c 10 229' 'c 1 11' 'c 1 1'; do rm -f /tmp/n; mknod /tmp/n $d || echo made nothing;"
             " (: </tmp/n) 2>&1 | grep -c 'not permitted'; done; rm -f /tmp/n", "1\n1\n1\n1"),
    ("SB15", "dd if=/dev/zero of=/dev/shm/x bs=1M count=65 2>&1 | grep records.out; rm -f /dev/shm/x",
     "64+0 records out"),
    ("SB16", "echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range)",
     "0 0 2147483647"),
    ("SB17", "cat /proc/$P/oom_score_adj", "0"),
    ("SB18", LIMITS, None),
    ("SB19", "for n in %s; do readlink /proc/$P/ns/$n; done" % " ".join(NAMESPACES), None),
    ("SB20", "sed 's/.*://' /proc/self/cgroup | sort -u; mkdir /sys/fs/cgroup/x 2>&1 | grep -c 'Read-only'", "/\n1"),
    ("SB22", "ls /proc/1/fd | tr '\\n' ' '", "0 1 2"),
    ("SB23", "umask; pwd; readlink /proc/1/cwd", "0022\n/\n/"),
    ("SB24", "hostname x 2>/dev/null || echo no; date -s @$(date +%s) >/dev/null 2>&1 || echo no;"
             " dmesg >/dev/null 2>&1 || echo no; mount -t tmpfs t /mnt 2>/dev/null || echo no;"
             " unshare -m true 2>/dev/null || echo no; unshare -U true 2>/dev/null || echo no", "no\n" * 5 + "no"),
    ("SB25", "ip link add dev d0 type dummy 2>/dev/null || echo no", "no"),
    ("SB26", "wc -l </proc/net/unix", "1"),
    ("SB28", "(: >/proc/sys/kernel/core_pattern) 2>&1 | grep -c 'Read-only'", "1"),
]

# Calls by number are those of x86-64; the program prints {name: errno} and makes them for real.
PROBE = r"""
import ctypes, json, os, platform
libc = ctypes.CDLL(None, use_errno=True)
calls = {
    "unshare": (272, 0x10020000), "clone": (56, 0x10000011, 0, 0, 0, 0), "setns": (308, -1, 0),
    "mount": (165, 0, 0, 0, 0, 0), "umount2": (166, b"/nowhere", 0), "pivot_root": (155, 0, 0),
    "fsopen": (430, b"tmpfs", 0), "open_tree": (428, -100, b"/", 1), "move_mount": (429, -1, b"", -1, b"", 4),
    "mount_setattr": (442, -1, b"", 0, 0, 0), "bpf": (321, 0, 0, 0), "perf_event_open": (298, 0, 0, -1, -1, 0),
    "keyctl": (250, 0, -3, 0), "add_key": (248, b"user", b"x", b"y", 1, -2), "request_key": (249, b"user", b"x", 0, -2),
    "init_module": (175, 0, 0, 0), "finit_module": (313, -1, 0, 0), "delete_module": (176, b"no_such", 0),
    "kexec_load": (246, 0, 0, 0, 0), "reboot": (169, 0, 0, 0, 0), "swapon": (167, b"/nowhere", 0),
    "settimeofday": (164, 0, 0), "clock_settime": (227, 99, 0), "acct": (163, b"/nowhere"),
    "open_by_handle_at": (304, -1, 0, 0), "iopl": (172, 3), "ioperm": (173, 0, 1, 1), "lookup_dcookie": (212, 0, 0, 0),
    "quotactl": (179, 0, 0, 0, 0), "syslog": (103, 3, 0, 0), "userfaultfd": (323, 0), "io_uring_setup": (425, 1, 0),
    "pidfd_getfd": (438, -1, 0, 0), "kcmp": (312, 1, 1, 0, 0, 0), "personality": (135, 0x0400000),
    "mbind": (237, 0, 0, 0, 0, 0, 0), "set_mempolicy": (238, 99, 0, 0), "fanotify_init": (300, 0, 0), "vhangup": (153,),
    "sethostname": (170, b"x", 1), "setdomainname": (171, b"x", 1), "AF_ALG": (41, 38, 5, 0), "AF_VSOCK": (41, 40, 1, 0),
    "clone3": (435, 0, 0), "number 1000": (1000,), "x32": (0x40000027,),
    "chroot": (161, b"/nowhere"), "name_to_handle_at": (303, -1, b"", 0, 0, 0), "memfd_create": (319, b"x", 0),
    "landlock_create_ruleset": (444, 0, 0, 1), "ptrace": (101, 16, -1, 0, 0), "process_vm_readv": (310, -1, 0, 0, 0, 0, 0),
    "raw ICMP": (41, 2, 3, 1), "AF_PACKET": (41, 17, 3, 0), "AF_NETLINK": (41, 16, 3, 0),
}
result = {"machine": platform.machine()}
for name, call in calls.items():
    ctypes.set_errno(0)
    done = libc.syscall(*call)
    if name == "clone" and done == 0:
        os._exit(0)
    result[name] = ctypes.get_errno() if done < 0 else 0
print(json.dumps(result))
"""
EPERM, ENOSYS = 1, 38
NOT_THERE = {"clone3", "number 1000", "x32"}
ALLOWED = {"chroot", "name_to_handle_at", "memfd_create", "landlock_create_ruleset", "ptrace", "process_vm_readv",
           "raw ICMP", "AF_PACKET", "AF_NETLINK"}

SLEEPER = "{x-rootfs: host, command: sleep 1000%s}"


def script(who):
    lines = ["P=%s" % who, "st() { awk -v k=\"$1:\" '$1==k{$1=\"\";sub(/^ /,\"\");print}' /proc/$P/status; }"]
    for name, check, _ in CHECKS:
        lines.append("echo '== %s'; { %s; } 2>&1" % (name, check))
    return "\n".join(lines)


def sections(text):
    found = {}
    for part in text.split("== ")[1:]:
        name, _, body = part.partition("\n")
        found[name] = body.strip()
    return found


def expect_checklist(world, service, who):
    """The whole list inside a service, seen from PID 1 or from an exec."""
    found = sections(inside(world, service, script(who)))
    namespaces = [os.readlink("/proc/%d/ns/%s" % (world.pid(service), name)) for name in NAMESPACES]
    known = {"SB18": subprocess.run(["sh", "-c", LIMITS], capture_output=True, text=True, check=True).stdout.strip(),
             "SB19": "\n".join(namespaces)}
    wrong = ["%s: %r, not %r" % (name, found.get(name), known.get(name, wanted)) for name, _, wanted in CHECKS
             if found.get(name) != known.get(name, wanted)]
    wrong += ["SB19: the host's %s" % name for name, link in zip(NAMESPACES, namespaces)
              if link == os.readlink("/proc/self/ns/" + name)]
    expect(not wrong, "%s: %s" % (who, "; ".join(wrong)))


def up(world, **services):
    world.compose("services:\n" + "".join("  %s: %s\n" % (name, SLEEPER % (", " + keys if keys else ""))
                                          for name, keys in services.items()))
    return world.cmp("up", "-d")


def inside(world, service, command, *options, code=0):
    return world.cmp("exec", "-T", *options, service, "sh", "-c", command, code=code).out.strip()


def the_default_box_and_what_exec_gets_of_it(world):
    up(world, a="", user="user: '1000:1000', group_add: [2000]")
    expect_checklist(world, "a", "1")
    expect_checklist(world, "a", "self")  # SB27
    for who in ("1", "self"):
        expect_equal(inside(world, "user", "grep -E '^(Cap|Groups)' /proc/%s/status | tr -s '\\t ' ' ' | sed 's/ $//'" % who),
                     "Groups: 1000 2000\nCapInh: %s\nCapPrm: %s\nCapEff: %s\nCapBnd: 00000000a80425fb\nCapAmb: %s" %
                     (("0" * 16,) * 4), "SB3 and SB4 of " + who)
    world.down()


def system_calls_are_filtered(world):
    up(world, a="")
    result = json.loads(world.cmp("exec", "-T", "a", "python3", "-c", PROBE).out)
    if result.pop("machine") != "x86_64":
        raise Skip("the probe knows the numbers of x86-64 only")
    wrong = []
    for name, errno in result.items():
        good = errno == ENOSYS if name in NOT_THERE else errno != EPERM if name in ALLOWED else errno == EPERM
        wrong += [] if good else ["%s: errno %d" % (name, errno)]
    expect(not wrong, "; ".join(wrong))
    world.down()


def a_container_has_a_session_keyring_of_its_own(world):
    keyring = "import ctypes; print(ctypes.CDLL(None).syscall(250, 0, -3, 0))"
    up(world, a="security_opt: [seccomp=unconfined]", b="security_opt: ['seccomp:unconfined']")
    first, second = (world.cmp("exec", "-T", name, "python3", "-c", keyring).out.strip() for name in "ab")
    expect(int(first) > 0 and int(second) > 0 and first != second, "SB21: keyrings %s and %s" % (first, second))
    world.down()


def security_options_change_the_box(world):
    world.write("none.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"],'
                             ' "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}')
    up(world, nnp="security_opt: ['no-new-privileges:true']", free="security_opt: [seccomp=unconfined]",
       own="security_opt: [seccomp=none.json]", paths="security_opt: [systempaths=unconfined]",
       groups="security_opt: [writable-cgroups=true]", root="privileged: true")
    status = "awk '/^(NoNewPrivs|Seccomp):/{print $2}' /proc/1/status | tr '\\n' ' '"
    expect_equal({name: inside(world, name, status) for name in ("nnp", "free", "own", "root")},
                 {"nnp": "1 2", "free": "0 0", "own": "0 2", "root": "0 0"}, "no_new_privs and seccomp")
    expect_in("not supported", inside(world, "own", "mkdir /tmp/x 2>&1; true"), "mkdir under the own profile")
    # The program that is compiled is kept: what the file becomes later does not concern a container that runs.
    world.write("none.json", "{}")
    expect_in("not supported", inside(world, "own", "mkdir /tmp/x 2>&1; true"), "mkdir once the file has changed")
    expect_equal(inside(world, "paths", "grep -c ' /proc/' /proc/self/mountinfo; true"), "0", "mounts over /proc")
    expect_in("rw", inside(world, "groups", "awk '$5==\"/sys/fs/cgroup\"{print $6}' /proc/self/mountinfo"))
    expect_in("rw", inside(world, "root", "awk '$5==\"/sys\"{print $6}' /proc/self/mountinfo"))
    world.down()


def what_cannot_be_honoured_is_refused_with_its_line(world):
    world.write("bad.json", '{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [{"names": ["x"], "action": "NO"}]}')
    world.write("broken.json", '{"defaultAction":\n oops}')
    for options, reason in (("seccomp=bad.json", "bad.json': syscalls[0].action: 'NO' is no action"),
                            ("seccomp=broken.json", "broken.json': line 2: not JSON"),
                            ("seccomp=gone.json", "gone.json': "), ("seccomp=", "'seccomp' needs a value"),
                            ("aparmor=x", "did you mean 'apparmor'?"), ("no-new-privileges=x", "either true or false")):
        world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    security_opt: ['%s']\n" % options)
        done = world.cmp("up", "-d", code=1)
        expect_in(reason, done.err)
        expect_in("compose.yaml:5:", done.err)
        expect(not world.project_left(), "something was made for " + options)


def labels_need_their_module(world):
    def active(path):
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except OSError:
            return ""
    if active("/sys/module/apparmor/parameters/enabled").startswith("Y") or active("/sys/fs/selinux/enforce"):
        raise Skip("this host has AppArmor or SELinux")
    for option, reason in (("apparmor=mine", "AppArmor is not active on this host"),
                           ("label=type:x_t", "SELinux is not active on this host")):
        world.compose("services: {a: {x-rootfs: host, command: sleep 1000, security_opt: ['%s']}}\n" % option)
        expect_in(reason, world.cmp("up", "-d", code=1).err)
    up(world, a="security_opt: [apparmor=unconfined, 'label:disable']")
    world.down()


def identity_and_capabilities_in_all_forms(world):
    up(world, u="user: '1000:1000', group_add: ['2000', daemon]", n="user: nobody", d="cap_drop: [ALL]",
       s="cap_drop: [all], cap_add: [net_admin, CAP_SYS_TIME]", m="cap_drop: [MKNOD]",
       r="read_only: true, tmpfs: [/scratch, '/small:size=64k,mode=1700']",
       l="ulimits: {nofile: {soft: 100, hard: 200}, core: 0}, shm_size: 1m, oom_score_adj: 500")
    caps = "awk '/^Cap(Prm|Eff|Bnd)/{print $2}' /proc/1/status | tr '\\n' ' '"
    expect_equal(inside(world, "u", "id -u; id -g; id -G | tr '\\n' ' '").split(), "1000 1000 1000 1 2000".split(), "SB4")
    expect_equal(inside(world, "u", caps), "0000000000000000 0000000000000000 00000000a80425fb", "SB3 (CVE-2016-8867)")
    expect_equal(inside(world, "n", "id -un; id -Gn"), "nobody\nnogroup", "user by name")
    expect_equal(inside(world, "d", caps), " ".join(["0" * 16] * 3), "cap_drop: ALL")
    expect_equal(inside(world, "s", caps), " ".join(["0000000002001000"] * 3), "cap_add to nothing")
    expect_equal(inside(world, "m", caps), " ".join(["00000000a00425fb"] * 3), "cap_drop of one")
    expect_equal(inside(world, "r", "touch /x 2>/dev/null || echo no; touch /scratch/x && echo yes; stat -c %a /small; "
                                    "dd if=/dev/zero of=/small/x bs=1k count=65 2>&1 | grep records.out"),
                 "no\nyes\n1700\n64+0 records out", "read_only and tmpfs")
    expect_equal(inside(world, "l", "ulimit -Sn; ulimit -Hn; ulimit -Sc; cat /proc/1/oom_score_adj; "
                                    "dd if=/dev/zero of=/dev/shm/x bs=64k count=17 2>&1 | grep records.out"),
                 "100\n200\n0\n500\n16+0 records out", "ulimits, oom_score_adj, shm_size")
    world.down()


def host_device():
    """A character device of this host that is not among the default ones, and may be opened."""
    for path in ("/dev/fuse", "/dev/loop-control", "/dev/kmsg"):
        try:
            os.close(os.open(path, os.O_RDONLY))
            number = os.stat(path).st_rdev
            return path, os.major(number), os.minor(number)
        except OSError:
            continue
    raise Skip("no device here that could be passed in")


def devices_are_those_asked_for(world):
    path, major, minor = host_device()
    os.mkdir(world.dir + "/nodes")
    os.mknod(world.dir + "/nodes/one", stat.S_IFCHR | 0o640, os.makedev(major, minor))
    os.chown(world.dir + "/nodes/one", 0, 6)
    up(world, none="", short="devices: [%s]" % path, named="devices: ['%s:/dev/mine:r']" % path,
       long="devices: [{source: %s, target: /opt/dev/x, permissions: rw}]" % path,
       folder="devices: ['%s/nodes:/dev/some']" % world.dir, ruled="device_cgroup_rules: ['c %d:%d rw']" % (major, minor),
       root="privileged: true")
    can = "(: <%s) 2>/dev/null && echo yes || echo no"
    made = "rm -f /tmp/n; mknod /tmp/n c %d %d; %s" % (major, minor, can % "/tmp/n")
    wanted = {"none": (made, "no"), "short": (can % path, "yes"), "named": (can % "/dev/mine", "yes"),
              "long": (can % "/opt/dev/x", "yes"),
              "folder": ("stat -c '%a %u %g' /dev/some/one; " + can % "/dev/some/one", "640 0 6\nyes"),
              "ruled": (made, "yes"), "root": (can % path, "yes")}
    found = {name: inside(world, name, command) for name, (command, _) in wanted.items()}
    expect_equal(found, {name: result for name, (_, result) in wanted.items()}, "what may be opened")
    expect_equal(inside(world, "named", "(: >>/dev/mine) 2>/dev/null && echo yes || echo no"), "no", "writing with r")
    world.down()


def devices_that_cannot_be_had_are_refused(world):
    for keys, reason in (("devices: [/dev/no-such]", "device '/dev/no-such': cannot be used: no such file"),
                         ("devices: [/etc/passwd]", "device '/etc/passwd': is no device"),
                         ("devices: [vendor.com/gpu=all]", "Container Device Interface"),
                         ("devices: ['/dev/null:/dev/x:rq']", "'rq' are no permissions"),
                         ("device_cgroup_rules: ['c 1:3']", "'c 1:3' is no rule such as"),
                         ("gpus: all", 'could not select device driver "" with capabilities: [[gpu]]'),
                         ("deploy: {resources: {reservations: {devices: [{driver: nvidia, capabilities: [gpu]}]}}}",
                          'could not select device driver "nvidia" with capabilities: [[gpu]]')):
        world.compose("services:\n  a:\n    x-rootfs: host\n    command: sleep 1000\n    %s\n" % keys)
        done = world.cmp("up", "-d", code=1)
        expect_in(reason, done.err)
        expect_in("compose.yaml:5:", done.err)
        expect(not world.project_left(), "something was made for " + keys)


SCENARIOS = [
    the_default_box_and_what_exec_gets_of_it, system_calls_are_filtered, a_container_has_a_session_keyring_of_its_own,
    security_options_change_the_box, what_cannot_be_honoured_is_refused_with_its_line, labels_need_their_module,
    identity_and_capabilities_in_all_forms, devices_are_those_asked_for, devices_that_cannot_be_had_are_refused,
]
