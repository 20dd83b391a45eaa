"""The package for OpenWrt: its layout against the format, its scripts under BusyBox's shell, and the program that
its init script starts, under the processor's emulator."""

import glob
import gzip
import html
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.request

from debian_root import commands
from openwrt_root import OpenWrtRoot, why_not
from surel import free_port_base

HERE = os.path.dirname(os.path.abspath(__file__))
EMULATORS = {"mipsel": "qemu-mipsel-static", "mips": "qemu-mips-static", "aarch64": "qemu-aarch64-static", "arm": "qemu-arm-static",
             "riscv64": "qemu-riscv64-static", "x86": ""}
with open("daemon/VERSION", encoding="ascii") as version:
    VERSION = version.read().strip()
PACKAGES = sorted(glob.glob(f"build/ipk/surel_{VERSION}-*.ipk"))
PREFERRED = "mipsel_24kc"
OWN = next((p for p in PACKAGES if p.endswith(f"_{PREFERRED}.ipk")), PACKAGES[0] if PACKAGES else "")
FIELDS = ("Package", "Version", "Source", "License", "Section", "Architecture", "Installed-Size", "Description", "Require-User")
EXECUTABLE = {"./usr/bin/surel", "./etc/init.d/surel", "./etc/uci-defaults/60-surel", "./www/cgi-bin/surel"}
MAY_BE_ABSENT = ("dhcp", "firewall", "uhttpd")


def architecture(ipk):
    return os.path.basename(ipk)[:-4].split("_", 2)[2]


class Layout(unittest.TestCase):
    def setUp(self):
        self.assertTrue(PACKAGES, "make ipk first")

    def parts(self, ipk):
        with open(ipk, "rb") as f:
            head = f.read(10)
            # Neither a name nor a time in gzip's head.
            self.assertEqual((head[:2], head[3], head[4:8]), (b"\x1f\x8b", 0, bytes(4)))
        with tarfile.open(ipk, "r:gz") as outer:
            self.assertEqual(outer.getnames(), ["./debian-binary", "./data.tar.gz", "./control.tar.gz"])
            return [outer.extractfile(m).read() for m in outer.getmembers()]

    def check_members(self, tar, executable):
        names = tar.getnames()
        self.assertEqual(names[0], ".")
        self.assertEqual(names[1:], sorted(names[1:]))
        self.assertTrue(all(n.startswith("./") for n in names[1:]), names)
        self.assertEqual({(m.uid, m.gid) for m in tar}, {(0, 0)})
        self.assertEqual(len({m.mtime for m in tar}), 1)
        for m in tar:
            self.assertTrue(m.isdir() or m.isfile(), m.name)
            wanted = 0o755 if m.isdir() or executable(m.name) else 0o600 if m.name == "./etc/config/surel" else 0o644
            self.assertEqual(oct(m.mode), oct(wanted), m.name)

    def test_every_package_is_as_opkg_wants_it(self):
        for ipk in PACKAGES:
            version, data, control = self.parts(ipk)
            self.assertEqual(version, b"2.0\n")
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                self.check_members(tar, lambda name: name in EXECUTABLE)
                files = {m.name[1:]: tar.extractfile(m).read() for m in tar if m.isfile()}
            with tarfile.open(fileobj=io.BytesIO(control)) as tar:
                self.check_members(tar, lambda name: name.startswith("./p"))
                scripts = {m.name[2:]: tar.extractfile(m).read().decode() for m in tar if m.isfile()}
            self.check_control(ipk, scripts, files)

    def check_control(self, ipk, scripts, files):
        self.assertEqual(sorted(scripts), ["conffiles", "control", "postinst", "postinst-pkg", "prerm", "prerm-pkg"])
        fields = dict(line.split(": ", 1) for line in scripts["control"].splitlines())
        for field in FIELDS:
            self.assertTrue(fields.get(field, "").strip(), field)
        self.assertEqual(fields["Architecture"], architecture(ipk))
        self.assertEqual(os.path.basename(ipk), f"surel_{fields['Version']}_{fields['Architecture']}.ipk")
        self.assertEqual(int(fields["Installed-Size"]), sum(len(b) for b in files.values()))
        for name in scripts["conffiles"].split():
            self.assertIn(name, files)
        self.assertEqual(files["/lib/upgrade/keep.d/surel"], b"/srv/surel\n")

    def test_the_same_program_gives_the_same_package(self):
        board = next(line.split()[0] for line in open("firmware/openwrt/architectures", encoding="utf-8") if architecture(OWN) in line.split()[1:])
        with open(OWN, "rb") as f:
            before = f.read()
        os.utime(f"build/{board}/surel")
        subprocess.run(["firmware/openwrt/build.sh", board], stdout=subprocess.DEVNULL, check=True)
        with open(OWN, "rb") as f:
            self.assertEqual(f.read(), before)


