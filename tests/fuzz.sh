#!/bin/sh
# Runs each fuzzer named for SECONDS_EACH on its kept corpus, fuzz_formats once
# for each format and once for all, as many at a time as there are processors.
# New inputs go to the build folder; a crash fails and leaves its input there.
# FUZZ_ONLY=word: those with that word only.
set -u
export BUILD="${BUILD:-build/fuzz}" SECONDS_EACH="${SECONDS_EACH:-60}"
formats="jsonl edn porcupine-kv knossos jepsen-json etcd-log limo fptlin
    polylin csv"

# LABEL PROGRAM SEEDS [FORMAT]: one line each
list() {
    for name in "$@"; do
        echo "$name $name tests/data/corpus/${name#fuzz_}"
        [ "$name" = fuzz_formats ] || continue
        for format in $formats; do
            echo "fuzz_format_$format $name" \
                "tests/data/corpus/format/$format $format"
        done
    done | grep -e "${FUZZ_ONLY:-}"
}

# fuzz LABEL PROGRAM SEEDS [FORMAT]
# shellcheck disable=SC2016 # it is for the shells that xargs starts
fuzz='
    log="$BUILD/$1.log"
    found="$BUILD/corpus/$1"
    mkdir -p "$found" "$3"
    [ -z "${4:-}" ] || export FUZZ_FORMAT="$4"
    "$BUILD/$2" -max_total_time="$SECONDS_EACH" -print_final_stats=1 \
        -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$BUILD/$1-" \
        "$found" "$3" >"$log" 2>&1 || {
        tail -40 "$log"
        echo "FAILED: $1"
        exit 255
    }
    runs=$(sed -n "s/^stat::number_of_executed_units: *//p" "$log")
    new=$(sed -n "s/^stat::new_units_added: *//p" "$log")
    printf "%-28s %4s s %10s runs %6s new inputs\n" "$1" "$SECONDS_EACH" \
        "$runs" "$new"
'
list "$@" | xargs -P "$(nproc)" -L 1 sh -c "$fuzz" fuzz
