#!/bin/sh
# clang-tidy and cppcheck over every source, the tests' too, on all cores.
# ANALYSE_NODES: how far the path-sensitive analysis of a function goes; fewer
# than clang's own number find most of it in half the time.
# What .clang-tidy and .cppcheck leave out says why; any finding fails.
# tests/programs holds subjects, not our code: a test is its chain of asserts.
# shellcheck disable=SC2086 # names have no blanks, and flags are many words
set -u
cd "$(dirname "$0")/.." || exit 2
cores=$(nproc)
sources=$(find checker harness algorithms faults cli bench tests \
    \( -path tests/data -o -path tests/programs \) -prune -o -name '*.c' -print | sort)
status=0

for tool in cppcheck clang-tidy gcc g++; do
    command -v "$tool" >/dev/null || {
        echo "$tool: not found; make deps"
        exit 2
    }
done

cppcheck --std=c11 --enable=warning,style,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem \
    --suppressions-list=.cppcheck --error-exitcode=1 -q -j "$cores" -I. \
    $sources || status=1

# Each header stands by itself; the checker's are for C++ programs, too.
for header in $(find checker harness algorithms faults cli bench \
    -name '*.h' | sort); do
    parse="-Werror -Wall -Wextra -Wpedantic -D_GNU_SOURCE -I. -fsyntax-only"
    echo "#include \"$header\"" |
        gcc -std=c17 -Wstrict-prototypes $parse -x c - || status=1
    case $header in
    checker/*)
        echo "#include \"$header\"" |
            g++ -std=c++11 $parse -x c++ - || status=1
        ;;
    esac
done

export NODES="${ANALYSE_NODES:-225000}"
# Each file's findings are said in one piece.
# shellcheck disable=SC2016 # the inner shell expands it
analyse='findings=$(clang-tidy --quiet "$1" -- -std=c17 -D_GNU_SOURCE \
    "-DFAULTLINE_VERSION=\"\"" -I. \
    -Xclang -analyzer-config -Xclang "max-nodes=$NODES" 2>&1) || {
    printf "%s\n" "$findings" | grep -v "warnings\{0,1\} generated"
    exit 1
}'
printf '%s\n' $sources | xargs -P "$cores" -n 1 sh -c "$analyse" analyse ||
    status=1

[ "$status" -eq 0 ] && echo "no findings in $(echo "$sources" | wc -l) files"
exit "$status"
