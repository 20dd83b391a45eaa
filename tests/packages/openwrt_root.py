"""A directory with what a package finds on OpenWrt, for tests: BusyBox, and small stand-ins for uci, rc.common,
procd and opkg that do as theirs do what the package relies on, and write down the rest.

Made for scripts that are entered by chroot, which takes root. Programs of another processor are run by
their emulator, which lies beside them.
"""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile

BUSYBOX = "/bin/busybox" if os.path.exists("/bin/busybox") else "/usr/bin/busybox"
APPLETS = "sh ash cat cp rm mv mkdir chown chmod grep sed sort head cut dirname basename find touch kill env ls".split()

# Settings are lines KEY=VALUE in /etc/uci; a list has several with the same KEY. Of files only ours is written.
UCI = r"""#!/bin/sh
book=/etc/uci
touch $book
one() {
	local verb=$1 key=${2%%=*} value=${2#*=} found
	value=${value#\'} value=${value%\'}
	case $verb in
	get) found=$(sed -n "s|^$(echo "$key" | sed 's/[].[]/\\&/g')=||p" $book); [ -n "$found" ] && echo $found ;;
	set) one delete_option "$key"; echo "$key=$value" >>$book ;;
	add_list) echo "$key=$value" >>$book ;;
	del_list) grep -vxF "$key=$value" $book >$book.new; mv $book.new $book ;;
	delete_option) grep -vE "^$key=" $book >$book.new; mv $book.new $book ;;
	delete) grep -q "^$key[.=]" $book || return 1; grep -vE "^$key[.=]" $book >$book.new; mv $book.new $book ;;
	commit)
		[ "$key" = surel ] || return 0
		sed -n "s/^surel[.]main[.]//p" $book | while IFS== read -r name to; do
			sed -i "s|option $name '.*'|option $name '$to'|" /etc/config/surel
		done
		;;
	*) echo "uci: $*" >&2; return 1 ;;
	esac
}
[ "$1" = -q ] && shift
if [ "$1" = batch ]; then
	while read -r verb rest; do one "$verb" "$rest" || exit 1; done
	exit 0
fi
one "$1" "${2:-}"
"""

# What /lib/functions.sh does for settings, users and packages.
FUNCTIONS = r"""
config_load() { CONFIG_FILE=/etc/config/$1; }
config_get() {
	_v=$(sed -n "s/^[[:space:]]*option $3 '\(.*\)'/\1/p" $CONFIG_FILE)
	eval "$1=\${_v:-\$4}"
}
config_get_bool() {
	config_get "$@"
	eval "case \$$1 in 1|on|true|yes|enabled) $1=1 ;; *) $1=0 ;; esac"
}
config_list_foreach() {
	for _v in $(sed -n "s/^[[:space:]]*list $2 '\(.*\)'/\1/p" $CONFIG_FILE); do $3 "$_v"; done
}
user_exists() { grep -q "^$1:" /etc/passwd; }
user_add() { echo "$1:x:32768:$3:$1:/var/run/$1:/bin/false" >>/etc/passwd; }
group_add_next() {
	grep -q "^$1:" /etc/group || echo "$1:x:32768:" >>/etc/group
	echo 32768
}
default_postinst() {
	info=/usr/lib/opkg/info
	for user in $(sed -n 's/^Require-User: *//p' $info/surel.control); do
		user_exists "${user%:*}" || user_add "${user%:*}" "" "$(group_add_next "${user#*:}")"
	done
	for i in $(grep ^/etc/uci-defaults/ $info/surel.list); do ( . $i ) && rm -f $i; done
	( . $info/surel.postinst-pkg )
	for i in $(grep ^/etc/init.d/ $info/surel.list); do $i enable; $i start; done
}
default_prerm() {
	( . /usr/lib/opkg/info/surel.prerm-pkg )
	for i in $(grep ^/etc/init.d/ /usr/lib/opkg/info/surel.list); do $i disable; $i stop; done
}
"""

