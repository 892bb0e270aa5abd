#!/bin/sh
# Runs each fuzzer named for SECONDS_EACH on its kept corpus, fuzz_formats once
# for each format and once for all; new inputs go to the build folder, a crash
# fails and leaves its input there.  FUZZ_ONLY=word: those with that word only.
set -u
build=${BUILD:-build/fuzz}
formats="jsonl edn porcupine-kv knossos jepsen-json etcd-log limo fptlin
    polylin csv"

# fuzz NAME PROGRAM FOLDER...: the first folder is that of its own seeds
fuzz() {
    label=$1
    program=$2
    shift 2
    case $label in *"${FUZZ_ONLY:-}"*) ;; *) return 0 ;; esac
    found="$build/corpus/$label"
    mkdir -p "$found" "$1"
    "$build/$program" -max_total_time="${SECONDS_EACH:-60}" \
        -print_final_stats=1 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$build/$label-" "$found" "$@" \
        >"$build/$label.log" 2>&1 || {
        tail -40 "$build/$label.log"
        echo "FAILED: $label"
        exit 1
    }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$label.log")
    new=$(sed -n 's/^stat::new_units_added: *//p' "$build/$label.log")
    printf '%-24s %3s s %10s runs %6s new inputs\n' "$label" \
        "${SECONDS_EACH:-60}" "$runs" "$new"
}

for name in "$@"; do
    unset FUZZ_FORMAT
    fuzz "$name" "$name" "tests/data/corpus/${name#fuzz_}"
    [ "$name" = fuzz_formats ] || continue
    for format in $formats; do
        export FUZZ_FORMAT="$format"
        fuzz "fuzz_format_$format" "$name" "tests/data/corpus/format/$format"
    done
done
