#!/bin/sh
# mbedtls.sh OUT.mk: finds or builds mbedTLS 3.6 and writes how to compile and link with it to OUT.mk.
#
# Debian's libmbedtls-dev is taken where it is a 3.6. Else the library is built from Debian's newest
# source package of 3.6 with our own configuration, mbedtls_config.h. MBEDTLS=source asks for our own
# build everywhere: it is smaller and needs 12 KiB less for each connection.
set -eu
name=mbedtls
cflags=${MBEDTLS_CFLAGS:--Os -g -fPIE -fstack-protector-strong}
cflags="$cflags -ffunction-sections -fdata-sections"
# shellcheck source=board/common/source-library.sh
. "$(dirname "$0")/source-library.sh"

system_has_it() {
	echo '#include <mbedtls/build_info.h>' | $cc -E -dM - 2>/dev/null |
		grep -q 'MBEDTLS_VERSION_STRING  *"3\.6\.'
}

build_library() { # SOURCE DIRECTORY
	cp -r "$1/include/mbedtls" "$1/include/psa" "$2/include/"
	cp "$here/mbedtls_config.h" "$2/include/mbedtls/mbedtls_config.h"
	# Sockets and timers are the daemon's own.
	find "$1/library" -name '*.c' ! -name net_sockets.c ! -name timing.c -print0 |
		compile_all "$2" -I"$2/include" -I"$1/library"
}

if [ "${MBEDTLS:-}" != source ] && system_has_it; then
	write_answer <<-END
		mbedtls-cflags :=
		mbedtls-libs   := -lmbedtls -lmbedx509 -lmbedcrypto
	END
	exit 0
fi

build_once "$("$here/debian-source.sh" mbedtls '3.6.*')" "$here/mbedtls_config.h"
write_answer <<-END
	mbedtls-cflags := -isystem $directory/include
	mbedtls-libs   := $directory/libmbedtls.a
END
