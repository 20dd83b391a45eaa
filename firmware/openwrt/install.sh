#!/bin/sh
# install.sh [remove]: puts Surel into an OpenWrt that has no opkg, or takes it out again. Mail and settings
# stay; a newer version is installed over an older one.
# shellcheck disable=SC1091
set -eu
cd "$(dirname "$0")"
files=$(cd files && find . -type f | sed 's/^\.//')
config=/etc/config/surel

add_user() {
	. /lib/functions.sh
	gid=$(group_add_next surel)
	user_exists surel || user_add surel "" "$gid"
}

install_files() {
	for file in $files; do
		[ "$file" != $config ] || [ ! -e $config ] || continue
		mkdir -p "${file%/*}"
		# A program that is running cannot be written to, but replaced.
		cp -p "files$file" "$file.new"
		mv "$file.new" "$file"
	done
}

remove_files() {
	for file in $files; do
		[ "$file" = $config ] || rm -f "$file"
	done
}

if [ "${1:-}" = remove ]; then
	/etc/init.d/surel disable || :
	/etc/init.d/surel stop || :
	/etc/init.d/surel forget || :
	remove_files
	exit 0
fi
add_user
install_files
/etc/uci-defaults/60-surel && rm /etc/uci-defaults/60-surel
/etc/init.d/uhttpd reload 2>/dev/null || :
/etc/init.d/surel enable
/etc/init.d/surel restart