class Router(unittest.TestCase):
    def setUp(self):
        reason = why_not()
        if reason:
            self.skipTest(reason)
        self.root = OpenWrtRoot()
        self.addCleanup(self.root.close)
        self.daemon = None

    def set_option(self, name, value):
        text = self.root.read("/etc/config/surel")
        self.root.write("/etc/config/surel", re.sub(rf"option {name} '.*'", f"option {name} '{value}'", text))

    def restart(self, word="restart"):
        self.root.write("/var/procd", "")
        self.root.run("/etc/init.d/surel", word)
        return self.root.command()

    def test_installed_it_starts_as_its_own_user(self):
        self.root.install(OWN)
        self.assertEqual(self.root.command(), (["/usr/bin/surel", "daemon", "--data", "/srv/surel", "--foreground", "--page-port", "8025",
                                                "--page-tls-port", "8026"], "surel"))
        told = self.root.read("/var/procd")
        self.assertIn("enable\n", told)
        self.assertIn("set_param respawn 3600 5 0\n", told)
        self.assertIn("add_reload_trigger surel\n", told)
        self.assertEqual(self.root.read("/proc/sys/net/ipv4/ip_unprivileged_port_start"), "24\n")
        self.assertIn("surel:x:32768:32768:", self.root.read("/etc/passwd"))
        data = os.stat(self.root.path("/srv/surel"))
        self.assertEqual((data.st_uid, data.st_mode & 0o777), (32768, 0o700))

    def test_options_are_what_it_is_started_with(self):
        self.root.install(OWN)
        self.set_option("page_port", "8080")
        self.set_option("data", "/srv/other")
        self.root.write("/etc/config/surel", self.root.read("/etc/config/surel").replace("#list", "list"))
        words, _ = self.restart()
        self.assertEqual(words[words.index("--page-port") + 1], "8080")
        self.assertEqual(words[words.index("--data") + 1], "/srv/other")
        self.assertEqual(words[words.index("--listen") + 1], "192.168.1.1")
        self.set_option("enabled", "0")
        self.assertEqual(self.restart(), ([], None))

    def test_reload_signals_first_and_starts_what_has_changed(self):
        self.root.install(OWN)
        self.assertTrue(self.restart("reload")[0])
        told = self.root.read("/var/procd").splitlines()
        self.assertEqual(told[:2], ["send_signal surel * HUP", "start"])

    def test_a_disk_that_is_not_there_is_not_an_empty_one(self):
        self.root.install(OWN)
        self.set_option("data", "/mnt/sda1/mail/surel")
        self.root.write("/var/procd", "")
        self.root.run("/etc/init.d/surel", "start", check=False)
        self.assertEqual(self.root.command(), ([], None))
        self.assertIn("no disk is mounted at /mnt/sda1/mail/surel", self.root.read("/var/log"))
        self.assertEqual(os.listdir(self.root.path("/mnt/sda1")), [])
        self.root.write("/proc/mounts", "/dev/root / overlay rw 0 0\n/dev/sda1 /mnt/sda1 ext4 rw 0 0\n")
        self.assertIn("/mnt/sda1/mail/surel", self.restart()[0])
        self.assertIn("add_reload_mount_trigger /mnt/sda1/mail/surel\n", self.root.read("/var/procd"))

    def test_others_are_told_once_and_forget_it_again(self):
        before = sorted(self.root.read("/etc/uci").splitlines())
        self.root.install(OWN)
        self.root.install(OWN)
        told = self.root.read("/etc/uci").splitlines()
        self.assertEqual(told.count("uhttpd.main.alias=/mail/config-v1.1.xml=/cgi-bin/surel/mail/config-v1.1.xml"), 1)
        self.assertIn("firewall.surel.enabled=0", told)
        self.root.run("/usr/lib/opkg/info/surel.prerm", "upgrade", PKG_UPGRADE="1")
        self.assertEqual(self.root.read("/etc/uci").splitlines(), told)
        self.root.run("/usr/lib/opkg/info/surel.prerm", "remove")
        self.assertEqual(sorted(self.root.read("/etc/uci").splitlines()), before)
        self.assertTrue(os.path.isdir(self.root.path("/srv/surel")))

    def test_the_routers_page_leads_to_ours(self):
        self.root.install(OWN)
        self.root.run("uci", "set", "surel.main.page_port=8080")

        def location(host, **more):
            return re.findall(r"Location: (.*)", self.root.run("/www/cgi-bin/surel", HTTP_HOST=host, **more))

        self.assertEqual(location("192.168.1.1"), ["http://192.168.1.1:8080/"])
        self.assertEqual(location("openwrt.lan:80"), ["http://openwrt.lan:8080/"])
        self.assertEqual(location("[fd00::1]"), ["http://[fd00::1]:8080/"])
        self.assertEqual(location("[fd00::1]:80"), ["http://[fd00::1]:8080/"])
        self.assertEqual(location("autoconfig.example.org", PATH_INFO="/mail/config-v1.1.xml", QUERY_STRING="emailaddress=a%40example.org"),
                         ["http://autoconfig.example.org:8080/mail/config-v1.1.xml?emailaddress=a%40example.org"])
        self.assertEqual(location("a b/"), [])

    def test_the_archive_installs_and_removes_the_same(self):
        archive = glob.glob(f"build/ipk/surel-{VERSION}-{PREFERRED}.tar.gz")
        if not archive:
            self.skipTest("make ipk first")
        with tarfile.open(archive[0]) as tar:
            tar.extractall(self.root.path("/tmp"))
            top = tar.getnames()[0]
        before = sorted(self.root.read("/etc/uci").splitlines())
        for _ in range(2):
            self.root.run("sh", f"/tmp/{top}/install.sh")
        self.assertEqual(self.root.command()[1], "surel")
        self.set_option("page_port", "8080")
        self.root.run("sh", f"/tmp/{top}/install.sh")
        self.assertIn("8080", self.root.command()[0])
        with tarfile.open(OWN) as outer, tarfile.open(fileobj=io.BytesIO(outer.extractfile("./data.tar.gz").read())) as tar:
            for member in tar.getmembers():
                if member.isfile() and member.name not in ("./etc/config/surel", "./etc/uci-defaults/60-surel"):
                    with open(self.root.path(member.name[1:]), "rb") as f:
                        self.assertEqual(f.read(), tar.extractfile(member).read(), member.name)
        self.root.run("sh", f"/tmp/{top}/install.sh", "remove")
        self.assertEqual(sorted(self.root.read("/etc/uci").splitlines()), before)
        self.assertFalse(os.path.exists(self.root.path("/usr/bin/surel")))
        self.assertTrue(os.path.exists(self.root.path("/etc/config/surel")))


