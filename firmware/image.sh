#!/bin/sh
# image.sh BOARD: puts together what is flashed, in build/BOARD/image (build/BOARD-VERSION/image where
# $VERSION asks for another version than daemon/VERSION).
#
#   kernel, kernel.gz   from board/common/kernel.sh
#   root.cpio.gz        the root file system, unpacked into memory by the kernel: nothing on it can be
#                       damaged by a power cut, or changed for longer than until the next one
#   disk.img            partition table, two empty slots for systems, and the data partition, which grows
#                       on the first start
#   MANIFEST            versions of what was built, and checksums
#
# No root and no loop devices; the same bytes each time. Fails above the board's budget.
set -eu
board=$1
firmware=$(cd "$(dirname "$0")" && pwd)
top=$firmware/..
built=build/$board${VERSION:+-$VERSION}
out=$built/image
image_budget_kib=''
# shellcheck source=/dev/null
. "$top/board/$board/firmware.conf"

export SOURCE_DATE_EPOCH=1767225600 LC_ALL=C TZ=UTC
data_uuid=5c8e5d1e-0000-4000-8000-000000000001
umask 022

kernel=$("$top/board/common/kernel.sh" "$board")
busybox=$("$top/board/common/busybox.sh" "$board")
sysroot=$(sh "$top/board/common/sysroot.sh" "$board")
key=$("$firmware/update-key.sh")

# The empty data partition. Small, because it is also what a factory reset unpacks.
make_data() {
	rm -f "$out/data.ext4"
	truncate -s 16M "$out/data.ext4"
	E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -F -t ext4 -b 4096 -m 0 -L surel-data -U "$data_uuid" \
		-E "hash_seed=$data_uuid,root_owner=0:0,lazy_itable_init=0" "$out/data.ext4"
}

# NAME of the applet: a link with the absolute name, as the root is the only place it is for.
link_applets() {
	while read -r path; do
		mkdir -p "$root$(dirname "$path")"
		[ "$path" = /bin/busybox ] || ln -sf /bin/busybox "$root$path"
	done <"$busybox/applets"
}

# What the root has to know of how it was built.
make_facts() { # DIRECTORY
	mkdir -p "$1"
	echo "$board" >"$1/board"
	sed -n 's/^#define SUREL_BUILT_S //p' "$built/options.h" >"$1/built"
	openssl pkey -in "$key" -pubout -out "$1/update.pub"
}

make_root() {
	root=$out/root
	rm -rf "$root"
	mkdir -p "$root/bin" "$root/etc" "$root/usr/share/surel"
	for directory in data dev proc root run sys tmp; do mkdir -p "$root/$directory"; done
	install -m 755 "$busybox/busybox" "$root/bin/busybox"
	link_applets
	(cd "$firmware/overlay" && find . -type f) | while read -r file; do
		mode=644
		[ -x "$firmware/overlay/$file" ] && mode=755
		install -D -m "$mode" "$firmware/overlay/$file" "$root/$file"
	done
	install -m 755 "$built/surel" "$root/bin/surel"
	make_facts "$root/etc/surel"
	"$sysroot/bin/strip" "$root/bin/surel"
	"$sysroot/bin/cc" -Os -Wall -Wextra -Werror -static -no-pie -fno-pie -s "$firmware/grow_data.c" \
		-o "$root/sbin/grow_data"
	gzip -9n <"$out/data.ext4" >"$root/usr/share/surel/data.ext4.gz"
	ln -s /run/resolv.conf "$root/etc/resolv.conf"
	find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	(cd "$root" && find . | sort | cpio -o -H newc --reproducible --quiet -R 0:0) |
		gzip -9n >"$out/root.cpio.gz"
}

make_disk() {
	rm -rf "$out/genimage"
	cat >"$out/genimage.cfg" <<-END
		image disk.img {
			hdimage { disk-signature = 0x5e1e0001 }
			partition a { partition-type = 0xda offset = 1M size = 8M }
			partition b { partition-type = 0xda size = 8M }
			partition data { partition-type = 0x83 image = "data.ext4" }
		}
	END
	mkdir -p "$out/genimage/none"
	genimage --config "$out/genimage.cfg" --inputpath "$out" --outputpath "$out" \
		--rootpath "$out/genimage/none" --tmppath "$out/genimage/tmp" >"$out/genimage.log" 2>&1 || {
		cat "$out/genimage.log" >&2
		exit 1
	}
	rm -rf "$out/genimage" "$out/genimage.cfg" "$out/genimage.log"
}

mkdir -p "$out"
make_data
make_root
make_disk
cp "$kernel/kernel" "$kernel/kernel.gz" "$out/"
{
	cat "$kernel/MANIFEST" "$busybox/MANIFEST" "$sysroot/MANIFEST"
	(cd "$out" && sha256sum kernel kernel.gz root.cpio.gz disk.img)
} >"$out/MANIFEST"

kib() { echo $((($(stat -c %s "$out/$1") + 1023) / 1024)); }
total=$(($(kib kernel.gz) + $(kib root.cpio.gz)))
echo "$out: kernel $(kib kernel.gz) KiB + root $(kib root.cpio.gz) KiB = $total KiB compressed," \
	"of $image_budget_kib; disk $(kib disk.img) KiB"
[ "$total" -le "$image_budget_kib" ] || { echo "image.sh: above the budget" >&2; exit 1; }
