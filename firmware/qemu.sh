#!/bin/sh
# qemu.sh BOARD DISK PORT_BASE: becomes the QEMU that plays the board, with its console on standard output.
#
# Every port of the board is at PORT_BASE + its number on 127.0.0.1. The guest reaches nobody outside.
#   MEMORY=32      MiB of RAM (default 64)
#   APPEND=words   for the kernel's command line, such as surel.reset=keep-mail
#   WRITE_LOG=FILE records every write and flush of the disk, as dm-log-writes does
set -eu
board=$1 disk=$2 base=$3
image=build/$board/image
qemu='' qemu_disk='' qemu_network='' qemu_random='' console='' data_device=''
# shellcheck source=/dev/null
. "$(dirname "$0")/../board/$board/firmware.conf"

forwards=
for port in 24 25 80 110 143 443 465 587 993 995; do
	forwards=$forwards,hostfwd=tcp:127.0.0.1:$((base + port))-:$port
done

# A disk with a cache that has to be flushed, as cards and disks are.
set -- -blockdev "driver=file,filename=$disk,node-name=file,cache.direct=off"
if [ -n "${WRITE_LOG:-}" ]; then
	set -- "$@" -blockdev "driver=file,filename=$WRITE_LOG,node-name=log" \
		-blockdev driver=blklogwrites,file=file,log=log,log-sector-size=512,node-name=disk
else
	set -- "$@" -blockdev driver=raw,file=file,node-name=disk
fi

# shellcheck disable=SC2086 # the command is of words
exec $qemu -m "${MEMORY:-64}" -nographic -no-reboot -kernel "$image/kernel" -initrd "$image/root.cpio.gz" \
	-append "console=$console quiet printk.devkmsg=on data=$data_device ${APPEND:-}" \
	"$@" -device "$qemu_disk,drive=disk" \
	-netdev "user,id=network,restrict=on$forwards" -device "$qemu_network,netdev=network" \
	-device "$qemu_random" -device i6300esb -action watchdog=reset