class Running(Router):
    """What the init script starts, really started. Only here the tests of Router's do not run again."""

    def setUp(self):
        super().setUp()
        self.emulator = shutil.which(EMULATORS[re.split("[_-]", architecture(OWN))[0]])
        if not self.emulator:
            self.skipTest("not installed: qemu-user-static")
        self.base = free_port_base()
        self.root.install(OWN)
        # In the chroot, too, the tool is run by the emulator.
        os.rename(self.root.path("/usr/bin/surel"), self.root.path("/usr/bin/surel.program"))
        shutil.copy(self.emulator, self.root.path("/usr/bin/emulator"))
        self.root.write("/usr/bin/surel", '#!/bin/sh\nexec /usr/bin/emulator /usr/bin/surel.program "$@"\n', 0o755)
        self.root.write("/etc/config/surel", self.root.read("/etc/config/surel") + "\tlist listen '127.0.0.1'\n")
        self.set_option("page_port", str(self.base + 80))
        self.data = self.root.path("/srv/surel")
        self.words, _ = self.restart()
        self.addCleanup(self.stop)

    def emulated(self, words):
        return [self.emulator, self.root.path("/usr/bin/surel.program")] + [self.data if w == "/srv/surel" else w for w in words]

    def tool(self, *words, text=""):
        subprocess.run(self.emulated([*words, "--data", "/srv/surel"]), input=text, text=True, stdout=subprocess.DEVNULL, check=True)

    def start(self):
        words = self.emulated(self.words[1:]) + ["--port-base", str(self.base)]
        words[words.index("--page-tls-port") + 1] = str(self.base + 443)
        self.daemon = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
                                       user=32768, group=32768)
        self.assertEqual(self.daemon.stdout.readline(), "surel: ready\n")

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.communicate(timeout=60)

    def page(self, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.base + 80}{path}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def exchange(self, *subject):
        done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "exchange.py"), self.data, str(self.base), "alice", "secret-a",
                               *subject], stdout=subprocess.PIPE, text=True, check=True, timeout=120)
        return done.stdout.split()

    def test_it_serves_mail_and_its_names_are_those_of_the_page(self):
        self.tool("user", "add", "alice", text="secret-a\n")
        self.tool("admin", "passwd", text="administrator\n")
        self.tool("set", "hostname", "mail.example.org")
        self.tool("set", "mail.domains", "example.org example.net")
        self.start()
        self.assertEqual(self.exchange("by-router"), ["by-router"])

        self.root.run("/etc/init.d/surel", "names")
        shown = re.search(r'<code id="dnsmasq">(.*?)</code>', self.page("/connect"), re.S)[1]
        wanted = [re.sub(r",(\d+),(\d+),1$", lambda m: f",{int(m[1]) - (self.base if m[1] != '0' else 0)},{m[2]},1", line)
                  for line in html.unescape(shown).replace("127.0.0.1", "192.168.1.1").splitlines()]
        self.assertEqual(sorted(self.records()), sorted(line for line in wanted if line))
        self.assertIn("dnsmasq reload\n", self.root.read("/var/services"))
        if shutil.which("dnsmasq"):
            conf = self.root.path("/tmp/dnsmasq.conf")
            self.root.write("/tmp/dnsmasq.conf", "\n".join(self.records()) + "\n")
            subprocess.run(["dnsmasq", "--test", f"--conf-file={conf}"], check=True, stderr=subprocess.DEVNULL)

        self.tool("set", "imap.enabled", "no")
        self.root.run("/etc/init.d/surel", "names", "example.net")
        self.assertNotIn("_imaps", "\n".join(self.records()))
        self.assertIn("srv-host=_pop3s._tcp.example.net,mail.example.org,995,0,1", self.records())

    def test_the_document_can_be_followed(self):
        """But for what opkg does, which was done."""
        self.root.write("/proc/mounts", "/dev/root / overlay rw 0 0\n/dev/sda1 /mnt/sda1 ext4 rw 0 0\n")
        self.root.write("/bin/logread", "#!/bin/sh\necho surel: set-up code 1234-5678 for http://192.168.1.1:8025/setup\n", 0o755)
        for line in commands("firmware/openwrt/README.md"):
            self.root.run("sh", "-c", "echo secret-a | " + line if "user add" in line else line)
        self.assertTrue(os.path.exists(self.root.path("/mnt/sda1/surel/users")))
        self.assertEqual(self.root.run("uci", "get", "dhcp.surel.name"),
                         "mail.example.org autoconfig.example.org autodiscover.example.org\n")
        self.assertEqual(self.root.run("uci", "get", "firewall.surel.enabled"), "1\n")

    def records(self):
        """What OpenWrt's dnsmasq is configured with, from its sections hostrecord and srvhost."""
        options = dict(line.split("=", 1) for line in self.root.read("/etc/uci").splitlines())
        lines = []
        for key, value in options.items():
            of = {o: options.get(f"{key}.{o}", "") for o in ("name", "ip", "srv", "target", "port", "class", "weight")}
            if value == "hostrecord":
                lines.append("host-record=" + ",".join([*of["name"].split(), of["ip"]]))
            if value == "srvhost":
                lines.append("srv-host=" + ",".join(of[o] for o in ("srv", "target", "port", "class", "weight")))
        return lines


for name in [n for n in dir(Router) if n.startswith("test_")]:
    setattr(Running, name, None)

if __name__ == "__main__":
    unittest.main()
