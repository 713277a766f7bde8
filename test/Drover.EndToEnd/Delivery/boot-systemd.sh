#!/bin/sh
# Boots the systemd of a Debian root in namespaces of its own. Needs root, a terminal (script(1)), and this in the environment:
#   ROOT  the root; CGROUP  name for a control group that this makes; PIDFILE  gets the process whose one child is the new PID 1
# Whoever ends that process ends the whole machine. What the kernel shares with everybody (sysctl, /sys) is read-only inside.
set -eu
if [ "${1:-}" != inside ]; then
    if [ -d /sys/fs/cgroup/systemd ]; then hierarchy=/sys/fs/cgroup/systemd; else hierarchy=/sys/fs/cgroup; fi
    mkdir "$hierarchy/$CGROUP"
    echo $$ > "$hierarchy/$CGROUP/cgroup.procs"
    if [ -d /sys/fs/cgroup/unified ]; then
        mkdir "/sys/fs/cgroup/unified/$CGROUP"
        echo $$ > "/sys/fs/cgroup/unified/$CGROUP/cgroup.procs"
    fi
    echo $$ > "$PIDFILE"
    exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup --net "$0" inside
fi

terminal=$(tty)
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
mount -o remount,ro,bind "$ROOT/proc/sys"
mount -t sysfs -o ro sysfs "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/run"
mount -t tmpfs tmpfs "$ROOT/tmp"
mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
for node in null zero full random urandom tty; do
    touch "$ROOT/dev/$node"
    mount --bind "/dev/$node" "$ROOT/dev/$node"
done
mkdir "$ROOT/dev/pts" "$ROOT/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$ROOT/dev/pts"
ln -s pts/ptmx "$ROOT/dev/ptmx"
touch "$ROOT/dev/console"
mount --bind "$terminal" "$ROOT/dev/console"
if [ -d /sys/fs/cgroup/systemd ]; then
    mount -t tmpfs -o mode=755 tmpfs "$ROOT/sys/fs/cgroup"
    mkdir "$ROOT/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd,xattr cgroup "$ROOT/sys/fs/cgroup/systemd"
    if [ -d /sys/fs/cgroup/unified ]; then
        mkdir "$ROOT/sys/fs/cgroup/unified"
        mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup/unified"
    fi
else
    mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
fi
exec env -i container=drover-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$ROOT" /lib/systemd/systemd --log-target=console --unit=basic.target
