#!/bin/sh
# clang-tidy and cppcheck over the sources; every finding fails.
set -u
cores=$(nproc)
sources=$(ls checker/*.c checker/*/*.c harness/*.c harness/*/*.c \
    harness/*/*/*.c faults/*.c cli/*.c bench/*.c algorithms/*/*.c 2>/dev/null)
status=0
cppcheck --std=c11 --enable=warning,style,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem --suppressions-list=.cppcheck \
    --error-exitcode=1 -q -j "$cores" -I. $sources || status=1
printf '%s\n' $sources | xargs -P "$cores" -I{} sh -c \
    'clang-tidy --quiet {} -- -std=c17 -D_GNU_SOURCE -I. 2>/dev/null' \
    >build/clang-tidy.log || status=1
grep -E 'warning:|error:' build/clang-tidy.log | sort -u
[ "$status" -eq 0 ] && echo "no findings"
exit "$status"
