#!/bin/sh
# sdcard.sh BOARD: the card that a Raspberry Pi starts from: build/BOARD/image/disk.img. Called by image.sh
# when the other parts are there.
#
#   boot   FAT, 16 MiB: the Pi's own firmware, kernel, root, device trees, config.txt and cmdline.txt
#   a, b   systems from updates, 8 MiB each
#   data   the mail; grows to the card's end on the first start
#
# The firmware is Raspberry Pi's, from Debian's package, with its licence beside: it may be passed on as it
# is, for use on a Pi. All of it begins at multiples of 4 MiB, which suits a card's erase blocks.
set -eu
board=$1
firmware=$(cd "$(dirname "$0")" && pwd)
top=$firmware/..
out=build/$board/image
boot=$out/boot
console='' data_device='' slot_devices=''
# shellcheck source=/dev/null
. "$top/board/$board/firmware.conf"

export SOURCE_DATE_EPOCH=1767225600 LC_ALL=C TZ=UTC
kernel=$("$top/board/common/kernel.sh" "$board")
package=$("$top/board/common/debian-package.sh" raspi-firmware '1.*' non-free-firmware)

write_config() {
	cat >"$boot/config.txt" <<-END
		# Read by the Pi's firmware. The kernel is a plain one, so are the names of its device trees.
		arm_64bit=1
		kernel=kernel.gz
		initramfs root.cpio.gz followkernel
		upstream_kernel=1
		enable_uart=1
		gpu_mem=16
		disable_splash=1
	END
	echo "console=$console quiet printk.devkmsg=on data=$data_device slots=$slot_devices" >"$boot/cmdline.txt"
}

# Cut-down firmware is enough where nothing is shown: _cd for a Pi 3 and Zero 2, 4cd for a Pi 4.
collect_boot_files() {
	rm -rf "$boot"
	mkdir -p "$boot"
	for file in bootcode.bin start_cd.elf fixup_cd.dat start4cd.elf fixup4cd.dat; do
		cp "$package/usr/lib/raspi-firmware/$file" "$boot/"
	done
	cp "$package/usr/share/doc/raspi-firmware/copyright" "$boot/LICENCE.firmware.txt"
	cp "$kernel"/dtbs/*.dtb "$out/kernel.gz" "$out/root.cpio.gz" "$boot/"
	write_config
	chmod 644 "$boot"/*
	touch -d "@$SOURCE_DATE_EPOCH" "$boot"/*
}

make_boot() {
	rm -f "$out/boot.vfat"
	truncate -s 16M "$out/boot.vfat"
	mkfs.vfat -F 16 -n SUREL -i 5e1e0001 --invariant "$out/boot.vfat" >/dev/null
	mcopy -m -i "$out/boot.vfat" "$boot"/* ::
}

make_card() {
	mkdir -p "$out/genimage/none"
	cat >"$out/genimage.cfg" <<-END
		image disk.img {
			hdimage { disk-signature = 0x5e1e0001 }
			partition boot { partition-type = 0xc bootable = true offset = 4M size = 16M image = "boot.vfat" }
			partition a { partition-type = 0xda offset = 20M size = 8M }
			partition b { partition-type = 0xda offset = 28M size = 8M }
			partition data { partition-type = 0x83 offset = 36M image = "data.ext4" }
		}
	END
	genimage --config "$out/genimage.cfg" --inputpath "$out" --outputpath "$out" \
		--rootpath "$out/genimage/none" --tmppath "$out/genimage/tmp" >"$out/genimage.log" 2>&1 || {
		cat "$out/genimage.log" >&2
		exit 1
	}
	rm -rf "$out/genimage" "$out/genimage.cfg" "$out/genimage.log"
}

collect_boot_files
make_boot
make_card
