#!/bin/sh
# Plants the faults of tests/mutants/NAME.tsv, one at a time, into a copy of the
# tree, and demands that a test fails of each: the score is printed, and a fault
# that survives, or whose line is not in the source any more, fails.
#
#     sh tests/mutants.sh checker engine        all of both tables
#     sh tests/mutants.sh --match               only: are the lines still there?
#     MUTANTS_ONLY=memo sh tests/mutants.sh checker    rows with that word
#
# A table may say, in a line of its own, `# make: ` and what to give to make.
# A row: file, or file:function where the line stands more than once; the line
# without its indentation; what it becomes; the tests to run first; what breaks.
# The row `tests` at the top names those that are run if none of them failed.
# A test that never ends counts as one that fails.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
build=${BUILD:-build}
jobs=${MUTANTS_JOBS:-$(nproc)}
seconds=${MUTANTS_TIMEOUT:-60} # that one test may take
tab=$(printf '\t')
mkdir -p "$build/mutants" || exit 2
work=$(cd "$build/mutants" && pwd)
make_with=
[ -e "$root/../shared" ] && : "${FAULTLINE_SHARED:=$root/../shared}"
export FAULTLINE_SHARED FAULTLINE_BUILD=build BUILD=build
export TRUST_HISTORIES="${TRUST_HISTORIES:-100000}" # a fault is seen at once

# plant FILE ORIGINAL REPLACEMENT: prints the file with the fault.  Status 1 if
# the line is not there exactly once; says how often it is.
plant() {
    file=${1%%:*}
    inside=
    [ "$file" = "$1" ] || inside=${1#*:}
    WANTED=$2 INSTEAD=$3 INSIDE=$inside awk '
        BEGIN { here = ENVIRON["INSIDE"] == "" }
        ENVIRON["INSIDE"] != "" && /^[a-z]/ && !/;$/ {
            here = match($0, "(^|[ *])" ENVIRON["INSIDE"] "\\(")
        }
        {
            line = $0
            match(line, /^ */)
            indent = substr(line, 1, RLENGTH)
            sub(/^ */, "", line)
            if (here && line == ENVIRON["WANTED"]) {
                found++
                print indent ENVIRON["INSTEAD"]
            } else {
                print
            }
        }
        ENVIRON["INSIDE"] != "" && /^}/ { here = 0 }
        END { if (found != 1) { print found + 0 >"/dev/stderr"; exit 1 } }
    ' "$file"
}

rows() { # rows NAME: those that are wanted
    grep -v '^#' "tests/mutants/$1.tsv" | grep -v "^tests$tab" |
        grep -e "${MUTANTS_ONLY:-.}"
}

match_all() { # match_all NAME...: whether every line is in the source
    status=0
    for name in "$@"; do
        rows "$name" >"$work/$name.rows"
        while IFS=$tab read -r file original instead tests what; do
            if [ -z "$what" ] || [ "$original" = "$instead" ]; then
                echo "$name.tsv: not a row: $file$tab$original"
                status=1
            elif ! found=$(plant "$file" "$original" "$instead" 2>&1 >/dev/null)
            then
                echo "$name.tsv: found ${found:-nothing} times in $file: $original"
                status=1
            fi
        done <"$work/$name.rows"
    done
    return $status
}

compile() { # compile TREE TARGET...: with no warnings, they are not the point
    into=$1
    shift
    # shellcheck disable=SC2086 # several words
    (cd "$into" && nice make -s -j "$jobs" OPT=-O1 LTO= WARNINGS= BUILD=build \
        $make_with "$@" >build.log 2>&1)
}

run_test() { # run_test TREE TEST
    (cd "$1" && timeout -k 5 "$seconds" "build/tests/$2" >test.log 2>&1)
}

