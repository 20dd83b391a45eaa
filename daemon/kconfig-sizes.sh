#!/bin/sh
# kconfig-sizes.sh [--check]: what each option adds to the daemon, measured, into its prompt.
#
# Every yes-or-no option is built once on and once off beside the defaults of all the others; the
# difference of code and data, for this machine's processor and with mbedTLS linked in, goes into
# the prompt as "(31 KiB)". With --check nothing is written: a prompt that is off by more than a
# fifth and by more than 2 KiB is a finding, for compilers differ a little.
set -eu
mode=${1:-write}
export MBEDTLS=source
export CONFIG_FROM=build/size/wanted
mkdir -p build/size

# Those that cannot be without the option, which are off on both sides.
others_with() { # OPTION
	find daemon -name Kconfig -exec awk -v option="$1" '
		/^config / { name = $2 }
		$1 == "select" && $2 == option || $1 == "depends" && $0 ~ "[ (]" option "([ )]|$)" { print name }' {} +
}

set_option() { # CONFIG-LINE OPTION
	sed -i -e "/^CONFIG_$2=/d" -e "/^# CONFIG_$2 /d" "$CONFIG_FROM"
	echo "$1" >>"$CONFIG_FROM"
}

# Builds with the one line given beside the defaults; prints code and data in bytes.
measure() { # CONFIG-LINE OPTION
	KCONFIG_CONFIG=$CONFIG_FROM kconfig-conf --alldefconfig Kconfig >/dev/null
	set_option "$1" "$2"
	for other in $(others_with "$2"); do
		set_option "# CONFIG_$other is not set" "$other"
	done
	make -s --no-print-directory -f daemon/Makefile flavour=size >build/size/log 2>&1 ||
		{ cat build/size/log >&2; return 1; }
	size build/size/surel | awk 'NR == 2 { print $1 + $2 }'
}

# Only a board's own C library has these tables to leave out: its two forms of iconv are compared.
iconv_bytes() { # ARCHIVE
	size "$1" 2>/dev/null | awk '$6 ~ /^iconv\.l?o$/ { print $1 + $2 }'
}

write_prompt() { # FILE OPTION KIB
	awk -v option="$2" -v kib="$3" '
		/^config / { inside = $2 == option }
		inside && /^\tbool "/ { sub(/( \([0-9]+ KiB\))?"$/, " (" kib " KiB)\"") }
		{ print }' "$1" >build/size/kconfig
	cat build/size/kconfig >"$1"
}

findings=0
for file in $(find daemon -name Kconfig | sort); do
	for option in $(awk '/^config / { name = $2 } /^\tbool "/ { print name }' "$file"); do
		# Only boards have their own mbedTLS to leave it out of: what the profile tiny gains.
		[ "$option" != TLS_FULL ] || continue
		if [ "$option" = CJK_CHARSETS ]; then
			libc=$(board/common/sysroot.sh qemu-x86_64)/lib
			on=$(iconv_bytes "$libc/libc.a") off=$(iconv_bytes "$libc/libfewcharsets.a")
		else
			on=$(measure "CONFIG_$option=y" "$option")
			off=$(measure "# CONFIG_$option is not set" "$option")
		fi
		kib=$(((on - off + 512) / 1024))
		said=$(awk -v option="$option" '/^config / { inside = $2 == option }
			inside && /^\tbool "/ { if (match($0, /\([0-9]+ KiB\)/)) print substr($0, RSTART + 1) + 0 }' \
			"$file")
		echo "$option: $kib KiB, the prompt says ${said:-nothing}"
		if [ "$mode" != --check ]; then
			write_prompt "$file" "$option" "$kib"
		elif ! awk -v a="$kib" -v b="${said:--1000}" 'BEGIN {
			d = a > b ? a - b : b - a; exit d > 2 && d * 5 > a }'; then
			findings=$((findings + 1))
		fi
	done
done
[ "$findings" -eq 0 ] || { echo "$findings prompts are off: run 'make kconfig-sizes'"; exit 1; }
