#!/usr/bin/env bash
# Says what this machine lacks and installs it after asking. YES=1 or CI answers yes.
#   eng/setup.sh run    what running Drover needs: .NET SDK (checked only), Docker Engine, SQLite library
#   eng/setup.sh test   the same and what the tests need
#   eng/setup.sh bench  the same and what the measurements run beside; none of it is left running or enabled
set -euo pipefail
cd "$(dirname "$0")/.."
# Where dockerd, iptables and ldconfig are; Debian leaves it out of a user's path.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
fail() { say "cannot set up: $*"; exit 1; }

require_sdk() {
    local wanted
    wanted=$(sed -n 's/.*"version": "\([0-9]*\)\..*/\1/p' global.json)
    if ! have dotnet || ! dotnet --list-sdks 2>/dev/null | grep "^${wanted}\." >/dev/null; then
        say "The .NET SDK ${wanted} is missing, and Debian and Ubuntu's own archives may not carry it."
        say "Get it from Microsoft's .NET download page (search \"install .NET ${wanted} on Linux\"),"
        say "or, where your distribution has it: apt-get install dotnet-sdk-${wanted}.0"
        say "Then run this again."
        exit 1
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else fail "root is needed for: $* (run as root or install sudo)"; fi
}

confirm() {
    [ "${YES:-}" = 1 ] || [ -n "${CI:-}" ] && return 0
    [ -t 0 ] || fail "there is no terminal to ask at; run again with YES=1 to install: $*"
    local answer
    read -r -p "Install $* with apt-get? [Y/n] " answer
    case "$answer" in "" | y | Y | yes) ;; *) fail "not installed: $*" ;; esac
}

# package:command, package:=library or package:/file, so that what is there already is left alone
missing_of() {
    local entry package probe
    for entry in "$@"; do
        package=${entry%%:*} probe=${entry#*:}
        case "$probe" in
            # Read to its end: a grep that leaves early ends ldconfig by SIGPIPE, and with it the pipe.
            =*) ldconfig -p 2>/dev/null | grep -F "${probe#=}" >/dev/null || printf '%s\n' "$package" ;;
            /*) [ -e "$probe" ] || printf '%s\n' "$package" ;;
            *) have "$probe" || printf '%s\n' "$package" ;;
        esac
    done
}

install_missing() {
    local missing
    mapfile -t missing < <(missing_of "$@")
    [ "${#missing[@]}" -eq 0 ] && return 0
    have apt-get || fail "these are missing and this is no Debian or Ubuntu (no apt-get): ${missing[*]}"
    say "Missing: ${missing[*]}"
    confirm "${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    say "Installed: ${missing[*]}"
}

# Debian starts what it installs and enables it for the next boot. A peer shall only be there to be measured.
# Source: invoke-rc.d(8), policy-rc.d: 101 forbids.
install_peers() {
    local missing package policy=/usr/sbin/policy-rc.d
    mapfile -t missing < <(missing_of "${packages_bench[@]}")
    [ "${#missing[@]}" -eq 0 ] && return 0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        as_root chmod 755 "$policy"
    fi
    install_missing "${packages_bench[@]}"
    for package in "${missing[@]}"; do
        case "$package" in
            supervisor | monit | nginx-light | haproxy | caddy)
                [ ! -d /run/systemd/system ] || as_root systemctl disable --quiet "${package%-light}.service"
                ;;
        esac
    done
}

# What a folder's package.json names goes below artifacts, and stays until its lock file changes.
install_npm() {
    local from=$1 here=artifacts/$2
    cmp -s "$from/package-lock.json" "$here/installed" && return 0
    say "Installing what $from/package.json names below $here"
    mkdir -p "$here"
    cp "$from/.npmrc" "$from/package.json" "$from/package-lock.json" "$here"
    (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --silent) \
        || fail "npm could not install what $from/package.json names"
    cp "$from/package-lock.json" "$here/installed"
}

# Of Prometheus only its checker of metrics is wanted, and no daemon: it is taken out of the package, below artifacts.
install_promtool() {
    local here=artifacts/promtool
    have promtool || [ -x "$here/promtool" ] && return 0
    have apt-get || fail "promtool is missing and this is no Debian or Ubuntu (no apt-get)"
    say "Taking promtool out of the package prometheus"
    mkdir -p "$here"
    as_root apt-get update -qq
    (cd "$here" && apt-get download -qq prometheus 2>/dev/null \
        && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/promtool \
        && rm -f prometheus_*.deb) || fail "the package prometheus with promtool cannot be had"
}

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

start_engine() {
    if engine_answers; then return 0; fi
    if as_root docker version >/dev/null 2>&1; then
        fail "the Docker Engine runs, but $(id -un) may not use its socket: usermod -aG docker $(id -un), then sign in anew"
    fi
    say "Starting the Docker Engine"
    if [ -d /run/systemd/system ]; then
        as_root systemctl enable --now docker.service
    else
        # No service manager (a container, a minimal machine): the engine runs until the machine stops.
        as_root sh -c 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'
    fi
    for _ in $(seq 60); do engine_answers && return 0; sleep 0.5; done
    fail "the Docker Engine does not answer after 30 s; its log: journalctl -u docker, or /var/log/dockerd.log"
}

packages_run=(docker.io:dockerd iptables:iptables libsqlite3-0:=libsqlite3.so.0)
# An engine that somebody else manages (DOCKER_HOST, Docker's own packages) is used as it is.
if engine_answers; then packages_run=(libsqlite3-0:=libsqlite3.so.0); fi
packages_test=(docker.io:dockerd iptables:iptables libsqlite3-0:=libsqlite3.so.0 busybox-static:busybox
    openssl:openssl shellcheck:shellcheck iproute2:ip mmdebstrap:mmdebstrap systemd:systemd-analyze
    chromium:chromium zsh:zsh fish:fish bsdutils:script curl:curl xfsprogs:mkfs.xfs btrfs-progs:mkfs.btrfs)
packages_bench=(runit:runsvdir s6:s6-svscan supervisor:supervisord monit:monit gcc:gcc libc6-dev:/usr/include/stdlib.h
    nginx-light:nginx haproxy:haproxy caddy:caddy wrk:wrk)
have npm || packages_test+=(nodejs:node npm:npm)

require_sdk
case "${1:-run}" in
    run)
        install_missing "${packages_run[@]}"
        # Debian 12's docker.io brings the client; later releases split it off.
        have docker || install_missing docker-cli:docker
        start_engine
        ;;
    # Tests start private engines of their own and never touch this machine's.
    test)
        install_missing "${packages_test[@]}"
        install_npm test/Drover.Gateway.Tests/WebSockets test-peers
        install_promtool
        ;;
    bench)
        install_missing "${packages_test[@]}"
        install_peers
        install_npm bench/peers peers
        ;;
    *) fail "unknown argument \"$1\": run, test or bench" ;;
esac
