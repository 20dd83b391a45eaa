#!/bin/sh
# kernel.sh BOARD: builds the board's kernel from Debian's source; prints the directory it is in.
#
# The directory holds the file `kernel` (compressed too, as kernel.gz), `dtbs/` where the board wants some,
# `config` and a MANIFEST. It is kept in $SUREL_CACHE (default build/cache) under a name made of all that
# went into it: the source's checksums, the configuration (tinyconfig and the fragments that firmware.conf
# names) and the compiler. A board whose firmware.conf says kernel_of=OTHER has the other's.
#   DATA_FS, ROOT_FS   file systems (image.sh); one that is not in every kernel has a fragment of its own
set -eu
board=$1
here=$(cd "$(dirname "$0")" && pwd)
boards=$here/..
triple='' kernel_arch='' kernel_target='' kernel_file='' kernel_configs='' kernel_dtbs='' kernel_of=''
data_fs=ext4 root_fs=initramfs
# shellcheck source=/dev/null
. "$boards/$board/board.conf"
# shellcheck source=/dev/null
. "$boards/$board/firmware.conf"
export DATA_FS="${DATA_FS:-$data_fs}" ROOT_FS="${ROOT_FS:-$root_fs}"
[ -z "$kernel_of" ] || exec "$0" "$kernel_of"
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)

fail() { echo "kernel.sh: $*" >&2; exit 1; }

for file_system in "$DATA_FS" "$ROOT_FS"; do
	fragment=common/linux-$file_system.config
	[ ! -f "$boards/$fragment" ] || kernel_configs="$kernel_configs $fragment"
done
source=$("$here/debian-source.sh" linux '6.12.*')
# shellcheck disable=SC2086 # a list of names
fragments=$(cd "$boards" && grep -h '^CONFIG_' $kernel_configs | LC_ALL=C sort -u)
key=$({ cat "$0" "$source/../MANIFEST"
	echo "$fragments $kernel_arch $kernel_target $kernel_file $kernel_dtbs"
	"$triple-gcc" --version; } | sha256sum | cut -c 1-12)
final=$cache/kernel-$board-$key
# One kernel at a time, always in the same place: what a compiler's cache holds of one is good for the next.
work=$cache/kernel-build

kernel_make() {
	make -C "$source" O="$work/build" ARCH="$kernel_arch" CROSS_COMPILE="$triple-" \
		CC="$triple-gcc" "$@"
}

# Dependencies that are not met make the merge drop an option without a word.
check_config() {
	echo "$fragments" | while read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" "$work/build/.config" || echo "$line" ;;
		*) grep -qxF "$line" "$work/build/.config" || echo "$line" ;;
		esac
	done
}

build_dtbs() {
	mkdir "$work/dtbs"
	# shellcheck disable=SC2086 # a list of names
	kernel_make $kernel_dtbs
	for dtb in $kernel_dtbs; do cp "$work/build/arch/$kernel_arch/boot/dts/$dtb" "$work/dtbs/"; done
}

build() {
	rm -rf "$work"
	mkdir -p "$work/build"
	kernel_make tinyconfig
	echo "$fragments" >"$work/fragments"
	(cd "$work/build" && "$source/scripts/kconfig/merge_config.sh" -m .config ../fragments)
	kernel_make olddefconfig
	dropped=$(check_config)
	[ -z "$dropped" ] || { echo "The configuration lost: $dropped"; return 1; }
	kernel_make -j"$(nproc)" "$kernel_target"
	[ -z "$kernel_dtbs" ] || build_dtbs
	cp "$work/build/.config" "$work/config"
	# Symbols and debugging sections are for nobody on the board.
	case $kernel_target in
	vmlinux) "$triple-strip" -o "$work/kernel" "$work/build/$kernel_file" ;;
	*) cp "$work/build/$kernel_file" "$work/kernel" ;;
	esac
	gzip -9n <"$work/kernel" >"$work/kernel.gz"
	{ sed -n '1,3p' "$source/../MANIFEST"; "$triple-gcc" --version | head -n 1; } >"$work/MANIFEST"
	rm -r "$work/build" "$work/fragments"
	mv "$work" "$final"
}

# Nothing of this machine, of the day or of the person gets into the kernel.
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' KBUILD_BUILD_USER=surel KBUILD_BUILD_HOST=surel
export KBUILD_BUILD_VERSION=1 LC_ALL=C
# The caller's make has nothing to say here.
unset MAKEFLAGS MFLAGS MAKELEVEL
if [ ! -f "$final/MANIFEST" ]; then
	exec 9>"$cache/kernel.lock"
	flock 9
fi
if [ ! -f "$final/MANIFEST" ]; then
	echo "Building the kernel for $board; this takes minutes" >&2
	# `set -e` does not hold inside a condition, so a shell of its own.
	(set -e; build) >"$cache/kernel-$board.log" 2>&1 9>&- & # shellcheck disable=SC2015
	wait $! || { tail -n 20 "$cache/kernel-$board.log" >&2; fail "see $cache/kernel-$board.log"; }
fi
echo "$final"