# /etc/rc.common: what procd is told goes to /var/procd, a line each.
RC_COMMON = r"""#!/bin/sh
. /lib/functions.sh
initscript=$1
shift
tell() { echo "$*" >>/var/procd; }
for verb in open_instance close_instance set_param append_param add_reload_trigger add_reload_mount_trigger send_signal; do
	eval "procd_$verb() { tell $verb \"\$@\"; }"
done
start() { tell start; start_service && service_triggers; }
stop() { tell stop; }
restart() { stop; start; }
enable() { tell enable; }
disable() { tell disable; }
. "$initscript"
case $1 in
reload) reload_service ;;
*) "$@" ;;
esac
"""

SERVICE = "#!/bin/sh\necho ${0##*/} $* >>/var/services\n"


def why_not():
    """Why there can be none here, "" when there can."""
    if os.geteuid() != 0:
        return "chroot takes root"
    return "" if os.path.exists(BUSYBOX) else "not installed: busybox-static"


class OpenWrtRoot:
    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="surel-openwrt-")
        os.chmod(self.top, 0o755)
        for directory in ("bin", "dev", "etc/config", "lib/functions", "proc/sys/net/ipv4", "srv", "tmp", "usr/bin", "usr/lib/opkg/info",
                          "usr/sbin", "var", "mnt/sda1"):
            os.makedirs(self.path("/" + directory), exist_ok=True)
        shutil.copy(BUSYBOX, self.path("/bin/busybox"))
        for applet in APPLETS:
            os.symlink("busybox", self.path("/bin/" + applet))
        self.write("/bin/uci", UCI, 0o755)
        self.write("/bin/logger", "#!/bin/sh\necho \"$*\" >>/var/log\n", 0o755)
        self.write("/lib/functions.sh", FUNCTIONS)
        self.write("/etc/rc.common", RC_COMMON, 0o755)
        for service in ("uhttpd", "dnsmasq", "firewall"):
            self.write("/etc/init.d/" + service, SERVICE, 0o755)
        self.write("/etc/passwd", "root:x:0:0:root:/root:/bin/ash\n")
        self.write("/etc/group", "root:x:0:\n")
        self.write("/proc/mounts", "/dev/root / overlay rw 0 0\n")
        self.write("/etc/uci", "uhttpd.main=uhttpd\nnetwork.lan.ipaddr=192.168.1.1/24\nsystem.@system[0].hostname=OpenWrt\n"
                   "dhcp.@dnsmasq[0].domain=lan\n")

    def close(self):
        shutil.rmtree(self.top)

    def path(self, inside):
        return self.top + inside

    def write(self, inside, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(inside), mode)

    def read(self, inside):
        try:
            with open(self.path(inside), encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def run(self, *words, check=True, **variables):
        done = subprocess.run(["chroot", self.top, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **variables}, timeout=120, check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def install(self, ipk):
        """As opkg does it."""
        with tarfile.open(ipk) as outer:
            data = outer.extractfile("./data.tar.gz").read()
            control = outer.extractfile("./control.tar.gz").read()
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                if not (member.name == "./etc/config/surel" and os.path.exists(self.path("/etc/config/surel"))):
                    tar.extract(member, self.top, filter="tar") if hasattr(tarfile, "tar_filter") else tar.extract(member, self.top)
            names = [m.name[1:] for m in tar.getmembers() if m.isfile()]
        self.write("/usr/lib/opkg/info/surel.list", "".join(n + "\n" for n in names))
        with tarfile.open(fileobj=io.BytesIO(control)) as tar:
            for member in tar:
                if member.isfile():
                    self.write("/usr/lib/opkg/info/surel." + member.name[2:], tar.extractfile(member).read().decode(), member.mode)
        return self.run("/usr/lib/opkg/info/surel.postinst", "configure")

    def command(self):
        """What procd was told to start, and as whom."""
        words, user = [], None
        for line in self.read("/var/procd").splitlines():
            kind, *rest = line.split()
            if kind in ("set_param", "append_param") and rest[0] == "command":
                words = (words if kind == "append_param" else []) + rest[1:]
            if kind == "set_param" and rest[0] == "user":
                user = rest[1]
        return words, user
