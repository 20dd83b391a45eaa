#!/bin/sh
# picohttpparser.sh OUT.mk: finds or builds picohttpparser and writes how to compile and link with it
# to OUT.mk.
#
# Debian's libpicohttpparser-dev is taken where the suite has one. Else the library is built from
# Debian's source package of it, or, where no mirror gives that, from the copy that Debian's h2o, its
# authors' own web server, brings along.
set -eu
name=picohttpparser
cflags="-Os -g -fPIE -fstack-protector-strong -ffunction-sections -fdata-sections"
# shellcheck source=board/common/source-library.sh
. "$(dirname "$0")/source-library.sh"

system_has_it() {
	echo '#include <picohttpparser.h>' | $cc -E - >/dev/null 2>&1
}

# Once one of them is there, nobody is asked again.
find_source() {
	for package in libpicohttpparser h2o; do
		[ -f "$cache/source/$package/MANIFEST" ] && break
	done
	if [ ! -f "$cache/source/$package/MANIFEST" ] &&
		"$here/debian-source.sh" libpicohttpparser '1.*' 2>"$cache/$name.log"; then
		return 0
	fi
	case $package in
	h2o) "$here/debian-source.sh" h2o '2.*' ;;
	*)   "$here/debian-source.sh" libpicohttpparser '1.*' ;;
	esac
}

build_library() { # SOURCE DIRECTORY
	at=$(dirname "$(find "$1" -name picohttpparser.h | head -n 1)")
	cp "$at/picohttpparser.h" "$2/include/"
	printf '%s\0' "$at/picohttpparser.c" | compile_all "$2"
}

if system_has_it; then
	write_answer <<-END
		picohttpparser-cflags :=
		picohttpparser-libs   := -lpicohttpparser
	END
	exit 0
fi

build_once "$(find_source)"
write_answer <<-END
	picohttpparser-cflags := -isystem $directory/include
	picohttpparser-libs   := $directory/libpicohttpparser.a
END
