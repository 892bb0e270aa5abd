#!/bin/sh
# compile.sh NAME PACKAGE FETCHED BUILD: makes BUILD/algorithms/NAME.so of NAME.c
# beside this file and of the package's source in FETCHED/PACKAGE, twice: as it
# is, and with the one line changed that patches.txt says.
#
# In the environment: CC, CFLAGS, PARTS (what is compiled of the source),
# PATCHED (which file of it, or which header, has a changed line), PART_FLAGS
# (what the source wants), LINK.  Without the source (fetch.sh) there is no plug-in, and
# BUILD/algorithms/NAME.skipped says why.
set -eu
name=$1
package=$2
source=$3/$2
out=$4/algorithms
own=$(dirname "$0")/$name.c
work=$out/$name
mkdir -p "$work"
rm -f "$out/$name.skipped" "$out/$name.so"
if [ -e "$source.skipped" ]; then
    cp "$source.skipped" "$out/$name.skipped"
    exit 0
fi

compile() { # compile OBJECT SOURCE FLAG...
    object=$1
    shift
    # shellcheck disable=SC2086 # several words
    $CC $CFLAGS "$@" -c -o "$object"
}

# Of the library: its warnings are its own.
compile_part() { # compile_part OBJECT SOURCE
    # shellcheck disable=SC2086
    compile "$1" "$2" -w -fvisibility=hidden $PART_FLAGS -I "$source"
}

objects="$work/own.o $work/patched.o"
compile "$work/own.o" "$own" -MMD -MP -MT "$out/$name.so" -MF "$out/$name.d"
for part in $PARTS; do
    compile_part "$work/$part.o" "$source/$part.c"
    objects="$objects $work/$part.o"
done

# Both have the library's names: those of the changed one are made its own.
changed=$work/changed
case $PATCHED in
*.c)
    sh "$(dirname "$0")/patch.sh" "$PATCHED" "$changed" "$source/$PATCHED"
    compile "$work/own_patched.o" "$own" -DPATCHED
    compile_part "$work/part_patched.o" "$changed/$PATCHED"
    $CC -r -nostdlib -o "$work/patched.o" "$work/own_patched.o" \
        "$work/part_patched.o"
    $($CC -print-prog-name=objcopy) --keep-global-symbol=perform_patched "$work/patched.o"
    ;;
*)
    sh "$(dirname "$0")/patch.sh" "$PATCHED" "$changed"
    compile "$work/patched.o" "$own" -DPATCHED -isystem "$changed"
    ;;
esac
# shellcheck disable=SC2086
$CC -shared -o "$out/$name.so" $objects $LINK
