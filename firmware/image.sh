#!/bin/sh
# image.sh BOARD: puts together what is flashed, in build/BOARD/image (build/BOARD-VERSION/image where
# $VERSION asks for another version than daemon/VERSION).
#
#   kernel, kernel.gz   from board/common/kernel.sh
#   root.cpio.gz        the root file system, unpacked into memory by the kernel: nothing on it can be
#                       damaged by a power cut, or changed for longer than until the next one
#   cmdline             what the kernel is to be told
#   disk.img            partition table, two empty slots for systems, and the data partition, which grows
#                       on the first start; a Raspberry Pi's has all the others in front (sdcard.sh)
#   MANIFEST            versions of what was built, and checksums
#
# Other file systems than the board's own (firmware.conf), in image-squashfs, image-f2fs or the like:
#   ROOT_FS=squashfs        the root stays on the disk, compressed: less memory, one more partition
#   DATA_FS=f2fs or ubifs   (data.sh)
#
# No root and no loop devices; the same bytes each time. Fails above the board's budget.
set -eu
board=$1
firmware=$(cd "$(dirname "$0")" && pwd)
top=$firmware/..
built=build/$board${VERSION:+-$VERSION}
out=$built/image${ROOT_FS:+-$ROOT_FS}${DATA_FS:+-$DATA_FS}
is_pie='' image_budget_kib='' console='' layout='' data_device='' slot_devices='' flash='' data_fs=ext4 root_fs=initramfs
# shellcheck source=/dev/null
. "$top/board/$board/board.conf"
# shellcheck source=/dev/null
. "$top/board/$board/firmware.conf"
data_fs=${DATA_FS:-$data_fs} root_fs=${ROOT_FS:-$root_fs}
export DATA_FS="$data_fs" ROOT_FS="$root_fs"

fail() { echo "image.sh: $*" >&2; exit 1; }

[ "$data_fs" != ubifs ] || [ -n "$flash" ] || fail "$board has no flash for UBIFS"
[ "$root_fs$layout" != squashfscard ] || fail "a card has four partitions, and squashfs would be in a fifth"

export SOURCE_DATE_EPOCH=1767225600 LC_ALL=C TZ=UTC
umask 022

kernel=$("$top/board/common/kernel.sh" "$board")
busybox=$("$top/board/common/busybox.sh" "$board")
sysroot=$(sh "$top/board/common/sysroot.sh" "$board")
key=$("$firmware/update-key.sh")

# NAME of the applet: a link with the absolute name, as the root is the only place it is for.
link_applets() {
	while read -r path; do
		mkdir -p "$root$(dirname "$path")"
		[ "$path" = /bin/busybox ] || ln -sf /bin/busybox "$root$path"
	done <"$busybox/applets"
}

make_program() { # NAME
	[ -n "$is_pie" ] && kind="-fPIE -static-pie" || kind="-fno-pie -static -no-pie"
	# shellcheck disable=SC2086 # the kind is of words
	"$sysroot/bin/cc" -Os -Wall -Wextra -Werror -Wno-unused-command-line-argument $kind -s \
		"$firmware/$1.c" -o "$root/sbin/$1"
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
	for directory in data dev new proc root run sys tmp; do mkdir -p "$root/$directory"; done
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
	make_program grow_data
	! grep -q '^CONFIG_KEXEC_FILE=y' "$kernel/config" || make_program start_kernel
	cp "$out/data.img.gz" "$root/usr/share/surel/"
	ln -s /run/resolv.conf "$root/etc/resolv.conf"
	find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	(cd "$root" && find . | sort | cpio -o -H newc --reproducible --quiet -R 0:0) |
		gzip -9n >"$out/root.cpio.gz"
}

# Behind the slots, in front of the data, where the root is not in memory.
make_squashfs() {
	rm -f "$out/root.squashfs"
	mksquashfs "$root" "$out/root.squashfs" -all-root -no-xattrs -noappend -comp gzip -quiet -no-progress
	truncate -s 4M "$out/root.squashfs"
}

# The kernel's command line, and which partition is which.
write_cmdline() {
	words="console=$console quiet printk.devkmsg=on"
	if [ "$root_fs" = squashfs ]; then
		words="$words root=$data_device rootfstype=squashfs rootwait ro init=/init"
		disk_of=${data_device%?}
		data_device=$disk_of$((${data_device#"$disk_of"} + 1))
	fi
	case $data_fs in
	ext4) words="$words data=$data_device" ;;
	ubifs) words="$words $flash ubi.mtd=data data=ubi0:data data.fs=ubifs" ;;
	*) words="$words data=$data_device data.fs=$data_fs" ;;
	esac
	echo "$words slots=$slot_devices" >"$out/cmdline"
}

partitions() {
	[ "$layout" != card ] ||
		echo 'partition boot { partition-type = 0xc bootable = true offset = 4M image = "boot.vfat" }'
	echo 'partition a { partition-type = 0xda image = "slot.img" }'
	echo 'partition b { partition-type = 0xda image = "slot.img" }'
	[ "$root_fs" != squashfs ] || echo 'partition root { partition-type = 0x83 image = "root.squashfs" }'
	[ "$data_fs" = ubifs ] || echo 'partition data { partition-type = 0x83 image = "data.img" }'
}

make_disk() {
	rm -rf "$out/genimage"
	cat >"$out/genimage.cfg" <<-END
		image disk.img {
			hdimage { disk-signature = 0x5e1e0001 align = 1M }
			$(partitions)
		}
	END
	mkdir -p "$out/genimage/none"
	truncate -s 8M "$out/slot.img"
	genimage --config "$out/genimage.cfg" --inputpath "$out" --outputpath "$out" \
		--rootpath "$out/genimage/none" --tmppath "$out/genimage/tmp" >"$out/genimage.log" 2>&1 || {
		cat "$out/genimage.log" >&2
		exit 1
	}
	rm -rf "$out/slot.img" "$out/genimage" "$out/genimage.cfg" "$out/genimage.log"
}

mkdir -p "$out"
"$firmware/data.sh" "$data_fs" "$out"
make_root
cp "$kernel/kernel" "$kernel/kernel.gz" "$out/"
write_cmdline
[ "$root_fs" != squashfs ] || make_squashfs
[ "$layout" != card ] || "$firmware/sdcard.sh" "$board" "$out"
make_disk
{
	cat "$kernel/MANIFEST" "$busybox/MANIFEST" "$sysroot/MANIFEST"
	(cd "$out" && sha256sum kernel kernel.gz root.cpio.gz disk.img)
} >"$out/MANIFEST"

kib() { echo $((($(stat -c %s "$out/$1") + 1023) / 1024)); }
total=$(($(kib kernel.gz) + $(kib root.cpio.gz)))
echo "$out: kernel $(kib kernel.gz) KiB + root $(kib root.cpio.gz) KiB = $total KiB compressed," \
	"of $image_budget_kib; disk $(kib disk.img) KiB"
[ "$total" -le "$image_budget_kib" ] || fail "above the budget"
