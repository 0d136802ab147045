"""`cmp doctor` on this host."""
import json
import os
import subprocess

from world import expect, expect_equal, expect_in


def findings(world, **options):
    return {line["Subject"]: line for line in map(json.loads, world.cmp("doctor", "--format", "json", **options).out.splitlines())}


def it_finds_what_this_host_has_and_leaves_nothing(world):
    found = findings(world)
    for subject in ("privileges", "namespaces", "control groups", "overlay", "seccomp", "bridges"):
        expect(found[subject]["Grade"] != "missing", "%s: %s" % (subject, found[subject]))
    tree = os.path.exists("/sys/fs/cgroup/memory/tasks")
    expect_in("version %d" % (1 if tree else 2), found["control groups"]["Found"], "control groups")
    expect_in("good     overlay: yes, in " + world.state_dir, world.cmp("doctor").out)


def a_firewall_that_drops_is_named(world):
    """In a network namespace of its own: the sandbox's other rules are not ours."""
    subprocess.run("nft add table ip ufw && nft 'add chain ip ufw forward { type filter hook forward priority 0; policy drop; }'",
                   shell=True, check=True)
    try:
        expect_in("ip ufw forward", findings(world)["other firewalls"]["Found"], "the finding")
    finally:
        subprocess.run(["nft", "delete", "table", "ip", "ufw"], check=True)


def who_is_not_root_is_told_so(world):
    found = [json.loads(line) for line in
             world.cmp("doctor", "--format", "json", code=1,
                       wrapper=("setpriv", "--reuid", "65534", "--clear-groups")).out.splitlines()]
    expect_equal(found[0]["Found"], "not root", "privileges")
    expect_equal(found[0]["Grade"], "missing", "privileges")


def a_format_that_is_none_is_refused(world):
    expect_in("neither text nor json", world.cmp("doctor", "--format", "xml", code=1).err)


SCENARIOS = [it_finds_what_this_host_has_and_leaves_nothing, a_firewall_that_drops_is_named, who_is_not_root_is_told_so,
             a_format_that_is_none_is_refused]
