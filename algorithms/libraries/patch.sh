#!/bin/sh
# patch.sh FILE DIRECTORY [SOURCE]: writes DIRECTORY/FILE, the installed header or
# SOURCE with the one line changed that patches.txt says.  Fails if there is no
# such line: the library is another one than the patch was made for.
set -eu
header=$1
out=$2/$1
here=$(dirname "$0")
path=${3:-}
[ -n "$path" ] || path=$(echo "#include <$header>" | ${CC:-cc} -D_LGPL_SOURCE -M -x c - |
    tr -d '\\' | tr ' ' '\n' | grep "/$header\$" | head -n 1)
mkdir -p "$(dirname "$out")"
awk -v header="$header" -v source="$path" '
BEGIN { FS = "|" }
FNR == NR {
    if ($1 == header) { which = $2; old = $3; new = $4 }
    next
}
{
    at = index($0, old)
    if (at > 0 && ++seen == which) {
        $0 = substr($0, 1, at - 1) new substr($0, at + length(old))
        done = 1
    }
    print
}
END {
    if (!done) {
        print source ": no such line: " old >"/dev/stderr"
        exit 1
    }
}' "$here/patches.txt" "$path" >"$out.making"
mv "$out.making" "$out"
