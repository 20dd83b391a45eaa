#!/bin/sh
# update.sh BOARD: signs the system of the board's image: build/BOARD/image/surel-BOARD-VERSION.update.
set -eu
board=$1
version=${VERSION:-$(cat daemon/VERSION)}
image=build/$board${VERSION:+-$VERSION}/image
out=build/$board/image/surel-$board-$version.update
"$(dirname "$0")/sign.sh" "$board" "$version" "$image/root.cpio.gz" "$out"
echo "$out: $((($(stat -c %s "$out") + 1023) / 1024)) KiB"
