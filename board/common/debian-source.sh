#!/bin/sh
# debian-source.sh NAME VERSION-PATTERN: fetches and unpacks the newest Debian source package NAME
# whose upstream version matches the shell pattern (such as '3.6.*'), prints its directory.
#
# What came is kept in $SUREL_CACHE/source (default build/cache) and written down in NAME/MANIFEST:
# version and SHA-256.
set -eu
name=$1 pattern=$2
# shellcheck source=board/common/debian-apt.sh
. "$(dirname "$0")/debian-apt.sh"

versions() { apt-cache showsrc --only-source "$name" 2>/dev/null | sed -n 's/^Version: //p'; }

download() { # VERSION
	apt-get -q source --download-only --only-source "$name=$1" && dpkg-source --no-check --no-copy -x ./*.dsc ../tree
}

provide "$cache/source/$name" "$name" "$pattern" deb-src main
echo "$cache/source/$name/tree"
