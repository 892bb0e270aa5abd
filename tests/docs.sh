#!/bin/sh
# The pages, taken at their word: each command runs and ends as the page says,
# code compiles, scenarios are read, what a page shows was printed, links lead
# somewhere.  Runs in a scratch folder of links to the tree, beside an out/ of
# its own.
set -u
cd "$(dirname "$0")/.." || exit 2
ROOT=$PWD
BUILD=$(cd "${BUILD:-build}" && pwd) || exit 2
SCRATCH=$(mktemp -d) || exit 2
trap 'rm -rf "$SCRATCH"' EXIT
PAGES="README.md $(ls docs/*.md) $(ls */README.md */*/README.md)"
export ROOT BUILD SCRATCH LC_ALL=C.UTF-8
[ -x "$BUILD/faultline" ] || { echo "no $BUILD/faultline; type: make"; exit 2; }

# What the scripts call.
cat >"$SCRATCH/words.sh" <<'END'
failed=0 passed=0 skipped=0
verdict() { # STATUS EXPECTED LINE COMMAND
    if [ "$1" -eq "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$PAGE:$3: exit $1, not $2: $4" >>"$SCRATCH/failures"
    fi
}
# Times differ, and blanks with them.
settle() {
    sed -E 's/[0-9][0-9 .]* ?(ms|s|\/s)( |,|\)|$)/\2/g; s/ +/ /g; s/ +$//'
}
expect() { # LINE TEXT
    wanted=$(printf '%s\n' "$2" | settle)
    settle <"$SCRATCH/printed" | grep -qxF -e "$wanted"
    verdict $? 0 "$1" "nothing printed '$2'"
}
# Statements stand in a function; whole files stand as they are.
compile() { # FILE LINE
    if grep -q '^{' "$1"; then
        cp "$1" whole.c
    else
        { grep '^#include' "$1"; echo '#include <stdio.h>'
          echo 'void page(void);'; echo 'void page(void) {'
          grep -v '^#include' "$1"; echo '}'; } >whole.c
    fi
    gcc -std=c17 -D_GNU_SOURCE -Wall -I"$ROOT" -I"$ROOT/include" -I. \
        -fsyntax-only whole.c
    verdict $? 0 "$2" "$1 compiles"
    rm -f whole.c
}
read_scenario() { # FILE LINE
    "$BUILD/faultline" run -q --schedules 1 --no-shrink "$1"
    [ $? -le 2 ]
    verdict $? 0 "$2" "$1 is read"
}
END

run_page() { # PAGE FOLDER
    mkdir -p "$2"
    for entry in "$ROOT"/* "$ROOT"/.githooks; do
        case ${entry##*/} in
        build | out) ;;
        *) ln -s "$entry" "$2/" ;;
        esac
    done
    ln -s "$BUILD" "$2/build"
    { echo "cd '$2'"; echo "PAGE=$1"
      echo ". '$SCRATCH/words.sh'"
      awk -f tests/docs.awk "$1"
      # shellcheck disable=SC2016  # for the script, not for this one
      echo 'echo "$passed $failed $skipped" >"$SCRATCH/count"'
    } >"$SCRATCH/script"
    rm -f "$SCRATCH/count"
    PATH=$BUILD:$PATH PKG_CONFIG_PATH=$BUILD timeout 120 sh "$SCRATCH/script" \
        >"$SCRATCH/printed" 2>&1 </dev/null
    if [ ! -s "$SCRATCH/count" ]; then
        echo "$1: its commands did not come to an end" >>"$SCRATCH/failures"
        tail -n 5 "$SCRATCH/printed"
        return
    fi
    read -r p f s <"$SCRATCH/count"
    passed=$((passed + p))
    failed=$((failed + f))
    skipped=$((skipped + s))
    [ "$f" -eq 0 ] || tail -n 20 "$SCRATCH/printed"
}

check_links() { # PAGE
    grep -oE '\]\([^)#]+' "$1" | sed 's/^](//' | grep -v '^http' |
        while read -r link; do
            [ -e "$(dirname "$1")/$link" ] ||
                echo "$1: there is no $link" >>"$SCRATCH/failures"
        done
}

words_of() { # SVG
    sed -n 's/.*<text[^>]*>\(.*\)<\/text>.*/\1/p' "$1"
}

: >"$SCRATCH/failures"
passed=0 failed=0 skipped=0
number=0
for page in $PAGES; do
    number=$((number + 1))
    run_page "$page" "$SCRATCH/$number"
    check_links "$page"
done

# The picture is the program's own, of the finding that the page tells.
picture=$(ls "$SCRATCH"/1/out/treiber-aba/*/timeline.svg 2>/dev/null)
if [ -n "$picture" ] &&
    [ "$(words_of "$picture")" != "$(words_of docs/images/timeline.svg)" ]; then
    echo "docs/images/timeline.svg: not what is drawn now; make picture" \
        >>"$SCRATCH/failures"
fi

# The manual page knows every command and option.
for name in $("$BUILD/faultline" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    grep -q "\*$name\*" docs/faultline.1.scd ||
        echo "docs/faultline.1.scd: no command $name" >>"$SCRATCH/failures"
    [ "$name" = cc ] && continue # its options are the compiler's
    for option in $("$BUILD/faultline" "$name" --help |
        grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE '\-\-[a-z-]+'); do
        grep -q -e "$option" docs/faultline.1.scd ||
            echo "docs/faultline.1.scd: $name has no $option" \
                >>"$SCRATCH/failures"
    done
done

cat "$SCRATCH/failures"
echo "$passed as written, $(wc -l <"$SCRATCH/failures") not," \
    "$skipped are gates of their own"
[ ! -s "$SCRATCH/failures" ]
