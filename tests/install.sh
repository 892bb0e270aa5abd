#!/bin/sh
# What `make install` leaves is whole: the program finds its plug-ins outside
# the tree, pkg-config's flags build C, C++ and plug-ins, static and shared.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-build}
SCRATCH=$(mktemp -d) || exit 2
trap 'rm -rf "$SCRATCH"' EXIT
ROOT=$SCRATCH/root
failed=0

must() { # WHAT EXPECTED COMMAND...
    what=$1 expected=$2
    shift 2
    "$@" >"$SCRATCH/log" 2>&1
    status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "FAILED: $what: exit $status, not $expected"
        tail -n 20 "$SCRATCH/log"
        failed=$((failed + 1))
    fi
}

must "make install" 0 make BUILD="$BUILD" install DESTDIR="$ROOT" PREFIX=/usr
cp README.md docs/algorithms.md docs/models.md docs/checker.md "$SCRATCH/"
cd "$SCRATCH" || exit 2
mkdir mine
cd mine || exit 2
PATH=$ROOT/usr/bin:$PATH
export PATH PKG_CONFIG_PATH="$ROOT/usr/lib/pkgconfig" \
    PKG_CONFIG_SYSROOT_DIR="$ROOT" LD_LIBRARY_PATH="$ROOT/usr/lib"
unset FAULTLINE_ALGORITHMS

must "the built-in scenario" 1 faultline run
must "its plug-ins and its folder" 0 faultline doctor
must "an installed scenario" 0 faultline run \
    "$ROOT/usr/share/faultline/scenarios/ms_queue-no_tag.yaml"

# Code of one's own, by what is installed alone: an object, and a program.
awk '/^```c$/ { getline; name = $2; next } /^```$/ { name = "" }
    name ~ /^ring/ { print >name }' ../README.md
must "faultline cc" 0 faultline cc -shared -o ring.so ring.c ring_test.c
must "an object" 1 faultline run --library ./ring.so
echo '#include <assert.h>' >main.c
echo 'static int n; int main(void) { n++; assert(n == 2); }' >>main.c
must "a program" 1 faultline run --program main.c
must "a template" 0 faultline init --template queue begun
must "its library" 0 make -C begun build/queue.so
must "its mistake" 1 faultline run begun/scenarios
must "faultline-cc, and a program of a build" 0 \
    sh -c 'faultline-cc -c main.c && faultline-cc -o main main.o'

# The library, from both languages.
cat >use.c <<'END'
#include "checker/check.h"
#include "checker/draw/views.h"
#include "checker/explain.h"
#include "checker/format/jsonl.h"
#include "checker/model.h"
#include "checker/operations.h"
#include "checker/record.h"
#include <stdio.h>

int main(void)
{
    const fl_value one[] = {1, 0};
    const fl_value none[] = {0, 0};
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 4, 0);
    uint32_t put = fl_history_call(h, 0, FL_QUEUE_ENQUEUE, FL_NONE, one);
    fl_history_return(h, put, FL_NONE);
    uint32_t get = fl_history_call(h, 1, FL_QUEUE_DEQUEUE, FL_NONE, none);
    fl_history_return(h, get, FL_NONE); /* it is not empty */
    struct fl_result *result;
    if (fl_check(h, NULL, &result) != FL_OK) {
        return 2;
    }
    puts(fl_verdict_name(result->verdict));
    int code = result->verdict == FL_VIOLATION ? 0 : 1;
    fl_result_free(result);
    fl_history_free(h);
    return fl_view_order.name == NULL ? 3 : code;
}
END
cp use.c use.cc
flags=$(pkg-config --cflags faultline-check)
shared=$(pkg-config --libs faultline-check)
static="$ROOT/usr/lib/libfaultline-check.a"
# shellcheck disable=SC2086  # lists of words
for how in "c-shared gcc -std=c11 $flags use.c $shared" \
    "c-static gcc -std=c17 $flags use.c $static" \
    "cc-shared g++ -std=c++17 $flags use.cc $shared" \
    "cc-static g++ -std=c++11 $flags use.cc $static"; do
    name=${how%% *}
    must "compile $name" 0 ${how#* } -Wall -Wextra -Wpedantic -Werror -o "$name"
    must "run $name" 0 "./$name"
done

# The page's programs: ten lines of C, as many of C++, and a recording.
awk '/^```(c|cpp)$/ { getline; name = $2; getline }
     /^```$/ { name = "" }
     name != "" { print >name }' ../checker.md
# shellcheck disable=SC2086
for how in "ten-shared gcc -std=c11 ten.c $flags $shared" \
    "ten-static gcc -std=c17 ten.c $flags $static" \
    "tenpp-shared g++ -std=c++17 ten.cc $flags $shared" \
    "tenpp-static g++ -std=c++11 ten.cc $flags $static" \
    "record-shared gcc -std=c11 record.c $flags $shared" \
    "record-static gcc -std=c17 record.c $flags $static"; do
    name=${how%% *}
    must "compile $name" 0 ${how#* } -Wall -Wextra -Wpedantic -Werror -o "$name"
    must "run $name" 0 "./$name"
    cp "$SCRATCH/log" said
    says=pass
    [ "${name%-*}" = tenpp ] && says=violation
    must "$name says $says" 0 grep -qx "$says" said
done
for header in $(cd "$ROOT/usr/include/faultline" && find . -name '*.h'); do
    echo "#include \"$header\"" >alone.c
    # shellcheck disable=SC2086
    must "$header alone" 0 gcc -std=c17 -Wall -Werror $flags -fsyntax-only alone.c
done

# A plug-in of one's own: the pages' examples.
awk '/^```c$/ { getline; name = $2; getline }
     /^```$/ { name = "" }
     name != "" { print >name }' ../README.md ../algorithms.md
sed -n '/^# stack.yaml/,/^```$/p' ../README.md | grep -v '^```' >stack.yaml
# shellcheck disable=SC2046
must "compile a plug-in" 0 gcc $(pkg-config --cflags faultline-sim) -c plugin.c
# shellcheck disable=SC2046
must "link a plug-in" 0 gcc -o stack.so plugin.o \
    $(pkg-config --libs faultline-sim)
must "run a plug-in" 1 faultline run stack.yaml

# A model of one's own: the page's, by its own commands.
awk '/^```c$/ { getline; name = $2; getline }
     /^```$/ { name = "" }
     name != "" { print >name }' ../models.md
sed -n '/^```sh$/,/^```$/p' ../models.md | grep '^[a-z]' >models.sh
must "the page of models has commands" 0 test -s models.sh
must "compile a model" 0 sh -c "$(grep '^gcc' models.sh)"
must "its histories" 0 sh -c "$(grep -E '^(printf|sed)' models.sh)"
must "its good history" 0 faultline check --model ./mymodel.so good.csv
must "its bad history" 1 faultline check --model ./mymodel.so bad.csv

if command -v man >/dev/null && [ -f "$ROOT/usr/share/man/man1/faultline.1" ]
then
    must "the manual page" 0 man -l "$ROOT/usr/share/man/man1/faultline.1"
fi
[ "$failed" -eq 0 ] && echo "what is installed is whole"
[ "$failed" -eq 0 ]
