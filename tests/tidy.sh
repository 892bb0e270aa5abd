#!/bin/sh
# The rules of the house that a program can check: who includes whom, sizes,
# names, registries, READMEs, format.  One line for each breach; silence and
# exit status 0 if there is none.
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C
breaches=$(mktemp) || exit 2
trap 'rm -f "$breaches"' EXIT
ROOMS="checker harness algorithms faults cli bench tests"
FILES=$(find $ROOMS -path tests/data -prune -o -name '*.[ch]' -print | sort)

# --- arrows: room, then the rooms that it may see ---
# "harness/algorithm.h" alone: the port, and nothing behind it.
grep -H '^#include "' $FILES | sed 's/:#include "/ /; s/".*//' |
    awk '
    BEGIN {
        may["checker"] = "checker/"
        may["harness"] = "harness/ checker/ include/faultline/object.h"
        may["faults"] = "faults/ harness/ checker/"
        may["algorithms"] = "algorithms/ harness/algorithm.h checker/"
        may["bench"] = "bench/ cli/ algorithms/ faults/ harness/ checker/"
        may["cli"] = "cli/ bench/bench.h algorithms/ faults/ harness/ checker/"
        may["tests"] = "tests/ cli/ algorithms/ faults/ harness/ checker/"
    }
    {
        room = $1
        sub(/\/.*/, "", room)
        count = split(may[room], rooms, " ")
        for (i = 1; i <= count; i++) {
            if (index($2, rooms[i]) == 1) {
                next
            }
        }
        print $1 ": must not include " $2
    }' >>"$breaches"

# The checker links libc alone, so it includes nothing else; its threads are
# the one that measures clocks, and those that decide parts side by side, and
# monitors map their large arrays.
grep -Hn '^#include <' $(echo "$FILES" | tr ' ' '\n' | grep '^checker/') |
    grep -vE '<(assert|ctype|errno|float|inttypes|limits|math|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|time|unistd)\.h>' |
    grep -vE '^checker/(clock|crew)\.c:[0-9]+:#include <(pthread|sched)\.h>' |
    grep -vE '^checker/monitor/room\.c:[0-9]+:#include <sys/mman\.h>' |
    sed 's/:#include/: the checker must not include/' >>"$breaches"

# --- registries: a plug-in is one file and one line ---
for file in faults/*.c; do
    kind=$(basename "$file" .c)
    [ "$kind" = registry ] && continue
    grep -q "&fault_$kind," faults/registry.c ||
        echo "$file: not in faults/registry.c"
done >>"$breaches"
for file in algorithms/*/*.c; do
    [ -e "$file" ] || continue
    grep -q "\"$(basename "$file" .c)\"" algorithms/registry.c ||
        echo "$file: not in algorithms/registry.c"
done >>"$breaches"

# --- every folder opens with a README of at most 40 lines ---
for folder in $(echo "$FILES" | sed 's|/[^/]*$||' | sort -u) scenarios docs; do
    case $folder in
    algorithms/* | tests/plugins) continue ;; # their parent's tells it
    esac
    if [ ! -f "$folder/README.md" ]; then
        echo "$folder: has no README.md"
    elif [ "$(wc -l <"$folder/README.md")" -gt 40 ]; then
        echo "$folder/README.md: longer than 40 lines"
    fi
done >>"$breaches"

# --- scripts and pages ---
for file in tests/*.sh .githooks/*; do
    sed -n 1p "$file" | grep -qE '^#!/bin/(ba)?sh' ||
        echo "$file:1: must open with its shell"
    sed -n 2p "$file" | grep -q '^# ' ||
        echo "$file:2: must open with its purpose"
done >>"$breaches"
grep -nE '(^|[^a-zA-Z])/(work|home|root)/|(^|[^a-zA-Z])(TODO|FIXME)([^a-zA-Z]|$)' README.md docs/*.md \
    */README.md scenarios/*.yaml 2>/dev/null |
    sed 's/$/  <- unfinished, or a path of one machine/' >>"$breaches"

# --- each file by itself, then its layout ---
awk -f tests/tidy.awk $FILES >>"$breaches"
if command -v clang-format >/dev/null; then
    clang-format --dry-run $FILES 2>&1 |
        sed -n 's/:[0-9]*: warning: .*/: not formatted; make format/p' |
        sort -u >>"$breaches"
fi

sort -u "$breaches"
[ ! -s "$breaches" ]
