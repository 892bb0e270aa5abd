#!/bin/sh
# fetch.sh PACKAGE DIRECTORY: writes those files of the package's source that
# sources.txt names to DIRECTORY/PACKAGE/, from Debian's archive, by apt-get: its
# signatures are checked, and the archive must be the one that sources.txt says.
#
# What cannot be had is no error: then DIRECTORY/PACKAGE.skipped says why, what
# needs it is left out, and the rest is built.  Nothing of the system is changed:
# the list of sources lies in DIRECTORY, too, and only while it is needed.
set -u
package=$1
mkdir -p "$2" || exit 1
into=$(cd "$2" && pwd)
row=$(grep "^$package|" "$(dirname "$0")/sources.txt") || exit 1
version=$(echo "$row" | cut -d '|' -f 2)
wanted=$(echo "$row" | cut -d '|' -f 3)
files=$(echo "$row" | cut -d '|' -f 4)
work=$into/$package.$$
rm -rf "$work" "$into/$package.skipped"

skip() {
    echo "the source of $package $version $*" >"$into/$package.skipped"
    echo "  SKIP     $package: $(cat "$into/$package.skipped")" >&2
    [ ! -s "$work/log" ] || tail -n 3 "$work/log" >&2
    rm -rf "$work"
    exit 0
}

get() { # get ARGUMENT...: apt-get, with a list of sources of its own
    timeout 120 apt-get -qq -o Dir::Etc::SourceList="$work/list" \
        -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" \
        -o Dir::Cache="$work" -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=20 -o APT::Update::Error-Mode=any \
        -o APT::Sandbox::User="$(id -un)" "$@" >>"$work/log" 2>&1
}

mkdir -p "$work/lists/partial" || exit 1
command -v apt-get >/dev/null || skip "comes with apt-get, which is not here"
# Where the system's own packages come from, there are their sources.
# shellcheck disable=SC2016 # apt-get's variables
apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) main' \
    'Created-By: Packages' 'Component: main' 2>>"$work/log" |
    grep -v -e -security -e -updates -e -backports | sort -u >"$work/list"
get update || skip "is not in reach"
(cd "$work" && get source --download-only "$package") ||
    skip "is not in the archive"
archive=$(find "$work" -name "${package}_$version.orig.tar.*" ! -name '*.asc')
[ -n "$archive" ] || skip "is not in the archive, which has another version"
echo "$wanted  $archive" | sha256sum --check --status ||
    skip "is not the one that was tried: its checksum differs"
mkdir "$work/$package" &&
    tar -xf "$archive" -C "$work/$package" --strip-components=1 ||
    skip "cannot be unpacked"
mkdir "$work/chosen"
for file in $files; do
    cp "$work/$package/$file" "$work/chosen/" || skip "has no $file"
done
rm -rf "${into:?}/$package"
mv "$work/chosen" "$into/$package"
rm -rf "$work"
