#!/bin/sh
# Installs those of the Debian packages named that are missing.  Without root it
# prints the command to type and stops.
set -u
missing=
for package in "$@"; do
    case " $missing " in
    *" $package "*) continue ;; # named twice
    esac
    state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)
    case "$state" in
    ii*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "not a Debian system: install what corresponds to$missing" >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages; type:" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing$missing"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >"$log" 2>&1
# shellcheck disable=SC2086  # a list of words
if ! apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "packages could not be installed; is the mirror reachable?" >&2
    exit 1
fi
