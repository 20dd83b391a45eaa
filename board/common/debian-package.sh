#!/bin/sh
# debian-package.sh NAME VERSION-PATTERN COMPONENT: fetches and unpacks the newest Debian package NAME of
# that component, prints its directory. Nothing of it is installed.
#
# It is for what a board needs of others and this machine does not, such as a Pi's firmware. What came
# is kept in $SUREL_CACHE/package (default build/cache) and written down in NAME/MANIFEST.
set -eu
name=$1 pattern=$2 component=$3
# shellcheck source=board/common/debian-apt.sh
. "$(dirname "$0")/debian-apt.sh"

versions() { apt-cache show "$name" 2>/dev/null | sed -n 's/^Version: //p'; }

download() { apt-get -q download "$name=$1" && dpkg-deb -x ./*.deb ../tree; } # VERSION

provide "$cache/package/$name" "$name" "$pattern" deb "$component"
echo "$cache/package/$name/tree"
