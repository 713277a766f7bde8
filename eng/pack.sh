#!/usr/bin/env bash
# Packs what eng/publish.sh left into drover-VERSION-linux-x64.tar.gz with SHA256SUMS beside it. The same files give the
# same bytes, on whatever machine and whenever: sorted, one owner, one time (SOURCE_DATE_EPOCH, else the last commit's).
#   eng/pack.sh [folder]     artifacts/publish
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC
published=artifacts/publish/Drover/release
target=${1:-artifacts/publish}
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

# The executable knows its version (Directory.Build.props); nobody else says it a second time.
version=$("$published/drover" version --output json | sed -n 's/.*"version": "\(.*\)".*/\1/p')
[ -n "$version" ] || { echo "cannot pack: $published/drover does not say its version" >&2; exit 1; }
name=drover-$version-linux-x64

mkdir -p "$target"
work=$(mktemp -d "$target/pack.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/$name
mkdir -p "$root/completions" "$root/systemd"
cp "$published/drover" "$published/libe_sqlite3.so" deploy/archive/*.sh deploy/archive/README.md "$root"
cp -r deploy/systemd/. "$root/systemd"
"$published/drover" completion bash > "$root/completions/drover.bash"
"$published/drover" completion zsh > "$root/completions/_drover"
"$published/drover" completion fish > "$root/completions/drover.fish"
chmod -R u=rwX,go=rX "$root"
chmod 0644 "$root/libe_sqlite3.so"
chmod 0755 "$root/drover" "$root"/*.sh

tar --create --format=ustar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner -C "$work" "$name" \
    | gzip -9 -n > "$work/$name.tar.gz"
(cd "$work" && sha256sum "$name.tar.gz" > SHA256SUMS)
rm -f "$target"/drover-*-linux-x64.tar.gz
mv -f "$work/$name.tar.gz" "$work/SHA256SUMS" "$target"
