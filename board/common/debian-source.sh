#!/bin/sh
# debian-source.sh NAME VERSION-PATTERN: fetches and unpacks the newest Debian source package NAME
# whose upstream version matches the shell pattern (such as '3.6.*'), prints its directory.
#
# The newest suite that has such a version to give is asked, through an apt configuration of our own:
# the system's sources stay as they are, and the mirror is the one that this machine uses already.
# apt verifies signatures and checksums against Debian's own key ring. A version goes from the
# mirrors sooner or later, so the pattern and not one version is asked for; what came is kept in
# $SUREL_CACHE (default build/cache) and written down in NAME/MANIFEST: version and SHA-256.
set -eu
name=$1 pattern=$2
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)
target=$cache/source/$name
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() { echo "debian-source.sh: $*" >&2; exit 1; }

# True when the cached copy is there and is of a version that will do.
have_it() {
	[ -f "$target/MANIFEST" ] || return 1
	# shellcheck disable=SC2254 # the pattern is meant as one
	case $(sed -n 's/^version: \([0-9]*:\)*//p' "$target/MANIFEST") in $pattern) return 0 ;; esac
	return 1
}

write_apt_configuration() { # SUITE
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
		sort -u | head -n 1)
	[ -n "$mirror" ] || fail "apt knows no Debian mirror; run 'apt-get update' as root first"
	echo "deb-src [signed-by=$keyring] $mirror $1 main" >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
}

newest_version() {
	apt-cache showsrc --only-source "$name" 2>/dev/null | sed -n 's/^Version: //p' | sort -u |
		while read -r version; do
			# shellcheck disable=SC2254
			case ${version#*:} in $pattern) echo "$version" ;; esac
		done | sort -V | tail -n 1
}

fetch() {
	for suite in unstable testing stable oldstable; do
		apt=$cache/apt-$suite
		# The mirror's name is known to the system's configuration only, so ask before switching.
		unset APT_CONFIG
		write_apt_configuration "$suite"
		export APT_CONFIG="$apt/apt.conf"
		if ! apt-get -q update >"$apt/update.log" 2>&1; then
			echo "Passing over Debian $suite: $(grep -m 1 '^[EW]:' "$apt/update.log")" >&2
			continue
		fi
		version=$(newest_version)
		[ -n "$version" ] || continue
		rm -rf "$target" "$target.new"
		mkdir -p "$target.new/package"
		echo "Fetching Debian's source package $name $version ($suite)" >&2
		{
			(cd "$target.new/package" &&
				apt-get -q source --download-only --only-source "$name=$version") &&
				dpkg-source --no-check -x "$target.new"/package/*.dsc "$target.new/tree"
		} >"$apt/source.log" 2>&1 || {
			echo "That failed: $(grep -m 1 '^E:' "$apt/source.log")" >&2
			continue
		}
		{
			echo "name: $name"
			echo "version: $version"
			echo "suite: $suite"
			(cd "$target.new/package" && sha256sum -- *)
		} >"$target.new/MANIFEST"
		mv "$target.new" "$target"
		return 0
	done
	return 1
}

mkdir -p "$cache/source"
exec 9>"$cache/source/lock"
flock 9
have_it || fetch ||
	fail "no Debian suite had $name $pattern to give: gone, or the mirror is out of reach.
Put an unpacked source of such a version into $target/tree and its 'version: ' into $target/MANIFEST."
echo "$target/tree"
