#!/bin/sh
# Runs test programs through prove, and counts what they said.  Each program
# prints TAP; a program that dies without saying so counts as a failure.
set -u
build=${BUILD:-build}
mkdir -p "$build/tap"
rm -f "$build"/tap/*.tap
export FAULTLINE_BUILD="$build"
prove -j "$(nproc)" -e 'sh tests/tap.sh' "$@"
status=$?
passed=$(cat "$build"/tap/*.tap | grep -c '^ok ')
failed=$(cat "$build"/tap/*.tap | grep -c '^not ok ')
skipped=$(cat "$build"/tap/*.tap | grep -ci '^ok .*# *skip\|^1\.\.0 *# *skip')
grep -hi '# *skip' "$build"/tap/*.tap | sed 's/^ok [0-9]* - /skipped: /'
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1 # a program died or broke its plan
fi
echo "$((passed - skipped)) passed, $failed failed, $skipped skipped"
exit "$status"
