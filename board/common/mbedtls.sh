#!/bin/sh
# mbedtls.sh OUT.mk: finds or builds mbedTLS 3.6 and writes how to compile and link with it to OUT.mk.
#
# Debian's libmbedtls-dev is taken where it is a 3.6. Else the library is built from Debian's newest
# source package of 3.6 with our own configuration, mbedtls_config.h: once for each compiler, set of
# flags and configuration, in $SUREL_CACHE (default build/cache). MBEDTLS=source asks for our own
# build everywhere: it is smaller and needs 12 KiB less for each connection.
set -eu
out=$1
here=$(dirname "$0")
cc=${CC:-cc}
cflags=${MBEDTLS_CFLAGS:--Os -g -fPIE -fstack-protector-strong}
cflags="$cflags -ffunction-sections -fdata-sections"
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)

system_has_it() {
	echo '#include <mbedtls/build_info.h>' | $cc -E -dM - 2>/dev/null |
		grep -q 'MBEDTLS_VERSION_STRING  *"3\.6\.'
}

build_library() { # SOURCE DIRECTORY
	rm -rf "$2.new"
	mkdir -p "$2.new/obj" "$2.new/include"
	cp -r "$1/include/mbedtls" "$1/include/psa" "$2.new/include/"
	cp "$here/mbedtls_config.h" "$2.new/include/mbedtls/mbedtls_config.h"
	# Sockets and timers are the daemon's own.
	find "$1/library" -name '*.c' ! -name net_sockets.c ! -name timing.c -print0 |
		xargs -0 -P "$(nproc)" -n 8 sh -c '
			flags=$1 cc=$2 dir=$3 source=$4; shift 4
			for file; do
				$cc $flags -I"$dir/include" -I"$source/library" \
					-c "$file" -o "$dir/obj/$(basename "$file" .c).o" || exit 255
			done' sh "$cflags" "$cc" "$2.new" "$1"
	ar rcs "$2.new/libmbedtls.a" "$2.new"/obj/*.o
	rm -r "$2.new/obj"
	{
		cat "$1/../MANIFEST"
		echo "compiler: $($cc --version | head -n 1)"
		echo "flags: $cflags"
	} >"$2.new/MANIFEST"
	rm -rf "$2"
	mv "$2.new" "$2"
}

write_answer() { # from standard input; a file that would not change keeps its date
	mkdir -p "$(dirname "$out")"
	cat >"$out.new"
	if cmp -s "$out.new" "$out"; then rm "$out.new"; else mv "$out.new" "$out"; fi
}

if [ "${MBEDTLS:-}" != source ] && system_has_it; then
	write_answer <<-END
		mbedtls-cflags :=
		mbedtls-libs   := -lmbedtls -lmbedx509 -lmbedcrypto
	END
	exit 0
fi

source=$("$here/debian-source.sh" mbedtls '3.6.*')
key=$({ cat "$here/mbedtls_config.h" "$source/../MANIFEST"; echo "$cflags"; $cc --version; } |
	sha256sum | cut -c 1-12)
directory=$cache/mbedtls-$key
(
	flock 9
	[ -f "$directory/libmbedtls.a" ] || build_library "$source" "$directory"
) 9>"$cache/mbedtls.lock"
write_answer <<-END
	mbedtls-cflags := -isystem $directory/include
	mbedtls-libs   := $directory/libmbedtls.a
END
