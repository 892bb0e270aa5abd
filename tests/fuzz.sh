#!/bin/sh
# Runs each fuzzer named for SECONDS_EACH on its kept corpus; new inputs go to
# the build folder, a crash fails.
set -u
build=${BUILD:-build/fuzz}
for name in "$@"; do
    seeds="tests/data/corpus/${name#fuzz_}"
    found="$build/corpus/$name"
    mkdir -p "$found" "$seeds"
    echo "$name, ${SECONDS_EACH:-60} s"
    "$build/$name" -max_total_time="${SECONDS_EACH:-60}" -print_final_stats=1 \
        -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$build/$name-" \
        "$found" "$seeds" >"$build/$name.log" 2>&1 || {
        tail -40 "$build/$name.log"
        exit 1
    }
    grep -E 'number_of_executed_units|new_units' "$build/$name.log"
done
