#!/usr/bin/env bash
# What CI checks beside the tests: shell scripts and the layout of the code. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t scripts < <(git ls-files 'eng/*.sh' 'deploy/archive/*.sh' 'test/*.sh' '.ci/run')
shellcheck "${scripts[@]}"
dotnet format whitespace --no-restore --verify-no-changes || { echo "cannot accept the layout above: run make fmt" >&2; exit 1; }
