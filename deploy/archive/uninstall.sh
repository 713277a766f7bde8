#!/bin/sh
# Takes away what install.sh put there. Data, configuration and the user drover stay; it says where.
set -eu
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

fail() { echo "cannot uninstall Drover: $*" >&2; exit 1; }

case $PREFIX in
    /*) ;;
    *) fail "PREFIX \"$PREFIX\" is not an absolute path" ;;
esac
[ -e "$DESTDIR$PREFIX/lib/drover/drover" ] \
    || fail "there is none in $DESTDIR$PREFIX; PREFIX says where it was installed"

if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then
    for role in up server host-agent supervisor gateway; do
        systemctl disable --now "drover@$role.service" 2>/dev/null || true
    done
fi

root=$DESTDIR$PREFIX
units=$DESTDIR/etc/systemd/system
rm -f "$root/bin/drover" "$root/share/bash-completion/completions/drover" \
    "$root/share/zsh/site-functions/_drover" "$root/share/fish/vendor_completions.d/drover.fish" \
    "$units/drover@.service" "$units/drover@supervisor.service" "$DESTDIR/usr/lib/sysusers.d/drover.conf"
for role in host-agent server gateway up; do
    # By name: what `systemctl edit` put beside them is the administrator's.
    for file in docker memory server gateway; do
        rm -f "$units/drover@$role.service.d/$file.conf"
    done
done
rm -rf "$root/lib/drover"

# Directories go when nothing else is in them.
for directory in "$units/drover@host-agent.service.d" "$units/drover@gateway.service.d" \
    "$units/drover@up.service.d" "$units/drover@server.service.d" "$units" \
    "$root/share/bash-completion/completions" "$root/share/bash-completion" \
    "$root/share/zsh/site-functions" "$root/share/zsh" \
    "$root/share/fish/vendor_completions.d" "$root/share/fish" "$root/share" "$root/bin" "$root/lib" \
    "$DESTDIR/usr/lib/sysusers.d"; do
    case $directory in
        /usr | /usr/* | /etc | /etc/systemd/system) ;; # The machine's own; empty or not, they stay.
        *) rmdir "$directory" 2>/dev/null || true ;;
    esac
done

if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
echo "Drover is gone from $DESTDIR$PREFIX. What it kept stays:"
for kept in /var/lib/drover /etc/drover; do
    if [ -e "$DESTDIR$kept" ]; then echo "  $DESTDIR$kept"; fi
done
echo "  ~/.local/share/drover of each user who ran it"
echo "They hold keys and history; delete them yourself when you need them no more."
