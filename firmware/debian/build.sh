#!/bin/sh
# build.sh BOARD ARCHITECTURE: build/deb/surel_VERSION_ARCHITECTURE.deb from the board's static program.
#
# The same program gives the same package: times are those of the version's commit, owners are root,
# names are sorted. Whoever builds packages of his own says who he is in DEB_MAINTAINER.
set -eu
export LC_ALL=C
umask 022
board=$1 architecture=$2
here=$(dirname "$0")
version=$(cat daemon/VERSION)
sysroot=$(sed -n 's/^sysroot *:= //p' "build/$board/sysroot.mk")
sources=${SUREL_CACHE:-build/cache}/source
of_version() { git log -1 --format="$1" -- daemon/VERSION 2>/dev/null; }
maintainer=${DEB_MAINTAINER:-$(of_version '%an <%ae>')}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(of_version %ct)}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1767225600}"
root=build/deb/$architecture

# What was linked in, from the sysroot's MANIFEST: a line NAME VERSION each. check is for the tests.
libraries() {
	sed -n -e '/^name: /{s///;h}' -e '/^version: /{s///;H;x;s/\n/ /p}' "$sysroot/MANIFEST" |
		grep -v '^check ' | sort -u
}

# Puts text in for @MARKS@; the licence, indented as a copyright file wants it, for a line of its own.
fill() { # FROM TO
	sed -n '5,$p' LICENSE | sed 's/^/ /; s/^ $/ ./' >"$root.licence"
	libraries | sed 's/^/  /' >"$root.libraries"
	sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" \
		-e "s|@MAINTAINER@|${maintainer:-Surel <root@localhost.localdomain>}|" \
		-e "s|@DATE@|$(date -uRd "@$SOURCE_DATE_EPOCH")|" -e "s|@SIZE@|$(du -sk "$root/usr" | cut -f 1)|" \
		-e "/@LICENSE@/{r $root.licence" -e 'd}' -e "/@LIBRARIES@/{r $root.libraries" -e 'd}' "$1" >"$2"
	rm "$root.licence" "$root.libraries"
}

install_program() {
	install -D -m 755 "build/$board/surel" "$root/usr/bin/surel"
	install -d "$root/usr/sbin"
	ln -s ../bin/surel "$root/usr/sbin/sureld"
	install -D -m 644 "$here/surel.service" "$root/usr/lib/systemd/system/surel.service"
	install -D -m 644 "$here/default" "$root/etc/default/surel"
}

install_documents() {
	doc=$root/usr/share/doc/surel
	install -d "$doc/libraries" "$root/usr/share/man/man1" "$root/usr/share/man/man8"
	gzip -9nc "$here/surel.1" >"$root/usr/share/man/man1/surel.1.gz"
	ln -s ../man1/surel.1.gz "$root/usr/share/man/man8/sureld.8.gz"
	libraries | while read -r name _; do
		install -m 644 "$sources/$name/tree/debian/copyright" "$doc/libraries/$name"
	done
	install -m 644 "$here/README.md" "$doc/README.md"
	fill "$here/copyright" "$doc/copyright"
	fill "$here/changelog" "$doc/changelog"
	gzip -9n "$doc/changelog"
	install -D -m 644 "$here/surel.lintian-overrides" "$root/usr/share/lintian/overrides/surel"
}

install_control() {
	install -d "$root/DEBIAN"
	for script in postinst prerm postrm; do install -m 755 "$here/$script" "$root/DEBIAN/$script"; done
	echo /etc/default/surel >"$root/DEBIAN/conffiles"
	fill "$here/control.in" "$root/DEBIAN/control"
	(cd "$root" && find usr -type f | sort | xargs md5sum >DEBIAN/md5sums)
}

rm -rf "$root"
mkdir -p "$root"
install_program
install_documents
install_control
find "$root" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "build/deb/surel_${version}_$architecture.deb" >/dev/null
rm -r "$root"
echo "build/deb/surel_${version}_$architecture.deb"
