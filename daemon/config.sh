#!/bin/sh
# config.sh FLAVOUR OUT: turns the chosen options into OUT/config.h for C and OUT/config.mk for make.
#
# The choice is .config where there is one, else every option's default. The flavours for tests do
# not depend on what somebody chose: allno is nothing, the others are everything.
set -eu
flavour=$1 out=$2
mkdir -p "$out"
export KCONFIG_CONFIG="$out/.config"

case $flavour in
host)
	rm -f "$KCONFIG_CONFIG"
	if [ -f .config ]; then
		kconfig-conf --defconfig=.config Kconfig
	else
		kconfig-conf --alldefconfig Kconfig
	fi ;;
allno) kconfig-conf --allnoconfig Kconfig ;;
*)     kconfig-conf --allyesconfig Kconfig ;;
esac >"$out/config.log" 2>&1 || { cat "$out/config.log" >&2; exit 1; }

version=$(cat daemon/VERSION)
{
	echo "/* Made by daemon/config.sh from the options chosen; see Kconfig. */"
	echo "#pragma once"
	echo "#define SUREL_VERSION \"$version\""
	sed -n -e 's/^\(CONFIG_[A-Z0-9_]*\)=y$/#define \1 1/p' \
		-e 's/^\(CONFIG_[A-Z0-9_]*\)=\([0-9"].*\)$/#define \1 \2/p' "$KCONFIG_CONFIG"
} >"$out/config.h.new"
grep '^CONFIG_' "$KCONFIG_CONFIG" >"$out/config.mk" || : >"$out/config.mk"

# An unchanged header keeps its date, so that nothing is compiled again for it.
if cmp -s "$out/config.h.new" "$out/config.h"; then
	rm "$out/config.h.new"
else
	mv "$out/config.h.new" "$out/config.h"
fi
