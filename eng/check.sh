#!/usr/bin/env bash
# What CI checks beside the tests: shell scripts. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t scripts < <(git ls-files 'eng/*.sh' '.ci/run')
shellcheck "${scripts[@]}"