# try_row TREE FILE ORIGINAL INSTEAD TESTS: prints who caught it, or nothing.
try_row() {
    tree=$1
    source=${2%%:*}
    object=$tree/build/obj/${source%.c}.o
    plant "$2" "$3" "$4" >"$work/${tree##*/}.c" || return 1
    case $source in
    *.c) cp "$object" "$tree/kept.o" ;;
    esac
    cp "$work/${tree##*/}.c" "$tree/$source"
    caught=
    for test in $5; do
        if ! compile "$tree" "build/tests/$test"; then
            echo "does not compile: $(grep -m 1 error: "$tree/build.log")"
            break
        fi
        run_test "$tree" "$test"
        status=$?
        if [ "$status" -ne 0 ]; then
            caught=$test
            [ "$status" -ne 124 ] || caught="$test, which did not end"
            echo "caught by $caught"
            break
        fi
    done
    case $source in
    *.c)
        cp -p "$source" "$tree/$source"
        cp "$tree/kept.o" "$object" # newer than its source, and than archives
        ;;
    *) # whatever was compiled with the fault in it is compiled again
        cp "$source" "$tree/$source" ;;
    esac
}

worker() { # worker NUMBER NAME: every jobs-th row
    number=0
    all=$(sed -n "s/^tests$tab//p" "tests/mutants/$2.tsv")
    while IFS=$tab read -r file original instead tests what; do
        number=$((number + 1))
        [ $((number % jobs)) -eq "$1" ] || continue
        said=$(try_row "$work/tree$1" "$file" "$original" "$instead" \
            "$tests $all" </dev/null)
        case $said in
        "caught by "*) echo "caught    $file: $what   ($said)" ;;
        "") echo "SURVIVED  $file: $what" ;;
        *) echo "BROKEN    $file: $what: $said" ;;
        esac
    done <"$work/$2.rows"
}

# A copy of the tree, and in it what was built the last time: only what differs
# is written, so that only that is compiled.
copy_tree() { # copy_tree TREE
    folders="algorithms bench checker cli docs faults harness include scenarios
        tests"
    mkdir -p "$1"
    # shellcheck disable=SC2086 # names have no blanks
    find $folders Makefile -type f | while read -r file; do
        cmp -s "$file" "$1/$file" || {
            mkdir -p "$1/$(dirname "$file")"
            cp "$file" "$1/$file"
        }
    done
    # shellcheck disable=SC2086
    (cd "$1" && find $folders -type f) | while read -r file; do
        [ -e "$file" ] || rm "$1/$file"
    done
}

# Builds the copies, and sees all tests pass that are to fail.
prepare() { # prepare NAME
    tests=$(rows "$1" | cut -f 4 | tr ' ' '\n')
    all=$(sed -n "s/^tests$tab//p" "tests/mutants/$1.tsv" | tr ' ' '\n')
    tests=$(printf '%s\n%s\n' "$tests" "$all" | sort -u | grep .)
    copy_tree "$work/tree0"
    targets=$(echo "$tests" | sed 's|^|build/tests/|')
    make_with=$(sed -n "s/^# make: //p" "tests/mutants/$1.tsv")
    # shellcheck disable=SC2086 # names have no blanks
    compile "$work/tree0" $targets || {
        tail -n 20 "$work/tree0/build.log"
        return 1
    }
    for test in $tests; do
        run_test "$work/tree0" "$test" || {
            tail -n 20 "$work/tree0/test.log"
            echo "$test fails without a fault"
            return 1
        }
    done
    tree=1
    while [ "$tree" -lt "$jobs" ]; do
        rm -rf "$work/tree$tree"
        cp -a "$work/tree0" "$work/tree$tree"
        tree=$((tree + 1))
    done
}

run_table() { # run_table NAME
    start=$(date +%s)
    prepare "$1" || return 1
    job=0
    while [ "$job" -lt "$jobs" ]; do
        worker "$job" "$1" | tee "$work/$1.$job.said" &
        job=$((job + 1))
    done
    wait
    count=$(wc -l <"$work/$1.rows")
    job=0
    : >"$work/$1.said"
    while [ "$job" -lt "$jobs" ]; do
        cat "$work/$1.$job.said" >>"$work/$1.said"
        job=$((job + 1))
    done
    caught=$(grep -c '^caught ' "$work/$1.said")
    grep -v '^caught ' "$work/$1.said"
    echo "$1: $caught of $count caught, $(($(date +%s) - start)) s"
    [ "$count" -gt 0 ] && [ "$caught" -eq "$count" ]
}

if [ "${1:-}" = --match ]; then
    # shellcheck disable=SC2046 # names have no blanks
    match_all $(cd tests/mutants && ls -- *.tsv | sed 's/\.tsv$//')
    exit
fi
match_all "$@" || exit 1
status=0
for name in "$@"; do
    run_table "$name" || status=1
done
exit $status
