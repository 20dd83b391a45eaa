#!/bin/sh
# qemu.sh BOARD DISK PORT_BASE: becomes the QEMU that plays the board, with its console on standard output.
#
# Every port of the board is at PORT_BASE + its number on 127.0.0.1. The guest reaches nobody outside.
#   IMAGE=DIR      another one than build/BOARD/image, such as build/BOARD/image-squashfs
#   MEMORY=32      MiB of RAM (default 64)
#   APPEND=words   for the kernel's command line, such as surel.reset=keep-mail
#   NETWORK=none   no interface; NETWORK=silent: one that nobody answers on
#   CLOCK=DATE     where the board's clock stands, such as 1970-01-01
#   WATCHDOG=none  no hardware for it
#   BLKDEBUG=FILE  errors of the disk (a configuration of QEMU's blkdebug driver)
#   WRITE_LOG=FILE records every write and flush of the disk, as dm-log-writes does
set -eu
board=$1 disk=$2 base=$3
image=${IMAGE:-build/$board/image}
qemu='' qemu_disk='' qemu_network='' qemu_random='' qemu_watchdog='' qemu_memory='' qemu_dtb='' qemu_append=''
# shellcheck source=/dev/null
. "$(dirname "$0")/../board/$board/firmware.conf"

forwards=
for port in 24 25 80 110 143 443 465 587 993 995; do
	forwards=$forwards,hostfwd=tcp:127.0.0.1:$((base + port))-:$port
done

# What the board's own firmware would load: a Raspberry Pi's comes from its card, nothing else.
if [ -n "$qemu_dtb" ]; then
	boot=$disk.boot
	rm -rf "$boot"
	mkdir "$boot"
	mcopy -i "$disk@@4M" ::kernel.gz ::root.cpio.gz ::cmdline.txt "::$qemu_dtb" "$boot/"
	gunzip "$boot/kernel.gz"
	mv "$boot/cmdline.txt" "$boot/cmdline"
	image=$boot
fi
read -r words <"$image/cmdline"
set -- -kernel "$image/kernel" -append "$words $qemu_append ${APPEND:-}"
case $words in *" root="*) ;; *) set -- "$@" -initrd "$image/root.cpio.gz" ;; esac
[ -z "$qemu_dtb" ] || set -- "$@" -dtb "$boot/$qemu_dtb"
[ -z "$qemu_memory" ] || set -- "$@" -m "${MEMORY:-$qemu_memory}"
[ -z "$qemu_random" ] || set -- "$@" -device "$qemu_random"

# Data that is on raw flash is in a file beside the disk.
case $words in *" ubi.mtd="*)
	[ -f "$disk.flash" ] || head -c 64M /dev/zero | tr '\0' '\377' >"$disk.flash"
	set -- "$@" -drive "if=pflash,unit=1,format=raw,file=$disk.flash" ;;
esac

# A disk with a cache that has to be flushed, as cards and disks are.
if [ -n "${WRITE_LOG:-}" ]; then
	layers="driver=blklogwrites,file.driver=file,file.filename=$disk,log.driver=file,log.filename=$WRITE_LOG"
	layers=$layers,log-sector-size=512
elif [ -n "${BLKDEBUG:-}" ]; then
	layers="driver=raw,file.driver=blkdebug,file.config=$BLKDEBUG,file.image.driver=file,file.image.filename=$disk"
else
	layers="driver=raw,file.driver=file,file.filename=$disk"
fi
if [ -n "$qemu_disk" ]; then
	set -- "$@" -blockdev "$layers,node-name=disk" -device "$qemu_disk,drive=disk"
else
	# Nothing is ever flushed on a card, which is when the log's head is written.
	[ -z "${WRITE_LOG:-}" ] || layers=$layers,log-super-update-interval=1
	set -- "$@" -drive "if=sd,$layers"
fi
case ${NETWORK:-} in
none) set -- "$@" -nic none ;;
silent) set -- "$@" -netdev hubport,hubid=1,id=network -device "$qemu_network,netdev=network" ;;
*) set -- "$@" -netdev "user,id=network,restrict=on$forwards" -device "$qemu_network,netdev=network" ;;
esac
if [ -n "$qemu_watchdog" ] && [ "${WATCHDOG:-}" != none ]; then
	set -- "$@" -device "$qemu_watchdog" -action watchdog=reset
fi
[ -z "${CLOCK:-}" ] || set -- "$@" -rtc "base=$CLOCK"

# shellcheck disable=SC2086 # the command is of words
exec $qemu -nographic "$@"
