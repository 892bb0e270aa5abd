#!/bin/sh
# The tests once more, under the address and undefined-behaviour sanitizers.
set -u
export ASAN_OPTIONS=detect_leaks=1:handle_segv=0:allow_user_segv_handler=1
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_stack_use_after_return=0"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions=tests/leaks.supp:print_suppressions=0
exec make -j2 BUILD=build/asan OPT=-O1 \
    SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined" check
