#!/bin/sh
# packages.sh LIST...: installs what is missing of the Debian packages that the files LIST name.
#
# A line is: NAME [VERSION-PATTERN] [# why]. With a pattern the package is wanted only where the
# suite's version matches it. Where nothing is missing, apt is left alone.
set -eu

missing() {
	sed 's/#.*//' "$@" | while read -r name pattern; do
		[ -n "$name" ] || continue
		dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q ' installed$' && continue
		if [ -n "$pattern" ]; then
			candidate=$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^  Candidate: //p')
			# shellcheck disable=SC2254 # the pattern is meant as one
			case ${candidate#*:} in $pattern) ;; *) continue ;; esac
		fi
		echo "$name"
	done
}

wanted=$(missing "$@" | tr '\n' ' ')
[ -n "$wanted" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || {
		echo "These packages are missing: $wanted" >&2
		echo "Install them as root (there is no sudo here):  apt-get install $wanted" >&2
		exit 1
	}
fi

log=build/packages.log
mkdir -p build
quietly() {
	"$@" >>"$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
}

echo "Installing: $wanted"
# The lists may be absent or old; with fresh ones a pattern may say yes that said no before.
quietly $as_root apt-get -q update
wanted=$(missing "$@" | tr '\n' ' ')
# shellcheck disable=SC2086 # a list of names
quietly $as_root env DEBIAN_FRONTEND=noninteractive \
	apt-get -q -o Dpkg::Use-Pty=0 install -y --no-install-recommends $wanted
