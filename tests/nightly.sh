#!/bin/sh
# Ten million random histories through the trust tests, on all cores, each with
# seeds of its own; NIGHTLY_PROGRAMS (500) small programs of each memory model
# through both searches, and 2000 held against the axioms; then the hunt: every planted flaw from five base seeds, every
# sound form over ten million executions.  Prints what each saw, and the time;
# fails if one fails.
#
#     NIGHTLY_HISTORIES=10000000 NIGHTLY_EXECUTIONS=10000000 NIGHTLY_SEEDS=5 \
#         NIGHTLY_JOBS=8 NIGHTLY_SEED=1 make nightly
#
# NIGHTLY_SCENARIOS names the scenarios or folders to hunt, if not all.
set -u
build=${BUILD:-build}
histories=${NIGHTLY_HISTORIES:-10000000}
executions=${NIGHTLY_EXECUTIONS:-10000000}
seeds=${NIGHTLY_SEEDS:-5}
scenarios=${NIGHTLY_SCENARIOS:-}
jobs=${NIGHTLY_JOBS:-$(nproc)}
seed=${NIGHTLY_SEED:-$(date +%Y%m%d)}

# Whether all cases of a log came to their end, and well: as many as it planned.
passed() { # passed LOG
    planned=$(sed -n 's/^1\.\.//p' "$1")
    [ "${planned:-0}" -gt 0 ] && [ "$(grep -c '^ok ' "$1")" -eq "$planned" ]
}

each=$(((histories + jobs - 1) / jobs))
start=$(date +%s)
mkdir -p "$build/nightly"
echo "$histories histories on $jobs cores, TRUST_SEED=$seed and on"
job=0
while [ "$job" -lt "$jobs" ]; do
    TRUST_HISTORIES=$each TRUST_SEED=$((seed + job)) "$build/tests/trust_test" \
        >"$build/nightly/$job.tap" 2>&1 &
    job=$((job + 1))
done
wait
failed=0
job=0
while [ "$job" -lt "$jobs" ]; do
    log="$build/nightly/$job.tap"
    echo "--- TRUST_SEED=$((seed + job))"
    cat "$log"
    passed "$log" || failed=$((failed + 1))
    job=$((job + 1))
done
echo "$((each * jobs)) histories, $failed of $jobs jobs failed," \
    "$(($(date +%s) - start)) s"
echo '--- searches agree'
log="$build/nightly/agree.tap"
FAULTLINE_BUILD=$build AGREE_PROGRAMS=${NIGHTLY_PROGRAMS:-500} \
    "$build/tests/search_agree_check" >"$log" 2>&1
cat "$log"
passed "$log" || failed=$((failed + 1))
log="$build/nightly/alike.tap"
FAULTLINE_BUILD=$build ALIKE_PROGRAMS=200 ALIKE_RUNS=4000 \
    "$build/tests/alike_check" >"$log" 2>&1
cat "$log"
passed "$log" || failed=$((failed + 1))
echo '--- memory models by their axioms'
log="$build/nightly/axioms.tap"
FAULTLINE_BUILD=$build AXIOMS_PROGRAMS=2000 AXIOMS_SEED=$seed \
    "$build/tests/axioms_test" >"$log" 2>&1
cat "$log"
passed "$log" || failed=$((failed + 1))
echo '--- counts of executions, the largest too'
log="$build/nightly/dpor.tap"
FAULTLINE_BUILD=$build DPOR_LARGEST=1 "$build/tests/dpor_check" >"$log" 2>&1 ||
    failed=$((failed + 1))
cat "$log"
passed "$log" || failed=$((failed + 1))
start=$(date +%s)
echo "--- hunt: $seeds seeds from $seed, $executions executions of a sound form"
hunted=0
# shellcheck disable=SC2086 # several words name several scenarios
"$build/faultline" hunt --seed "$seed" --seeds "$seeds" --jobs "$jobs" \
    --executions "$executions" $scenarios || hunted=$?
echo "hunt ended with $hunted, $(($(date +%s) - start)) s"
[ "$failed" -eq 0 ] && [ "$hunted" -eq 0 ]
