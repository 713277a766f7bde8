#!/usr/bin/env bash
# A private Docker Engine for manual work and the bench: own directory, own socket, nothing shared with the system's.
# usage: eng/dockerd.sh start|stop DIRECTORY [more dockerd arguments]
# It has one image, drover-test/busybox:latest, made of the distribution's static busybox, and no bridge network.
set -euo pipefail

usage() {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}

[[ $# -ge 2 ]] || usage
verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2
socket=$dir/docker.sock
pidfile=$dir/dockerd.pid

is_ours() { # true when the pid in the file is a dockerd of this directory and not a stranger with its number
    local pid
    pid=$(cat "$pidfile" 2>/dev/null) && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "dockerd .*$dir/"
}

ping_engine() { curl --silent --fail --max-time 2 --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }

need() {
    command -v "$1" >/dev/null || { echo "$1 is missing; install it: apt-get install -y --no-install-recommends $2" >&2; exit 1; }
}

import_image() {
    local root
    root=$(mktemp -d)
    mkdir -p "$root"/{bin,dev,etc,proc,root,sys,tmp}
    cp "$(command -v busybox)" "$root/bin/busybox"
    busybox --list | grep -vx busybox | while read -r applet; do ln -s busybox "$root/bin/$applet"; done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    tar -C "$root" -c . | curl --silent --show-error --fail --unix-socket "$socket" --data-binary @- \
        -H 'Content-Type: application/x-tar' -X POST \
        'http://docker/images/create?fromSrc=-&repo=drover-test/busybox&tag=latest' >/dev/null
    rm -r "$root"
}

start() {
    need dockerd 'docker.io iptables'
    need busybox busybox-static
    need curl curl
    [[ $(id -u) -eq 0 ]] || { echo "starting a Docker Engine takes root" >&2; exit 1; }
    [[ ${#socket} -le 107 ]] || { echo "$socket is longer than a socket's path may be; choose a shorter directory" >&2; exit 1; }
    if is_ours; then
        echo "already running: export DOCKER_HOST=unix://$socket"
        return
    fi

    rm -f "$pidfile"
    echo '{}' >"$dir/daemon.json"
    local name
    name=drover-$(echo -n "$dir" | sha256sum | cut -c1-12)
    setsid dockerd --host "unix://$socket" --config-file "$dir/daemon.json" \
        --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$pidfile" \
        --containerd-namespace "$name" --containerd-plugins-namespace "$name-plugins" \
        --iptables=false --ip6tables=false --bridge=none --shutdown-timeout 2 "$@" \
        >>"$dir/dockerd.log" 2>&1 </dev/null &
    local started=$!
    for _ in $(seq 300); do
        if ping_engine; then
            import_image
            echo "export DOCKER_HOST=unix://$socket"
            return
        fi

        kill -0 "$started" 2>/dev/null || break
        sleep 0.2
    done
    echo "dockerd did not start; its last words:" >&2
    tail -n 12 "$dir/dockerd.log" >&2
    exit 1
}

stop() {
    if ! is_ours; then
        echo "not running in $dir"
        return
    fi

    local pid
    pid=$(cat "$pidfile")
    kill -TERM "$pid"
    for _ in $(seq 150); do
        kill -0 "$pid" 2>/dev/null || { echo "stopped; its data is still in $dir"; return; }
        sleep 0.2
    done
    echo "dockerd (process $pid) does not end; end it by hand: kill -KILL $pid" >&2
    exit 1
}

case $verb in
    start) start "$@" ;;
    stop) stop ;;
    *) usage ;;
esac
