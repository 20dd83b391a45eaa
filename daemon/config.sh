#!/bin/sh
# config.sh FLAVOUR OUT [BOARD]: turns the chosen options into OUT/options.h for C and OUT/config.mk for
# make.
#
# The choice is board/common/$PROFILE.config where a profile is asked for, else .config where there is
# one (for a board: board/NAME/defconfig), else every option's default. The flavours for tests do not
# depend on what somebody chose: allno is nothing, the others are everything. `size` is what CONFIG_FROM
# names. Files that would not change keep their date, so that nothing is built again.
set -eu
flavour=$1 out=$2 board=${3:-}
mkdir -p "$out"
export KCONFIG_CONFIG="$out/.config"
# Build systems that are not ours bring their own.
conf=${KCONFIG_CONF:-kconfig-conf}

choose() {
	case $flavour in
	host)
		rm -f "$KCONFIG_CONFIG"
		if [ -n "${PROFILE:-}" ]; then
			"$conf" --defconfig="board/common/$PROFILE.config" Kconfig
		elif [ -n "$board" ] && [ -f "board/$board/defconfig" ]; then
			"$conf" --defconfig="board/$board/defconfig" Kconfig
		elif [ -z "$board" ] && [ -f .config ]; then
			"$conf" --defconfig=.config Kconfig
		else
			"$conf" --alldefconfig Kconfig
		fi ;;
	size)  "$conf" --defconfig="$CONFIG_FROM" Kconfig ;;
	allno) "$conf" --allnoconfig Kconfig ;;
	*)     "$conf" --allyesconfig Kconfig ;;
	esac
}

# No clock that is right says less: the day of the version, so that one source gives one binary.
build_date() {
	date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct -- daemon/VERSION 2>/dev/null || :)}
	echo "${date:-1767225600}"
}

write_header() {
	echo "/* Made by daemon/config.sh from the options chosen; see Kconfig. */"
	echo "#pragma once"
	echo "#define SUREL_BUILT_S $(build_date)"
	echo "#define SUREL_VERSION \"${VERSION:-$(cat daemon/VERSION)}\""
	sed -n -e 's/^\(CONFIG_[A-Z0-9_]*\)=y$/#define \1 1/p' \
		-e 's/^\(CONFIG_[A-Z0-9_]*\)=\([0-9"].*\)$/#define \1 \2/p' "$KCONFIG_CONFIG"
}

write_if_changed() { # FILE, from standard input
	cat >"$1.new"
	if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

choose >"$out/config.log" 2>&1 || { cat "$out/config.log" >&2; exit 1; }
write_header | write_if_changed "$out/options.h"
sed -n '/^CONFIG_/p' "$KCONFIG_CONFIG" | write_if_changed "$out/config.mk"
