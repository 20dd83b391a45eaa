#!/bin/sh
# qemu.sh BOARD DISK PORT_BASE: becomes the QEMU that plays the board, with its console on standard output.
#
# Every port of the board is at PORT_BASE + its number on 127.0.0.1. The guest reaches nobody outside.
#   MEMORY=32      MiB of RAM (default 64)
#   APPEND=words   for the kernel's command line, such as surel.reset=keep-mail
#   NETWORK=none   no interface; NETWORK=silent: one that nobody answers on
#   CLOCK=DATE     where the board's clock stands, such as 1970-01-01
#   WATCHDOG=none  no hardware for it
#   BLKDEBUG=FILE  errors of the disk (a configuration of QEMU's blkdebug driver)
#   WRITE_LOG=FILE records every write and flush of the disk, as dm-log-writes does
set -eu
board=$1 disk=$2 base=$3
image=build/$board/image
qemu='' qemu_disk='' qemu_network='' qemu_random='' console='' data_device='' slot_devices=''
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
	below=file
	if [ -n "${BLKDEBUG:-}" ]; then
		set -- "$@" -blockdev "driver=blkdebug,image=file,config=$BLKDEBUG,node-name=broken"
		below=broken
	fi
	set -- "$@" -blockdev "driver=raw,file=$below,node-name=disk"
fi
case ${NETWORK:-} in
none) set -- "$@" -nic none ;;
silent) set -- "$@" -netdev hubport,hubid=1,id=network -device "$qemu_network,netdev=network" ;;
*) set -- "$@" -netdev "user,id=network,restrict=on$forwards" -device "$qemu_network,netdev=network" ;;
esac
[ "${WATCHDOG:-}" = none ] || set -- "$@" -device i6300esb -action watchdog=reset
[ -z "${CLOCK:-}" ] || set -- "$@" -rtc "base=$CLOCK"

# shellcheck disable=SC2086 # the command is of words
exec $qemu -m "${MEMORY:-64}" -nographic -kernel "$image/kernel" -initrd "$image/root.cpio.gz" \
	-append "console=$console quiet printk.devkmsg=on data=$data_device slots=$slot_devices ${APPEND:-}" \
	"$@" -device "$qemu_disk,drive=disk" -device "$qemu_random"
