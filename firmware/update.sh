#!/bin/sh
# update.sh BOARD: signs the system of the board's image: build/BOARD/image/surel-BOARD-VERSION.update.
#   VERSION=1.2.3   a test's, as it was built
#   KERNEL=yes      the kernel too, for boards whose kernel can start another (CONFIG_KEXEC_FILE)
set -eu
board=$1
version=${VERSION:-$(cat daemon/VERSION)}
image=build/$board${VERSION:+-$VERSION}/image
out=build/$board/image/surel-$board-$version.update
"$(dirname "$0")/sign.sh" "$board" "$version" "$image/root.cpio.gz" "$out" \
	${KERNEL:+"$image/kernel.gz"}
echo "$out: $((($(stat -c %s "$out") + 1023) / 1024)) KiB"
