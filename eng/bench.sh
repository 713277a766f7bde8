#!/usr/bin/env bash
# Builds and runs the measurements; results go to bench/results.
#   eng/bench.sh [scenario...]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Drover.Bench -c Release -nologo -v quiet
dotnet build bench/Drover.BareForwarder -c Release -nologo -v quiet
# Ten thousand WebSockets have two ends here and two in each proxy.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec artifacts/bin/Drover.Bench/release/Drover.Bench artifacts/publish/Drover/release/drover bench/results "$@"
