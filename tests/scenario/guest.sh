#!/bin/sh
# guest.sh: the quickstart project on a host with cgroup v2 only, which is a guest here (tests/support/guest). One case a
# claim, printed as run.py prints them. The binary is $CMP_BINARY, else $CMP_BUILT.
cd "$(dirname "$0")/../.." || exit 1

if [ "${1-}" != --inside ]; then
  binary=${CMP_BINARY:-${CMP_BUILT-}}
  if [ ! -x "$binary" ]; then
    echo "skip guest: no binary (CMP_BINARY='$binary')"
    exit 0
  fi
  exec tests/support/guest/run -t 120 -- sh "$PWD/tests/scenario/guest.sh" --inside "$(realpath "$binary")"
fi

failed=0
case_is() {  # case_is NAME WANTED GOT
  if [ "$2" = "$3" ]; then
    echo "ok guest: $1"
  else
    echo "not ok guest: $1: wanted '$2', got '$3'"
    failed=1
  fi
}

# load MODULE…: with what they need. The package keeps the modules of its kernel where modprobe does not look.
load() {
  modules=/usr/lib/uml/modules/$(uname -r)
  for module; do
    for file in $(grep "/$module\.ko[^:]*:" "$modules/modules.dep" | tr -d : | tr ' ' '\n' | tac); do
      busybox insmod "$modules/$file" 2>/dev/null
    done
  done
}
load overlay bridge veth

export CMP_STATE_DIR=/run/state CMP_RUN_DIR=/run/cmp
cmp=$2
top=$PWD
mkdir /run/work && cp -r compose-examples/quickstart /run/work/ && cd /run/work/quickstart || exit 1
before=$(find /sys/fs/cgroup -type d | sort; ip -brief link; findmnt -rno TARGET)

"$cmp" --ansi never up -d >/run/up 2>&1
case_is "up of the quickstart on cgroup v2" 0 $?
[ "$failed" = 0 ] || cat /run/up
case_is "the page on the published port" "Hello from the quickstart: you are visitor number 1." \
  "$(curl -fs --retry 20 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/)"
web=/sys/fs/cgroup/cmp/quickstart/quickstart-web-1
case_is "the limits of web in its cgroup" "50000 100000 67108864 32" \
  "$(echo $(cat $web/cpu.max $web/memory.max $web/pids.max))"
case_is "exec enters the service and its cgroup" "0::/" "$("$cmp" exec -T web cat /proc/self/cgroup | grep ^0)"
"$cmp" --ansi never down -v >/run/down 2>&1
case_is "down on cgroup v2" 0 $?
case_is "nothing is left of cgroups, links and mounts" "$before" \
  "$(find /sys/fs/cgroup -type d | sort; ip -brief link; findmnt -rno TARGET)"
case_is "nothing is left under the run directory" "" "$(find /run/cmp -mindepth 1 2>/dev/null)"

# storage_opt, on a file system with project quotas.
load loop quota_tree quota_v2
truncate -s 64M /run/disk && mkfs.ext4 -q -O project,quota -E quotatype=prjquota /run/disk && mkdir /run/quota &&
  mount -o loop,prjquota /run/disk /run/quota
mkdir /run/sized && cd /run/sized || exit 1
cat >compose.yaml <<EOF
services:
  small: {x-rootfs: host, command: sleep 1000, network_mode: none, storage_opt: {size: 4m}}
  wide: {x-rootfs: host, command: sleep 1000, network_mode: none}
EOF
sized() { CMP_STATE_DIR=/run/quota "$cmp" --ansi never "$@"; }
sized up -d >/run/up 2>&1 || { failed=1; cat /run/up; }
fill() {  # fill SERVICE MILLIONS FILE
  sized exec -T "$1" sh -c "head -c ${2}000000 /dev/zero >/$3; stat -c %s /$3" 2>/run/fill
}
case_is "what fits into storage_opt size" 2000000 "$(fill small 2 first)"
fill small 8 second >/dev/null
case_is "what does not fit" 1 "$(grep -c "No space left on device\|Disk quota exceeded" /run/fill)"
case_is "another service is not limited" 8000000 "$(fill wide 8 first)"
sized restart -t 0 small >/dev/null 2>&1
fill small 3 third >/dev/null
case_is "what was written counts after a restart" 1 "$(grep -c "No space left on device\|Disk quota exceeded" /run/fill)"
sized down -t 0 >/dev/null 2>&1
case_is "nothing is left of what was limited" 0 "$?"
umount /run/quota

# The box and the limits once more, felt from inside.
mount -t tmpfs tmpfs /var/tmp
again() {  # again FILE PATTERN...
  CMP_BINARY=$cmp /usr/bin/python3 "$top/tests/scenario/run.py" --here "$@" >/run/again 2>&1 || failed=1
  sed -e 's/^\(ok\|skip\) /\1 guest: /' -e 's/^not ok /not ok guest: /' /run/again
}
again security the_default_box_and_what_exec_gets_of_it
again resources 'an_end_for*' 'processor_time*' 'one_fork*'
exit $failed
