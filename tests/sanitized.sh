#!/bin/sh
# The tests once more, under the address and undefined-behaviour sanitizers.
set -u
# A crash of the code under test is a verdict, and the handler for it is ours.
asan=handle_segv=0:allow_user_segv_handler=1:use_sigaltstack=0
# A run that fails forgets its fibers, and their fake stacks with them.
asan=$asan:detect_stack_use_after_return=0
# Plug-ins have thread-locals 16 bytes into a page, which this one takes for
# the layout of an old C library and reads what is before them.
asan=$asan:intercept_tls_get_addr=0
export ASAN_OPTIONS="detect_leaks=1:$asan"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0"
# A share of the random histories and programs: the rest says nothing new here.
export TRUST_HISTORIES="${TRUST_HISTORIES:-50000}"
export AGREE_PROGRAMS="${AGREE_PROGRAMS:-12}"
exec make -j2 BUILD="${BUILD:-build/asan}" OPT=-O1 \
    SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined" check
