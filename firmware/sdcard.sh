#!/bin/sh
# sdcard.sh BOARD OUT: what a Raspberry Pi starts from: OUT/boot.vfat, the first partition of its card, of
# OUT/kernel.gz, OUT/root.cpio.gz and OUT/cmdline. Called by image.sh.
#
# The firmware in it is Raspberry Pi's, from Debian's package, with its licence beside: it may be passed on
# as it is, for use on a Pi.
set -eu
board=$1 out=$2
firmware=$(cd "$(dirname "$0")" && pwd)
common=$firmware/../board/common
boot=$out/boot

kernel=$("$common/kernel.sh" "$board")
package=$("$common/debian-package.sh" raspi-firmware '1.*' non-free-firmware)

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
	cp "$out/cmdline" "$boot/cmdline.txt"
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
	mkfs.vfat -F 16 -n SUREL --invariant "$out/boot.vfat" >/dev/null
	mcopy -m -i "$out/boot.vfat" "$boot"/* ::
}

collect_boot_files
make_boot
