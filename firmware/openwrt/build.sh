#!/bin/sh
# build.sh BOARD: packages for OpenWrt from the board's static program, in build/ipk: an .ipk for each name
# that OpenWrt has for such a machine, and a .tar.gz with a script for versions that have apk.
#
# An .ipk is a gzipped tar of debian-binary, data.tar.gz and control.tar.gz. The same program gives the
# same bytes: times are those of the version's commit, owners are root, names are sorted.
set -eu
export LC_ALL=C
umask 022
board=$1
here=$(dirname "$0")
version=$(cat daemon/VERSION)
names=$(sed -n "s/^$board //p" "$here/architectures")
of_version() { git log -1 --format="$1" -- daemon/VERSION 2>/dev/null; }
maintainer=${IPK_MAINTAINER:-$(of_version '%an <%ae>')}
epoch=${SOURCE_DATE_EPOCH:-$(of_version %ct)}
epoch=${epoch:-1767225600}
work=build/ipk/$board

[ -n "$names" ] || { echo "OpenWrt has no machine like $board; see $here/architectures" >&2; exit 1; }

tarball() { # DIRECTORY NAME...: to standard output
	directory=$1
	shift
	tar --format=gnu --sort=name --numeric-owner --owner=0 --group=0 --mtime="@$epoch" \
		-C "$directory" -c "$@" | gzip -9n
}

# The files that a router gets.
stage() {
	rm -rf "$work"
	mkdir -p "$work/control"
	cp -R "$here/files" "$work/data"
	install -D -m 755 "build/$board/surel" "$work/data/usr/bin/surel"
	cp "$here"/control/[!.]* "$work/control/"
	rm "$work/control/control.in"
	chmod -R u=rwX,go=rX "$work"
	chmod 755 "$work/data/etc/init.d/surel" "$work/data/etc/uci-defaults/60-surel" \
		"$work/data/www/cgi-bin/surel" "$work"/control/p*
	chmod 600 "$work/data/etc/config/surel"
}

write_ipk() { # ARCHITECTURE
	size=$(find "$work/data" -type f -exec cat {} + | wc -c)
	sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$1|" -e "s|@EPOCH@|$epoch|" -e "s|@SIZE@|$size|" \
		-e "s|@MAINTAINER@|${maintainer:-Surel <root@localhost>}|" "$here/control/control.in" >"$work/control/control"
	tarball "$work/control" . >"$work/control.tar.gz"
	echo 2.0 >"$work/debian-binary"
	tarball "$work" ./debian-binary ./data.tar.gz ./control.tar.gz >"build/ipk/surel_$version-r1_$1.ipk"
	echo "build/ipk/surel_$version-r1_$1.ipk"
}

# For who has no opkg: the same files, and a script that does what opkg would.
write_archive() { # NAME
	mkdir "$work/surel-$version"
	cp "$here/install.sh" "$work/surel-$version/"
	cp -R "$work/data" "$work/surel-$version/files"
	chmod 755 "$work/surel-$version/install.sh"
	tarball "$work" "surel-$version" >"build/ipk/surel-$version-$1.tar.gz"
	echo "build/ipk/surel-$version-$1.tar.gz"
}

stage
tarball "$work/data" . >"$work/data.tar.gz"
for name in $names; do write_ipk "$name"; done
write_archive "${names%% *}"
rm -r "$work"
