#!/bin/sh
# busybox.sh BOARD: builds BusyBox for the board from Debian's source; prints the directory it is in.
# A board whose board.conf is a link to another's has the other's; DATA_FS=ubifs has what that needs, too.
#
# The directory holds `busybox`, `applets` (their names, with the directory each belongs into) and a
# MANIFEST. It is kept in $SUREL_CACHE (default build/cache) under a name made of all that went into it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
board=$(basename "$(dirname "$(readlink -f "$here/../$1/board.conf")")")
triple='' is_pie=''
# shellcheck source=/dev/null
. "$here/../$board/board.conf"
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)
[ -n "$is_pie" ] && compiled=-fPIE linked=-static-pie || compiled=-fno-pie linked='-static -no-pie'

source=$("$here/debian-source.sh" busybox '1.*')
sysroot=$(sh "$here/sysroot.sh" "$board")
parts=$here/busybox.config
[ ! -f "$here/busybox-${DATA_FS:-ext4}.config" ] || parts="$parts $here/busybox-$DATA_FS.config"
# shellcheck disable=SC2086 # a list of files
options=$(grep -h '^CONFIG_' $parts)
key=$({ cat "$0" "$source/../MANIFEST"; echo "$options $sysroot"; } | sha256sum | cut -c 1-12)
final=$cache/busybox-$board-$key
work=$final.new

busybox_make() { make -C "$work/build" CC="$sysroot/bin/cc" CROSS_COMPILE="$triple-" HOSTCC=gcc "$@"; }

# The later line counts for nothing in BusyBox's configuration, so what we set is taken out first.
merge_config() {
	awk -F '[= ]' '
		/^CONFIG_/ || /^# CONFIG_/ { name = $1 == "#" ? $2 : $1 }
		NR == FNR { if (/^CONFIG_/) ours[name] = $0; next }
		!(name in ours) { print }
		END { for (name in ours) print ours[name] }' "$wanted" .config >merged
	mv merged .config
}

check_config() {
	grep '^CONFIG_' "$wanted" | while read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" .config || echo "$line" ;;
		*) grep -qxF "$line" .config || echo "$line" ;;
		esac
	done
}

build() {
	rm -rf "$work"
	mkdir -p "$work/build"
	wanted=$work/options
	echo "$options" >"$wanted"
	make -C "$source" O="$work/build" allnoconfig
	cd "$work/build"
	merge_config
	yes '' | busybox_make oldconfig || :
	lost=$(check_config)
	[ -z "$lost" ] || { echo "The configuration lost: $lost"; return 1; }
	busybox_make -j"$(nproc)" busybox busybox.links CFLAGS_busybox="$linked" \
		CONFIG_EXTRA_CFLAGS="-Os $compiled -fstack-protector-strong -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=." \
		CONFIG_EXTRA_LDFLAGS="-Wl,-z,noseparate-code,-z,noexecstack"
	cd "$work"
	"$triple-strip" -o busybox build/busybox
	cp build/busybox.links applets
	{ sed -n '1,3p' "$source/../MANIFEST"; "$triple-gcc" --version | head -n 1; } >MANIFEST
	rm -r build options
	mv "$work" "$final"
}

# The banner's date and what the host's languages would change.
export SOURCE_DATE_EPOCH=1767225600 KCONFIG_NOTIMESTAMP=1 LC_ALL=C
# The caller's make has nothing to say here.
unset MAKEFLAGS MFLAGS MAKELEVEL
exec 9>"$cache/busybox-$board.lock"
flock 9
if [ ! -f "$final/MANIFEST" ]; then
	echo "Building BusyBox for $board" >&2
	# `set -e` does not hold inside a condition, so a shell of its own.
	(set -e; build) >"$cache/busybox-$board.log" 2>&1 9>&- &
	wait $! || { tail -n 20 "$cache/busybox-$board.log" >&2; exit 1; }
fi
echo "$final"
