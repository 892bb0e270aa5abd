#!/bin/sh
# Runs one test program for prove and keeps what it says.
set -u
kept="${FAULTLINE_BUILD:-build}/tap/$(basename "$1").tap"
"$1" >"$kept"
status=$?
cat "$kept"
exit "$status"
