#!/usr/bin/env bash
# Publishes the executable (trimmed, ReadyToRun, one file) and leaves ./drover.
# Skips the work when nothing it is made from has changed since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/publish/Drover/release
stamp=artifacts/publish/.inputs

inputs=$(git ls-files -z --cached --others --exclude-standard -- src 'Directory.*' global.json .editorconfig BannedSymbols.txt \
    | xargs -0 sha256sum 2>/dev/null | sha256sum)
if [ -x "$out/drover" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
    cp -f "$out/drover" ./drover
    exit 0
fi

rm -rf "$out"
dotnet publish src/Drover -c Release -nologo -v quiet -o "$out"
cp -f "$out/drover" ./drover
printf '%s\n' "$inputs" > "$stamp"
printf 'Published %s (%s MB)\n' "$out/drover" "$(($(stat -c %s "$out/drover") / 1000000))"
