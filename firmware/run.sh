#!/bin/sh
# run.sh BOARD: boots the board's image (or that in $IMAGE) in QEMU, for a person. The disk is kept in
# var/BOARD.img.
set -eu
board=$1
base=${PORT_BASE:-20000}
image=${IMAGE:-build/$board/image}
disk=var/$board${image##*/image}.img
mkdir -p var
if [ ! -f "$disk" ]; then
	cp "$image/disk.img" "$disk"
	truncate -s "${DISK_SIZE:-256M}" "$disk"
fi
echo "The page:  http://127.0.0.1:$((base + 80))/   (its set-up code appears below)"
echo "POP3S on port $((base + 995)), IMAPS on $((base + 993)), SMTP on $((base + 25)), submission on $((base + 587))."
echo "Ctrl-A X ends QEMU. The disk is $disk; remove it to begin anew."
exec "$(dirname "$0")/qemu.sh" "$board" "$disk" "$base"
