#!/usr/bin/env bash
# Publishes the executable (trimmed, ReadyToRun, one file), leaves ./drover and packs the archive that is shipped.
# Skips the work when nothing it is made from has changed since the last time.
# Builds beside the old one and moves file by file at the end, so that whoever runs it meanwhile finds a whole file.
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/publish/Drover/release
stamp=artifacts/publish/.inputs
packed=artifacts/publish/.packed

pack() {
    local wanted
    wanted=$({ cat "$stamp" && git log -1 --format=%ct && sha256sum eng/pack.sh deploy/archive/* && find deploy/systemd -type f -exec sha256sum {} +; } \
        | sha256sum)
    if [ "$(cat "$packed" 2>/dev/null)" != "$wanted" ] || ! ls artifacts/publish/drover-*.tar.gz >/dev/null 2>&1; then
        eng/pack.sh
        printf '%s\n' "$wanted" > "$packed"
    fi
}

place_drover() {
    cp "$out/drover" "$new/drover"
    mv -f "$new/drover" ./drover
}

mkdir -p "$out"
new=$(mktemp -d artifacts/publish/new.XXXXXX)
trap 'rm -rf "$new"' EXIT

inputs=$(git ls-files -z --cached --others --exclude-standard -- src docs/reference/openapi.json 'Directory.*' global.json .editorconfig BannedSymbols.txt \
    | { xargs -0 sha256sum 2>/dev/null || true; } | sha256sum) # a file that was deleted and not yet committed is listed too
if [ -x "$out/drover" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
    place_drover
    pack
    exit 0
fi

dotnet publish src/Drover -c Release -nologo -v quiet -o "$new"
for old in "$out"/*; do
    [ -e "$new/${old##*/}" ] || rm -rf "$old"
done
mv -f "$new"/* "$out"
place_drover
printf '%s\n' "$inputs" > "$stamp"
pack
printf 'Published %s (%s MB) and %s\n' "$out/drover" "$(($(stat -c %s "$out/drover") / 1000000))" \
    "$(ls artifacts/publish/drover-*.tar.gz)"
