#!/bin/sh
# sysroot.sh BOARD [OUT.mk]: builds what programs for a board are linked with; prints its directory, or
# writes what make needs to know of it to OUT.mk.
#
# Everything comes from Debian: the cross compiler as a package, musl and the libraries as source
# packages (debian-source.sh). The directory holds include/, lib/ with static libraries only, and
# bin/cc, a compiler that sees nothing of this machine's own headers and libraries. It is kept in
# $SUREL_CACHE (default build/cache) under a name made of all that went into it; MANIFEST says what.
set -eu
out=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
# A board whose board.conf is a link to another's shares the other's.
board=$(basename "$(dirname "$(readlink -f "$here/../$1/board.conf")")")
uapi='' triple='' cflags='' ldflags='' is_soft_float='' is_pie='' is_lto='' compact='' emulator='' budget_kib='' clang=''
# shellcheck source=/dev/null
. "$here/../$board/board.conf"
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)
jobs=$(nproc)

source_of() { "$here/debian-source.sh" "$@"; }
musl=$(source_of musl '1.2.*')
zlib=$(source_of zlib '1.*')
cjson=$(source_of cjson '1.7.*')
check=$(source_of check '0.15.*')
mbedtls=$(source_of mbedtls '3.6.*')
# Debian's h2o, its authors' own web server, brings a copy along.
if [ -f "$cache/source/h2o/MANIFEST" ]; then
	picohttpparser=$(source_of h2o '2.*')
else
	picohttpparser=$(source_of libpicohttpparser '1.*' || source_of h2o '2.*')
fi
qrencode=$(source_of qrencode '4.*')
sources="$musl $zlib $cjson $check $mbedtls $picohttpparser $qrencode"

# An address of its own at each start, where that costs little: not on MIPS.
[ -n "$is_pie" ] && pie=-fPIE || pie=-fno-pie
# Nobody unwinds a stack on a board.
# Paths of the compiler's own, of the build or of the cache must not get into what is shipped.
unwind="-fno-asynchronous-unwind-tables -fno-unwind-tables"
[ -n "$is_lto" ] && lto="-flto -ffat-lto-objects" || lto=
# The compiler: gcc, or clang where the board names what clang calls it. Headers of the kernel, what
# the compiler's code calls (libgcc) and the tools for archives come from gcc's packages in both cases.
small=-Os compiler=$triple-gcc
[ -z "$clang" ] || small=-Oz compiler="clang-19 --target=$clang"
flags="$small -g $pie $lto -fstack-protector-strong $unwind -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=."
key=$({ cat "$0" "$here/softfloat.sh" "$here/mbedtls_config.h" "$here/../$board/board.conf"
	for source in $sources; do cat "$source/../MANIFEST"; done
	"$triple-gcc" --version; $compiler --version; } | sha256sum | cut -c 1-12)
final=$cache/sysroot-$board-$key
root=$final.new

libc_flags="$small $pie $lto $unwind -fno-stack-protector -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=. $cflags"

# musl as Debian has it, but for what a board's daemon has no use for.
trim_musl() {
	mkdir -p "$root/build"
	cp -r "$musl" "$root/build/musl-source"
	musl=$root/build/musl-source
	# Numbers are printed and read as double and not as long double, which some processors have 128 bits
	# of, computed by 15 KiB of library: as musl does it where the two are the same. printf does not
	# know %Lf any more, then.
	sed -i -e '/= LDBL,/d' -e '/ strtold(/b' -e 's/\<long double\>/double/g' -e 's/\<LDBL_/DBL_/g' \
		-e 's/\<\(frexp\|fmod\|copysign\|fabs\)l(/\1(/g' \
		"$musl/src/stdio/vfprintf.c" "$musl/src/stdlib/strtod.c" "$musl/src/internal/floatscan.c" \
		"$musl/src/internal/floatscan.h"
}

