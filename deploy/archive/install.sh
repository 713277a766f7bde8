#!/bin/sh
# Installs Drover below PREFIX (default /usr/local) with its systemd units and the completion of three shells.
#   sudo ./install.sh                    PREFIX=/opt/drover, DESTDIR=/some/root for a package
# Starts nothing. uninstall.sh, here and in PREFIX/lib/drover, takes it all away again but data and configuration.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

fail() { echo "cannot install Drover: $*" >&2; exit 1; }

case $PREFIX in
    *[!A-Za-z0-9/._-]*) fail "PREFIX \"$PREFIX\" has characters that unit files do not take as they are" ;;
    /*) ;;
    *) fail "PREFIX \"$PREFIX\" is not an absolute path" ;;
esac
version=$("$here/drover" version 2>&1) \
    || fail "the executable does not run here; it needs Linux on x86-64 with glibc 2.31 or newer ($version)"

into() { install -D -m "$1" "$2" "$DESTDIR$3" || fail "no $DESTDIR$3 could be written; run it as root or choose another PREFIX"; }

into 0755 "$here/drover" "$PREFIX/lib/drover/drover"
into 0644 "$here/libe_sqlite3.so" "$PREFIX/lib/drover/libe_sqlite3.so"
sed "s|^PREFIX=.*|PREFIX=\${PREFIX:-$PREFIX}|" "$here/uninstall.sh" > "$DESTDIR$PREFIX/lib/drover/uninstall.sh"
chmod 0755 "$DESTDIR$PREFIX/lib/drover/uninstall.sh"
mkdir -p "$DESTDIR$PREFIX/bin"
ln -sfn ../lib/drover/drover "$DESTDIR$PREFIX/bin/drover"
into 0644 "$here/completions/drover.bash" "$PREFIX/share/bash-completion/completions/drover"
into 0644 "$here/completions/_drover" "$PREFIX/share/zsh/site-functions/_drover"
into 0644 "$here/completions/drover.fish" "$PREFIX/share/fish/vendor_completions.d/drover.fish"

units=/etc/systemd/system
for unit in drover@.service drover@supervisor.service; do
    into 0644 "$here/systemd/$unit" "$units/$unit"
    sed "s|/usr/local/bin/drover|$PREFIX/bin/drover|" "$here/systemd/$unit" > "$DESTDIR$units/$unit"
done
for file in "$here"/systemd/drover@*.service.d/*.conf; do
    into 0644 "$file" "$units/${file#"$here/systemd/"}"
done
into 0644 "$here/systemd/drover.sysusers.conf" /usr/lib/sysusers.d/drover.conf

if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then
    systemd-sysusers drover.conf
    systemctl daemon-reload
fi
echo "$version is installed in $DESTDIR$PREFIX. Next:"
echo "  systemctl enable --now drover@up     server and host agent of this machine as a service"
echo "  drover up                            or in the foreground"
