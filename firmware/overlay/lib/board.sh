# shellcheck shell=sh
# board.sh: what the board's scripts share. Read by them with `.`.

option() { # NAME: what the kernel's command line says after NAME=
	read -r command_line </proc/cmdline
	for word in $command_line; do
		case $word in "$1="*) echo "${word#*=}" ;; esac
	done
}

is_mounted() { grep -q " $1 " /proc/mounts; }

say() { echo "$*" >/dev/console; }

# The board's own, or the one that the command line names (surel.watchdog=/dev/watchdog1).
watchdog_device() {
	device=$(option surel.watchdog)
	echo "${device:-/dev/watchdog}"
}

# Cards and disks behind USB appear when they please.
wait_for() { # DEVICE
	case $1 in /dev/*) ;; *) return ;; esac
	tries=0
	until [ -b "$1" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
}

# --- what is wrong, for the page ------------------------------------------------------------------

# KEY [DETAIL]: is wrong from now on. KEY or KEY=DETAIL is a line of /run/system/problems.
problem() {
	grep -qxF "$1${2:+=$2}" /run/system/problems && return
	flock /run/system/lock sh -c '. /lib/board.sh; problems_change "$@"' problem "$1" "$1${2:+=$2}"
}

# KEY [DETAIL]: is right again.
no_problem() {
	grep -q "^$1" /run/system/problems || return 0
	flock /run/system/lock sh -c '. /lib/board.sh; problems_change "$@"' no_problem "$1${2:+=$2}" ''
}

problems_change() { # GONE NEW, with the lock held; readers see the old file or the new one
	{
		grep -v -e "^$1\$" -e "^$1=" /run/system/problems
		[ -z "$2" ] || echo "$2"
	} >/run/system/problems.new
	mv /run/system/problems.new /run/system/problems
}

# --- the mail server ------------------------------------------------------------------------------

# Returns when it has ended, or does not want to. init starts it again, and it waits while /run/hold is there.
end_mail_server() {
	pid=none tries=0
	[ ! -f /run/mail-server.pid ] || read -r pid </run/mail-server.pid
	kill "$pid" 2>/dev/null
	while [ -d "/proc/$pid" ] && [ $((tries += 1)) -le 200 ]; do sleep 0.1; done
}

# --- a system's slot: its first sector ------------------------------------------------------------

# shellcheck disable=SC2034 # for who asked
slot_read() { # DEVICE: sets state and order; an empty slot's where there is no record
	state=empty order=0
	set -f
	# shellcheck disable=SC2046 # split into words
	set -- $(dd if="$1" bs=512 count=1 2>/dev/null)
	set +f
	[ "$1 $2" = "surel-slot 1" ] || return 0
	for word; do
		case $word in
		state=*) state=${word#*=} ;;
		order=*) order=${word#*=} ;;
		esac
	done
	case $order in '' | *[!0-9]* | ??????????*) order=0 ;; esac
}

slot_write() { # DEVICE STATE ORDER, durably; one sector is written whole or not at all
	# The shell may hand the lines over one by one: a full block is waited for.
	printf 'surel-slot 1\nstate=%s\norder=%s\n' "$2" "$3" |
		dd of="$1" bs=512 count=1 iflag=fullblock conv=sync,notrunc,fsync 2>/dev/null
}

slot_version() { # DEVICE: what its container calls itself; not verified
	version=$(dd if="$1" bs=1024 skip=4 count=1 2>/dev/null | sed -n 's/^version=//p')
	case $version in '' | *[!0-9A-Za-z.+_~-]*) version=unknown ;; esac
	echo "$version"
}

# --- the data partition ---------------------------------------------------------------------------

# ext4, or what the command line says (data.fs=f2fs, data.fs=ubifs with data=ubi0:NAME).
mount_data() { # DEVICE [OPTION]
	case $(option data.fs) in
	'') mount -t ext4 -o noatime,nodev,nosuid,noexec,errors=remount-ro${2:+,$2} "$1" /data ;;
	f2fs) mount -t f2fs -o noatime,nodev,nosuid,noexec,fsync_mode=strict "$1" /data ;;
	ubifs)
		# Flash as it is bought has no volume; UBIFS makes an empty one its own.
		[ -c /dev/ubi0_0 ] || ubimkvol /dev/ubi0 -N "${1#*:}" -m >/dev/null
		mount -t ubifs -o noatime,nodev,nosuid,noexec "$1" /data ;;
	esac
}

# DEVICE, not mounted: the empty file system as shipped takes the place of whatever is there. At the next
# start it grows to the disk's end.
wipe_data() {
	case $(option data.fs) in
	ubifs) ubiupdatevol -t /dev/ubi0_0 ;;
	*) zcat /usr/share/surel/data.img.gz >"$1" && sync ;;
	esac
}
