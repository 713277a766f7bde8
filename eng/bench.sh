#!/usr/bin/env bash
# Builds and runs the measurements; results go to bench/results.
#   eng/bench.sh [scenario...]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Drover.Bench -c Release -nologo -v quiet
exec artifacts/bin/Drover.Bench/release/Drover.Bench artifacts/publish/Drover/release/drover bench/results "$@"
