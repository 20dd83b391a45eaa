#!/bin/sh
# softfloat.sh BOARD SYSROOT WORK: floating point in software, for boards whose processor has none.
#
# Debian's MIPS libgcc is built for a floating-point unit: it links with a warning, and computes
# garbage where there is none. So the arithmetic comes from GCC's own soft-fp, out of Debian's
# source package of the compiler, and only the integer part of libgcc is kept: a routine that is
# missing is an error when linking, not a wrong number on the router.
set -eu
board=$1 root=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
triple='' cflags='' compact=''
# shellcheck source=/dev/null
. "$here/../$board/board.conf"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)
version=$("$triple-gcc" -dumpversion | cut -d . -f 1)
libgcc=$cache/gcc-$version/libgcc

fetch() {
	rm -rf "$cache/gcc-$version.new"
	mkdir -p "$cache/gcc-$version.new"
	(cd "$cache/gcc-$version.new" && apt-get -q download "gcc-$version-source" &&
		dpkg-deb --fsys-tarfile "gcc-$version-source"_*.deb |
		tar -x -O --wildcards "./usr/src/gcc-$version/gcc-*.tar.xz" |
		tar -x -J --strip-components=1 --wildcards \
			'*/libgcc/soft-fp/*' '*/libgcc/config/mips/*' '*/libgcc/*.h' '*/include/longlong.h')
	rm -f "$cache/gcc-$version.new"/*.deb
	mv "$cache/gcc-$version.new" "$cache/gcc-$version"
}
[ -d "$libgcc" ] || fetch

names() {
	for m in sf df; do
		for f in add${m}3 div${m}3 eq${m}2 ge${m}2 le${m}2 mul${m}3 neg${m}2 sub${m}3 \
			unord${m}2 fix${m}si fix${m}di fixuns${m}si fixuns${m}di floatsi$m floatdi$m \
			floatunsi$m floatundi$m; do
			echo "$f"
		done
	done
	echo extendsfdf2
	echo truncdfsf2
}

mkdir -p "$work/softfp"
for name in $(names); do
	# shellcheck disable=SC2086 # flags are words
	"$triple-gcc" $cflags $compact -Os -fno-pie -ffunction-sections -w -I"$libgcc" -I"$libgcc/config/mips" \
		-I"$libgcc/soft-fp" -I"$libgcc/../include" -c "$libgcc/soft-fp/$name.c" \
		-o "$work/softfp/$name.o"
done
"$triple-ar" rcsD "$root/lib/libsoftfp.a" "$work/softfp"/*.o

# What is left of libgcc: shifts, products and quotients of 64 bits, counting of bits.
integers='^_(a|l)sh(l|r)di3\.o$|^_u?(div|mod|divmod)di[34]\.o$|^_udivmoddi4\.o$|^_muldi3\.o$|^_negdi2\.o$'
integers="$integers|^_u?cmpdi2\.o\$|^_(clz|ctz|ffs|popcount|parity|clrsb)[sd]i2\.o\$|^_(clz|popcount_tab|clz_tab)\.o\$"
integers="$integers|^_bswap[sd]i2\.o\$"
archive=$root/lib/libgccint.a
# shellcheck disable=SC2086
cp "$("$triple-gcc" $cflags -print-libgcc-file-name)" "$archive"
chmod u+w "$archive"
while "$triple-ar" t "$archive" | grep -qvE "$integers"; do
	"$triple-ar" t "$archive" | grep -vE "$integers" | sort -u | xargs "$triple-ar" d "$archive"
done
"$triple-objcopy" -R .MIPS.abiflags -R .gnu.attributes -R .reginfo "$archive"

# Debian's objects are marked as position-independent, which the linker will not mix with code that
# is not (-mno-abicalls). These only compute: none of them refers to anything by the global offset
# table, so the mark (EF_MIPS_PIC and EF_MIPS_CPIC in the last byte of e_flags) can go.
case " $cflags " in *" -mno-abicalls "*)
	"$triple-readelf" -rW "$archive" | grep -o 'R_MIPS_[A-Z0-9_]*' | grep -vx R_MIPS_32 && exit 1
	mkdir -p "$work/int"
	(cd "$work/int" && "$triple-ar" x "$archive")
	for object in "$work/int"/*.o; do
		at=36
		[ "$(od -An -tu1 -j5 -N1 "$object" | tr -d ' ')" = 1 ] || at=39
		flags=$(od -An -tu1 -j$at -N1 "$object" | tr -d ' ')
		# shellcheck disable=SC2059 # the byte is the format
		printf "\\$(printf %03o $((flags & ~6)))" | dd of="$object" bs=1 seek=$at conv=notrunc 2>/dev/null
	done
	rm "$archive"
	"$triple-ar" rcsD "$archive" "$work/int"/*.o ;;
esac
