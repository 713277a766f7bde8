#!/usr/bin/env bash
# Runs every test project's executable and adds up. The last line is the count, the exit status is honest.
#   eng/test.sh light   all but the tier heavy
#   eng/test.sh heavy   only tier=heavy
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
tier=${1:?light or heavy}
configuration=${CONFIGURATION:-Release}
limit=${TEST_TIMEOUT:-1800}
case "$tier" in
    light) filter=(-trait- tier=heavy) ;;
    heavy) filter=(-trait tier=heavy) ;;
    *) echo "cannot run tier \"$tier\": light or heavy" >&2; exit 2 ;;
esac

results=artifacts/test-results/$tier
rm -rf "$results" && mkdir -p "$results"
DROVER_PUBLISHED=$(pwd)/artifacts/publish/Drover/release/drover
export DROVER_PUBLISHED

passed=0 failed=0 skipped=0
attribute() { sed -n "s/.*<assembly [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

for project in test/*/*.csproj; do
    name=$(basename "$project" .csproj)
    [ "$name" = Drover.Testing ] && continue
    program=artifacts/bin/$name/$(echo "$configuration" | tr '[:upper:]' '[:lower:]')/$name
    report=$results/$name.xml
    started=$SECONDS
    if [ ! -x "$program" ]; then
        echo "$name: not built"; failed=$((failed + 1)); continue
    fi
    timeout --kill-after=30 "$limit" "$program" -noLogo -noColor "${filter[@]}" -xml "$report" > "$results/$name.log" 2>&1
    status=$?
    if [ ! -s "$report" ]; then
        echo "$name: ended with status $status and no report:"; tail -n 20 "$results/$name.log"
        failed=$((failed + 1)); continue
    fi
    p=$(attribute "$report" passed) f=$(attribute "$report" failed) s=$(attribute "$report" skipped) e=$(attribute "$report" errors)
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0} + ${e:-0})) skipped=$((skipped + ${s:-0}))
    echo "$name: ${p:-0} passed, ${f:-0} failed, ${s:-0} skipped in $((SECONDS - started)) s"
    if [ "${f:-0}" != 0 ] || [ "${e:-0}" != 0 ]; then grep -A 25 '\[FAIL\]' "$results/$name.log" | head -n 400; fi
    # A runner that died after its report, or a status that its report does not explain, is a failure too.
    if [ "$status" != 0 ] && [ "${f:-0}" = 0 ] && [ "${e:-0}" = 0 ] && [ "${p:-0}" != 0 ]; then
        echo "$name: exit status $status without a failed test"; tail -n 20 "$results/$name.log"; failed=$((failed + 1))
    fi
done

if [ -n "${CI:-}" ] && [ "$skipped" != 0 ]; then
    echo "A skipped test counts as failed in CI"; failed=$((failed + skipped))
fi
echo "$passed passed, $failed failed, $skipped skipped" | tee "$results/total.txt"
[ "$failed" = 0 ] && { [ "$passed" != 0 ] || [ "$tier" != light ]; }