# musl without stack protector: the start-up code sets up what the protector needs.
build_musl() {
	trim_musl
	mkdir -p "$root/build/musl"
	cat >"$root/build/cc-musl" <<-END
		#!/bin/sh
		# What has no assembler in it and is not about speed is compacted, where that can be compiled.
		compact="$compact"
		case "\$*" in *src/string/* | *src/malloc/* | *src/thread/* | *crt/*) compact= ;; esac
		if [ "\$compact" ] && $compiler \$compact "\$@" 2>/dev/null; then exit 0; fi
		exec $compiler "\$@"
	END
	chmod +x "$root/build/cc-musl"
	(cd "$root/build/musl" &&
		CC="$root/build/cc-musl" AR="$triple-ar" RANLIB="$triple-ranlib" LIBCC="$("$triple-gcc" $cflags -print-libgcc-file-name)" \
		CFLAGS="$libc_flags" \
		"$musl/configure" --target="$triple" --prefix="$root" --syslibdir="$root/lib" --disable-shared &&
		make -j"$jobs" CRT_LIBS="lib/crti.o lib/crtn.o lib/$([ -n "$is_pie" ] && echo rcrt1.o || echo crt1.o)" install)
}

# libfewcharsets.a: iconv without Chinese, Japanese and Korean, whose tables are the most of it. The
# names go from its list, so that nothing reads the tables that are left empty; and as a charset can
# then be none of those, the compiler is told to leave out what would convert them.
build_few_charsets() {
	mkdir -p "$root/build/iconv"
	cp "$musl/src/locale/codepages.h" "$musl/src/locale/legacychars.h" "$root/build/iconv/"
	for table in jis0208 gb18030 gb18030utf big5 hkscs ksc revjis; do
		echo 0 >"$root/build/iconv/$table.h"
	done
	sed -E -e '/^"(eucjp|shiftjis|iso2022jp|gb18030|gbk|gb2312|big5|euckr)\\0/d' \
		-e '/^static const unsigned short/s/\[(84|126|89|93)\]\[/[1][/' \
		-e 's/^\t+switch \((to)?type\) \{/if (\1type >= EUC_JP \&\& \1type <= EUC_KR) __builtin_unreachable();\n&/' \
		"$musl/src/locale/iconv.c" >"$root/build/iconv/iconv.c"
	arch=$(sed -n 's/^ARCH = //p' "$root/build/musl/config.mak")
	# shellcheck disable=SC2086 # flags are words
	"$root/build/cc-musl" -std=c99 -nostdinc -ffreestanding -D_XOPEN_SOURCE=700 -w $libc_flags \
		-I"$musl/arch/$arch" -I"$musl/arch/generic" -I"$root/build/musl/obj/src/internal" -I"$musl/src/include" \
		-I"$musl/src/internal" -I"$root/build/musl/obj/include" -I"$musl/include" \
		-c "$root/build/iconv/iconv.c" -o "$root/build/iconv/iconv.o"
	"$triple-ar" rcsD "$root/lib/libfewcharsets.a" "$root/build/iconv/iconv.o"
}

# The kernel's own headers: where newer Debians keep those of all architectures, else the package's.
copy_kernel_headers() {
	if [ -d "/usr/lib/linux/uapi/$uapi" ]; then
		cp -rL "/usr/lib/linux/uapi/$uapi/asm" "$root/include/"
		cp -r /usr/include/linux /usr/include/asm-generic /usr/include/mtd "$root/include/"
	elif [ "$uapi" = x86 ]; then
		cp -rL "/usr/include/$triple/asm" "$root/include/"
		cp -r /usr/include/linux /usr/include/asm-generic /usr/include/mtd "$root/include/"
	else
		for part in asm linux asm-generic mtd; do
			cp -r "/usr/$triple/include/$part" "$root/include/"
		done
	fi
}

# No crtbegin and crtend: C does not need them, and Debian's belong to glibc.
write_compiler() {
	libgcc=$("$triple-gcc" $cflags -print-libgcc-file-name)
	if [ -n "$is_soft_float" ]; then
		sh "$here/softfloat.sh" "$board" "$root"
		libgcc="$final/lib/libsoftfp.a $final/lib/libgccint.a"
	fi
	if [ -n "$clang" ]; then write_clang; else write_gcc; fi
	chmod +x "$root/bin/cc"
	for tool in gcc-ar strip readelf; do
		ln -s "$(command -v "$triple-$tool")" "$root/bin/$tool"
	done
}

write_gcc() {
	cat >"$root/lib/musl.specs" <<-END
		*link_libgcc:
		-L$final/lib

		*libgcc:
		$libgcc

		*startfile:
		%{static-pie:$final/lib/rcrt1.o;:$final/lib/crt1.o} $final/lib/crti.o

		*endfile:
		$final/lib/crtn.o

		*lib:
		-lc

	END
	cat >"$root/bin/cc" <<-END
		#!/bin/sh
		exec $compiler $cflags -nostdinc "\$@" -isystem $final/include \\
			-isystem $("$triple-gcc" -print-file-name=include) -specs $final/lib/musl.specs
	END
}

# clang takes no specs: it is told what to start and end with wherever it links.
write_clang() {
	cat >"$root/bin/cc" <<-END
		#!/bin/sh
		compile="$compiler $cflags -nostdinc -isystem $final/include -isystem $(clang-19 -print-resource-dir)/include"
		for word; do
			case \$word in
			-c | -S | -E | -M | -MM) exec \$compile "\$@" ;;
			-r) exec \$compile --ld-path=$(command -v ld.lld-19) "\$@" ;;
			esac
		done
		exec \$compile --ld-path=$(command -v ld.lld-19) -nostdlib -L$final/lib $final/lib/$([ -n "$is_pie" ] && echo rcrt1.o || echo crt1.o) \\
			$final/lib/crti.o "\$@" -lc $libgcc -lc $final/lib/crtn.o
	END
}

# archive NAME EXTRA-FLAGS FILE...: compiles each file and puts them into lib/libNAME.a, with what
# was compiled for it before.
archive() {
	name=$1 extra=$2
	shift 2
	mkdir -p "$root/build/$name"
	printf '%s\n' "$@" | xargs -P "$jobs" -n 6 sh -c '
		cc=$1 flags=$2 dir=$3; shift 3
		for file; do
			$cc $flags -c "$file" -o "$dir/$(basename "$file" .c).o" || exit 255
		done' sh "$root/bin/cc" "$flags $extra" "$root/build/$name"
	rm -f "$root/lib/lib$name.a"
	"$triple-gcc-ar" rcsD "$root/lib/lib$name.a" "$root/build/$name"/*.o
}

build_zlib() {
	cp "$zlib/zlib.h" "$zlib/zconf.h" "$root/include/"
	# The gz* functions, which want files, are for nobody here.
	# Z_TESTW=-1: checksums by a table of 1 KiB and not by one of 9; only the page's own files have any.
	archive z "$compact -D_LARGEFILE64_SOURCE=1 -DHAVE_UNISTD_H -DZ_TESTW=-1" \
		"$zlib"/adler32.c "$zlib"/crc32.c "$zlib"/deflate.c "$zlib"/inffast.c \
		"$zlib"/inflate.c "$zlib"/inftrees.c "$zlib"/trees.c "$zlib"/zutil.c
}

build_cjson() {
	mkdir -p "$root/include/cjson"
	cp "$cjson/cJSON.h" "$root/include/cjson/"
	# Only here would sscanf be wanted, to read a number back that was just printed.
	sed 's/(sscanf((char\*)number_buffer, "%lg", &test) != 1)/(test = strtod((char*)number_buffer, NULL), 0)/' \
		"$cjson/cJSON.c" >"$root/build/cJSON.c"
	grep -q sscanf "$root/build/cJSON.c" && exit 1
	archive cjson "$compact -I$cjson" "$root/build/cJSON.c"
}

build_picohttpparser() {
	header=$(find "$picohttpparser" -name picohttpparser.h | head -n 1)
	cp "$header" "$root/include/"
	archive picohttpparser "$compact" "$(dirname "$header")/picohttpparser.c"
}

build_qrencode() {
	cp "$qrencode/qrencode.h" "$root/include/"
	archive qrencode "$compact"' -DSTATIC_IN_RELEASE=static -DMAJOR_VERSION=4 -DMINOR_VERSION=1 -DMICRO_VERSION=1 -DVERSION="4.1"' \
		"$qrencode"/qrencode.c "$qrencode"/qrinput.c "$qrencode"/bitstream.c "$qrencode"/qrspec.c \
		"$qrencode"/rsecc.c "$qrencode"/split.c "$qrencode"/mask.c "$qrencode"/mqrspec.c "$qrencode"/mmask.c
}

build_mbedtls() {
	cp -r "$mbedtls/include/mbedtls" "$mbedtls/include/psa" "$root/include/"
	cp "$here/mbedtls_config.h" "$root/include/mbedtls/mbedtls_config.h"
	# Sockets and timers are the daemon's own.
	# shellcheck disable=SC2046 # the names have no blanks
	# What has assembler in it and what encrypts in bulk is never compacted.
	files=$(find "$mbedtls/library" -name '*.c' ! -name net_sockets.c ! -name timing.c | sort)
	assembler=$(echo "$files" | xargs grep -lE 'bn_mul\.h|\<asm\>')
	assembler=$(echo "$assembler"; echo "$files" | grep -E '/(aes|gcm|chacha20|poly1305)\.c$')
	files=$(echo "$files" | grep -vxF "$assembler")
	# The tests want a client of TLS too, which the daemon is not.
	for kind in mbedtls mbedtls_server; do
		only=
		[ $kind = mbedtls ] || only=-DSUREL_TLS_SERVER_ONLY
		# shellcheck disable=SC2086 # the names have no blanks
		archive $kind "$only -I$mbedtls/library" $assembler
		# shellcheck disable=SC2086
		archive $kind "$only $compact -I$mbedtls/library" $files
	done
}

# For the tests that run under the emulator.
build_check() {
	mkdir -p "$root/build/check-include"
	sed -e 's/@CHECK_MAJOR_VERSION@/0/' -e 's/@CHECK_MINOR_VERSION@/15/' -e 's/@CHECK_MICRO_VERSION@/2/' \
		-e 's/@HAVE_FORK@/1/' -e 's/@ENABLE_SUBUNIT@/0/' \
		"$check/src/check.h.in" >"$root/include/check.h"
	cat >"$root/include/check_stdint.h" <<-END
		#include <stdint.h>
	END
	cat >"$root/build/check-include/config.h" <<-END
		#define HAVE_FORK 1
		#define HAVE_SIGACTION 1
		#define HAVE_UNISTD_H 1
		#define HAVE_SYS_TIME_H 1
		#define HAVE_STDINT_H 1
		#define HAVE_LIBRT 1
		#define HAVE_PTHREAD 1
		#define HAVE_MKSTEMP 1
		#define HAVE_DECL_FILENO 1
		#define HAVE_DECL_SETENV 1
		#define HAVE_DECL_STRDUP 1
		#define HAVE_DECL_STRSIGNAL 1
		#define HAVE_DECL_ALARM 1
		#define HAVE_DECL_LOCALTIME_R 1
		#define HAVE_DECL_GETLINE 1
		#define HAVE_MALLOC 1
		#define HAVE_REALLOC 1
		#define HAVE_SNPRINTF 1
		#define HAVE_VSNPRINTF 1
		#define HAVE_C99_SNPRINTF 1
		#define HAVE_STRUCT_TIMESPEC_TV_NSEC 1
		#define STRUCT_TIMESPEC_DEFINITION_MISSING 0
		#define ENABLE_SUBUNIT 0
		#define ENABLE_REGEX 0
		#define VERSION "0.15.2"
	END
	# shellcheck disable=SC2046
	archive check "-D_GNU_SOURCE -DHAVE_CONFIG_H -I$root/build/check-include -I$check/src -I$check -I$check/lib" \
		$(find "$check/src" -maxdepth 1 -name 'check*.c' | sort)
}

build() {
	rm -rf "$root"
	mkdir -p "$root/bin"
	build_musl
	build_few_charsets
	copy_kernel_headers
	write_compiler
	# The wrapper names the final directory, which is not there before all is well.
	ln -sfn "$root" "$final"
	build_zlib
	build_cjson
	build_picohttpparser
	build_qrencode
	cp /usr/include/uthash.h "$root/include/"
	build_mbedtls
	build_check
	for source in $sources; do sed -n '1,3p' "$source/../MANIFEST"; done >"$root/MANIFEST"
	"$triple-gcc" --version | head -n 1 >>"$root/MANIFEST"
	rm -r "$root/build"
	rm "$final"
	mv "$root" "$final"
}

(
	flock 9
	[ -f "$final/MANIFEST" ] || {
		echo "Building musl and the libraries for $board" >&2
		# Behind a || of its own the shell would not stop at the first error in it.
		build >"$cache/sysroot-$board.log" 2>&1 &
		wait $! || {
			tail -n 40 "$cache/sysroot-$board.log" >&2
			rm -f "$final"
			exit 1
		}
	}
) 9>"$cache/sysroot-$board.lock"
[ -n "$out" ] || { echo "$final"; exit 0; }
mkdir -p "$(dirname "$out")"
[ -n "$is_pie" ] && kind=-static-pie || kind="-static -no-pie"
link_lto=
[ -z "$is_lto" ] || link_lto=-flto=auto
# What lld may do when it sees the whole program. To inline costs bytes nearly always.
[ -z "$clang" ] || link_lto="-flto -Wl,--lto-O2,--icf=safe,-O2,-mllvm,-inline-threshold=-50,-mllvm,-enable-merge-functions,-mllvm,-enable-misched=false,-mllvm,-enable-post-misched=false,-mllvm,-split-spill-mode=size,-mllvm,-disable-lsr"
cat >"$out.new" <<-END
	sysroot          := $final
	board-compiler   := $compiler
	board-small      := $small
	board-cflags     := $pie $unwind
	board-lto        := $lto
	board-link-lto   := $link_lto
	board-compact    := $compact
	board-ldflags    := $kind $ldflags
	mbedtls-cflags   := \$(if \$(filter test,\$(flavour)),,-DSUREL_TLS_SERVER_ONLY)
	mbedtls-libs     := \$(if \$(filter test,\$(flavour)),-lmbedtls,-lmbedtls_server)
	picohttpparser-cflags :=
	picohttpparser-libs   := -lpicohttpparser
	board-emulator   := $emulator
	board-budget-kib := $budget_kib
END
if cmp -s "$out.new" "$out"; then rm "$out.new"; else mv "$out.new" "$out"; fi
