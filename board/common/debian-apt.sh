# debian-apt.sh: what debian-source.sh and debian-package.sh share: what Debian has is fetched through an
# apt configuration of our own. Read by them with `.`; they bring `versions` and `download VERSION`.
#
# The system's sources stay as they are, and the mirror is the one that this machine uses already. apt
# verifies signatures and checksums against Debian's own key ring. A version goes from the mirrors sooner
# or later, so a pattern is asked for and not one version, of the newest suite that has such a one.
# Everything is kept in $SUREL_CACHE (default build/cache).
# shellcheck shell=sh
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

# have_it DIRECTORY PATTERN: true when a copy is kept there whose version will do.
have_it() {
	[ -f "$1/MANIFEST" ] || return 1
	# shellcheck disable=SC2254 # the pattern is meant as one
	case $(sed -n 's/^version: \([0-9]*:\)*//p' "$1/MANIFEST") in $2) return 0 ;; esac
	return 1
}

# newest PATTERN: of the versions on standard input.
newest() {
	sort -u | while read -r version; do
		# shellcheck disable=SC2254
		case ${version#*:} in $1) echo "$version" ;; esac
	done | sort -V | tail -n 1
}

write_apt_configuration() { # DIRECTORY SUITE deb|deb-src COMPONENT
	mkdir -p "$1/lists/partial" "$1/archives/partial"
	# The mirror's name is known to the system's configuration only, so ask before switching.
	unset APT_CONFIG
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
		sort -u | head -n 1)
	[ -n "$mirror" ] || fail "apt knows no Debian mirror; run 'apt-get update' as root first"
	echo "$3 [signed-by=$keyring] $mirror $2 $4" >"$1/sources.list"
	cat >"$1/apt.conf" <<-END
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$1/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$1";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
	export APT_CONFIG="$1/apt.conf"
}

# ask_suite DIRECTORY SUITE deb|deb-src COMPONENT: makes apt, as called from here, know that suite as it
# is now. The lists are kept for everybody and locked while they are brought up to date; the copy in
# DIRECTORY, of links, is the caller's alone, however long he takes.
ask_suite() {
	lists=$cache/apt-$2-$3-$4
	(
		flock 8
		write_apt_configuration "$lists" "$2" "$3" "$4"
		apt-get -q update >"$lists/update.log" 2>&1 || {
			echo "Passing over Debian $2: $(grep -m 1 '^[EW]:' "$lists/update.log")" >&2
			exit 1
		}
		mkdir -p "$1"
		cp -al "$lists/lists" "$1/"
	) 8>"$lists.lock" || return 1
	write_apt_configuration "$@"
}

# fetch_from TARGET NAME PATTERN SUITE deb|deb-src COMPONENT: into TARGET/package and, unpacked, TARGET/tree.
fetch_from() {
	rm -rf "$1.new"
	mkdir -p "$1.new/package"
	ask_suite "$1.new/apt" "$4" "$5" "$6" || return 1
	version=$(versions | newest "$3")
	[ -n "$version" ] || return 1
	echo "Fetching Debian's $2 $version ($4)" >&2
	(cd "$1.new/package" && download "$version") >"$1.log" 2>&1 || {
		echo "That failed: $(grep -m 1 '^E:' "$1.log")" >&2
		return 1
	}
	{
		echo "name: $2"
		echo "version: $version"
		echo "suite: $4"
		(cd "$1.new/package" && sha256sum -- *)
	} >"$1.new/MANIFEST"
	rm -rf "$1.new/apt" "$1"
	mv "$1.new" "$1"
}

# provide TARGET NAME PATTERN deb|deb-src COMPONENT: makes TARGET/tree be there, or says what to do. Nobody
# waits but for those who want the same thing.
provide() {
	have_it "$1" "$3" && return
	mkdir -p "$(dirname "$1")"
	exec 9>"$1.lock"
	flock 9
	have_it "$1" "$3" && return
	for suite in unstable testing stable oldstable; do
		fetch_from "$1" "$2" "$3" "$suite" "$4" "$5" && return
	done
	fail "no Debian suite had $2 $3 to give: gone, or the mirror is out of reach.
Put what is in such a version, unpacked, into $1/tree and its 'version: ' into $1/MANIFEST."
}
