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
uapi='' triple='' cflags='' ldflags='' is_soft_float='' is_pie='' is_lto='' compact='' emulator='' budget_kib='' clang='' shipped_cflags=''
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
# gcc makes the whole program of one kind of instructions, so what is not compacted keeps out of it.
plain=
[ -z "$is_lto" ] || [ -z "$compact" ] || [ -n "$clang" ] || plain=-fno-lto
# The compiler: gcc, or clang where the board names what clang calls it. Headers of the kernel, what
# the compiler's code calls (libgcc) and the tools for archives come from gcc's packages in both cases.
small=-Os compiler=$triple-gcc
[ -z "$clang" ] || small="-Oz -fomit-frame-pointer" compiler="clang-19 --target=$clang"
# Every function with characters on its stack is watched; "strong" watches whatever has an address, which is
# a third of all functions and 8 KiB, and what is written there goes by a pointer to one value.
protector="-fstack-protector --param=ssp-buffer-size=4"
flags="$small -g $pie $lto $protector $unwind -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=."
key=$({ sed '/^# --- what make/,$d' "$0"; cat "$here/softfloat.sh" "$here/strtod.c" "$here/mbedtls_config.h" "$here/../$board/board.conf"
	for source in $sources; do cat "$source/../MANIFEST"; done
	"$triple-gcc" --version; $compiler --version; } | sha256sum | cut -c 1-12)
final=$cache/sysroot-$board-$key
root=$final.new
# Always the same directory, so that a cache of compilations knows what it has seen.
work=$cache/sysroot-$board.work

# gcc would drop what its own code generator calls only later.
[ -n "$clang" ] && libc_lto=$lto || libc_lto=
libc_flags="$small $pie $libc_lto $unwind -fno-stack-protector -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=. $cflags"

# musl without stack protector: the start-up code sets up what the protector needs.
build_musl() {
	mkdir -p "$work/musl"
	cat >"$work/cc-musl" <<-END
		#!/bin/sh
		# What has no assembler in it and is not about speed is compacted, where that can be compiled.
		compact="$compact"
		case "\$*" in *src/string/* | *src/malloc/* | *src/thread/* | *crt/*) compact= ;; esac
		# What starts a program calls by assembler, of which LTO knows nothing.
		case "\$*" in *crt/*) set -- "\$@" -fno-lto ;; esac
		if [ "\$compact" ] && $compiler \$compact "\$@" 2>/dev/null; then exit 0; fi
		exec $compiler "\$@"
	END
	chmod +x "$work/cc-musl"
	# shellcheck disable=SC2086 # flags are words
	(cd "$work/musl" &&
		CC="$work/cc-musl" AR="$triple-ar" RANLIB="$triple-ranlib" LIBCC="$("$triple-gcc" $cflags -print-libgcc-file-name)" \
		CFLAGS="$libc_flags" \
		"$musl/configure" --target="$triple" --prefix="$root" --syslibdir="$root/lib" --disable-shared &&
		make -j"$jobs" CRT_LIBS="lib/crti.o lib/crtn.o lib/$([ -n "$is_pie" ] && echo rcrt1.o || echo crt1.o)" install)
}

# instead NAME FILE: compiles FILE as a part of musl into libNAME.a, to be linked before it.
instead() {
	arch=$(sed -n 's/^ARCH = //p' "$work/musl/config.mak")
	# shellcheck disable=SC2086 # flags are words
	"$work/cc-musl" -std=c99 -nostdinc -ffreestanding -D_XOPEN_SOURCE=700 -w $libc_flags \
		-I"$musl/arch/$arch" -I"$musl/arch/generic" -I"$work/musl/obj/src/internal" -I"$musl/src/include" \
		-I"$musl/src/internal" -I"$work/musl/obj/include" -I"$musl/include" \
		-c "$2" -o "${2%.c}.o"
	"$triple-ar" rcsD "$root/lib/lib$1.a" "${2%.c}.o"
}

# libfewcharsets.a: iconv without Chinese, Japanese and Korean, whose tables are the most of it. The
# names go from its list, so that nothing reads the tables that are left empty; and as a charset can
# then be none of those, the compiler is told to leave out what would convert them.
build_few_charsets() {
	mkdir -p "$work/iconv"
	cp "$musl/src/locale/codepages.h" "$musl/src/locale/legacychars.h" "$work/iconv/"
	for table in jis0208 gb18030 gb18030utf big5 hkscs ksc revjis; do
		echo 0 >"$work/iconv/$table.h"
	done
	sed -E -e '/^"(eucjp|shiftjis|iso2022jp|gb18030|gbk|gb2312|big5|euckr)\\0/d' \
		-e '/^static const unsigned short/s/\[(84|126|89|93)\]\[/[1][/' \
		-e 's/^\t+switch \((to)?type\) \{/if (\1type >= EUC_JP \&\& \1type <= EUC_KR) __builtin_unreachable();\n&/' \
		"$musl/src/locale/iconv.c" >"$work/iconv/iconv.c"
	instead fewcharsets "$work/iconv/iconv.c"
}

# libplainprintf.a: printf without floating point and errno's texts (%m), which the daemon has none of. A
# format that wants them is refused, as any is that printf does not know.
build_plain_printf() {
	sed -e '/= L\{0,1\}DBL,/d' -e '/case L\{0,1\}DBL:/d' -e '/^\tlong double f;/d' \
		-e 's/fmt_fp(f, arg\.f, w, p, fl, t)/-1/' -e "/S('m') = NOARG,/d" \
		-e "/case 'm':/d" -e '/= strerror(errno); else/d' "$musl/src/stdio/vfprintf.c" >"$work/vfprintf.c"
	instead plainprintf "$work/vfprintf.c"
}

# libplainstrtod.a: strtod for cJSON.
build_plain_strtod() {
	cp "$here/strtod.c" "$work/strtod.c"
	instead plainstrtod "$work/strtod.c"
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
	# shellcheck disable=SC2086 # flags are words
	libgcc=$("$triple-gcc" $cflags -print-libgcc-file-name)
	if [ -n "$is_soft_float" ]; then
		sh "$here/softfloat.sh" "$board" "$root" "$work"
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
		exec \$compile --ld-path=$(command -v ld.lld-19) -Qunused-arguments -nostdlib -L$final/lib $final/lib/$([ -n "$is_pie" ] && echo rcrt1.o || echo crt1.o) \\
			$final/lib/crti.o "\$@" -lc $libgcc -lc $final/lib/crtn.o
	END
}

# archive NAME EXTRA-FLAGS FILE...: compiles each file and puts them into lib/libNAME.a, with what
# was compiled for it before.
archive() {
	name=$1 extra=$2
	shift 2
	mkdir -p "$work/$name"
	printf '%s\n' "$@" | xargs -P "$jobs" -n 6 sh -c '
		cc=$1 flags=$2 dir=$3; shift 3
		for file; do
			$cc $flags -c "$file" -o "$dir/$(basename "$file" .c).o" || exit 255
		done' sh "$root/bin/cc" "$flags $extra" "$work/$name"
	rm -f "$root/lib/lib$name.a"
	"$triple-gcc-ar" rcsD "$root/lib/lib$name.a" "$work/$name"/*.o
}

build_zlib() {
	cp "$zlib/zlib.h" "$zlib/zconf.h" "$root/include/"
	# Neither the gz* functions, which want files, nor their format with its checksums are for anybody here.
	# The store deflates at the usual level by the usual strategy, so the functions of all others go.
	sed -e '/^\/\* [0-9] \*\//s/deflate_\(stored\|fast\)/deflate_slow/' \
		-e 's/s->level == 0 ? deflate_stored(s, flush) ://' \
		-e '/s->strategy == Z_\(HUFFMAN_ONLY\|RLE\) ? deflate_.*(s, flush) :/d' "$zlib/deflate.c" >"$work/deflate.c"
	archive z "$compact -D_LARGEFILE64_SOURCE=1 -DHAVE_UNISTD_H -DNO_GZIP -I$zlib" \
		"$zlib"/adler32.c "$work/deflate.c" "$zlib"/inffast.c \
		"$zlib"/inflate.c "$zlib"/inftrees.c "$zlib"/trees.c "$zlib"/zutil.c
}

build_cjson() {
	mkdir -p "$root/include/cjson"
	cp "$cjson/cJSON.h" "$root/include/cjson/"
	# Only here would sscanf be wanted, to read a number back that was just printed.
	sed 's/(sscanf((char\*)number_buffer, "%lg", &test) != 1)/(test = strtod((char*)number_buffer, NULL), 0)/' \
		"$cjson/cJSON.c" >"$work/cJSON.c"
	grep -q sscanf "$work/cJSON.c" && exit 1
	archive cjson "$compact -I$cjson" "$work/cJSON.c"
}

build_picohttpparser() {
	header=$(find "$picohttpparser" -name picohttpparser.h | head -n 1)
	cp "$header" "$root/include/"
	archive picohttpparser "$compact" "$(dirname "$header")/picohttpparser.c"
}

build_qrencode() {
	mkdir -p "$work/qr"
	cp "$qrencode/qrencode.h" "$root/include/"
	# Micro QR codes, which are another kind, are never asked for.
	for file in qrencode qrinput; do
		sed 's/input->mqr\([^ ]\| |\)/0\1/g' "$qrencode/$file.c" >"$work/qr/$file.c"
	done
	archive qrencode "$compact -I$qrencode"' -DSTATIC_IN_RELEASE=static -DMAJOR_VERSION=4 -DMINOR_VERSION=1 -DMICRO_VERSION=1 -DVERSION="4.1"' \
		"$work"/qr/*.c "$qrencode"/bitstream.c "$qrencode"/qrspec.c \
		"$qrencode"/rsecc.c "$qrencode"/split.c "$qrencode"/mask.c "$qrencode"/mqrspec.c "$qrencode"/mmask.c
}

build_mbedtls() {
	cp -r "$mbedtls/include/mbedtls" "$mbedtls/include/psa" "$root/include/"
	cp "$here/mbedtls_config.h" "$root/include/mbedtls/mbedtls_config.h"
	# What computes with large numbers (it has assembler) and what encrypts in bulk is never compacted.
	fast=$(for name in bignum_core ecp_curves aes gcm chacha20 poly1305 sha256; do echo "$mbedtls/library/$name.c"; done)
	# Sockets and timers are the daemon's own.
	files=$(find "$mbedtls/library" -name '*.c' ! -name net_sockets.c ! -name timing.c | sort | grep -vxF "$fast")
	# The tests want a client of TLS too, which the daemon is not; small daemons do without TLS 1.3 and RSA.
	for kind in mbedtls mbedtls_server mbedtls_server_small; do
		case $kind in
		*small) only="-DSUREL_TLS_SERVER_ONLY -DSUREL_TLS_SMALL" ;;
		*server) only=-DSUREL_TLS_SERVER_ONLY ;;
		*) only= ;;
		esac
		# shellcheck disable=SC2086 # the names have no blanks
		archive $kind "$only $plain -I$mbedtls/library" $fast
		# shellcheck disable=SC2086
		archive $kind "$only $compact -I$mbedtls/library" $files
	done
	# Without TLS there are still passwords.
	archive mbedtls_server_none "-DSUREL_TLS_NONE $compact -I$mbedtls/library" \
		"$mbedtls/library/md.c" "$mbedtls/library/pkcs5.c" "$mbedtls/library/platform_util.c"
	archive mbedtls_server_none "-DSUREL_TLS_NONE $plain -I$mbedtls/library" "$mbedtls/library/sha256.c"
}

# For the tests that run under the emulator.
build_check() {
	mkdir -p "$work/check-include"
	sed -e 's/@CHECK_MAJOR_VERSION@/0/' -e 's/@CHECK_MINOR_VERSION@/15/' -e 's/@CHECK_MICRO_VERSION@/2/' \
		-e 's/@HAVE_FORK@/1/' -e 's/@ENABLE_SUBUNIT@/0/' \
		"$check/src/check.h.in" >"$root/include/check.h"
	cat >"$root/include/check_stdint.h" <<-END
		#include <stdint.h>
	END
	cat >"$work/check-include/config.h" <<-END
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
	archive check "-D_GNU_SOURCE -DHAVE_CONFIG_H -I$work/check-include -I$check/src -I$check -I$check/lib" \
		$(find "$check/src" -maxdepth 1 -name 'check*.c' | sort)
}

build() {
	rm -rf "$root" "$work"
	mkdir -p "$root/bin" "$work"
	build_musl
	build_few_charsets
	build_plain_printf
	build_plain_strtod
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
	rm -r "$work"
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
# --- what make needs to know --------------------------------------------------------------------

[ -n "$is_pie" ] && kind=-static-pie || kind="-static -no-pie"
link_lto=
[ -z "$is_lto" ] || link_lto="-flto=auto $compact"
# What lld may do when it sees the whole program. To inline costs bytes nearly always.
[ -z "$clang" ] || link_lto="-flto -Wl,--fat-lto-objects,--lto-O2,--icf=safe,-O2,-mllvm,-inline-threshold=-25,-mllvm,-enable-merge-functions,-mllvm,-enable-misched=false,-mllvm,-enable-post-misched=false,-mllvm,-split-spill-mode=size,-mllvm,-disable-lsr,-mllvm,-machine-outliner-reruns=3,-mllvm,-tail-merge-size=2,-mllvm,-tail-merge-threshold=2000,-mllvm,-enable-load-pre=false,-mllvm,-enable-pre=false,-mllvm,-enable-shrink-wrap=false,-mllvm,-disable-licm-promotion,-mllvm,-disable-early-taildup"
cat >"$out.new" <<-END
	sysroot          := $final
	board-compiler   := $compiler
	board-small      := $small $shipped_cflags
	board-cflags     := $pie $unwind
	board-protector  := $protector
	board-lto        := $lto
	board-link-lto   := $link_lto
	board-compact    := $compact
	board-plain      := $plain
	board-ldflags    := $kind $ldflags
	mbedtls-cflags    = \$(if \$(filter test,\$(flavour)),,-DSUREL_TLS_SERVER_ONLY \$(if \$(CONFIG_TLS),\$(if \$(CONFIG_TLS_FULL),,-DSUREL_TLS_SMALL),-DSUREL_TLS_NONE))
	mbedtls-libs      = \$(if \$(filter test,\$(flavour)),-lmbedtls,-lmbedtls_server\$(if \$(CONFIG_TLS),\$(if \$(CONFIG_TLS_FULL),,_small),_none))
	board-libs       := -lplainstrtod \$(if \$(filter test,\$(flavour)),,-Wl,-u,vfprintf -lplainprintf)
	picohttpparser-cflags :=
	picohttpparser-libs   := -lpicohttpparser
	board-emulator   := $emulator
	board-budget-kib := $budget_kib
END
if cmp -s "$out.new" "$out"; then rm "$out.new"; else mv "$out.new" "$out"; fi
