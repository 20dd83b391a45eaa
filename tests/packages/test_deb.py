"""The Debian package: what is in it, and its life in a fresh Debian, without and with systemd running."""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from debian_root import DebianRoot, commands, why_not
from surel import free_port_base

HERE = os.path.dirname(os.path.abspath(__file__))
with open("daemon/VERSION", encoding="ascii") as version:
    PACKAGES = sorted(glob.glob(f"build/deb/surel_{version.read().strip()}_*.deb"))
OWN = next((p for p in PACKAGES if p.endswith("_amd64.deb")), None)
UNIT = "firmware/debian/surel.service"
EXPOSURE_MAX = 2.0
# Where dpkg and others keep their own books.
BOOKS = ("/proc", "/sys", "/run", "/tmp", "/var/lib/dpkg", "/var/lib/systemd", "/var/log", "/var/cache", "/root")


def output(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}")
    return done.stdout


def field(deb, name):
    return output("dpkg-deb", "--field", deb, name).strip()


def unpack(deb, top):
    output("dpkg-deb", "--raw-extract", deb, top)
    return top


def newer(deb, work):
    """The same program as a later version."""
    top = unpack(deb, os.path.join(work, "newer"))
    control = os.path.join(top, "DEBIAN/control")
    with open(control, encoding="utf-8") as f:
        text = re.sub(r"^Version: .*", r"\g<0>+next", f.read(), flags=re.M)
    with open(control, "w", encoding="utf-8") as f:
        f.write(text)
    output("dpkg-deb", "--root-owner-group", "--build", top, os.path.join(work, "newer.deb"))
    return os.path.join(work, "newer.deb")


def exchange(data, base, *subject, inside=()):
    told = output(*inside, sys.executable, "-B", os.path.join(HERE, "exchange.py"), data, str(base), "alice", "secret-a", *subject)
    return sorted(told.split())


class Contents(unittest.TestCase):
    def setUp(self):
        self.assertTrue(PACKAGES, "make deb first")
        self.work = tempfile.mkdtemp(prefix="surel-deb-")
        self.addCleanup(shutil.rmtree, self.work)

    def test_lintian_finds_nothing(self):
        for deb in PACKAGES:
            told = output("lintian", "--allow-root", "--tag-display-limit", "0", deb)
            self.assertNotRegex(told, r"(?m)^[EW]:", deb)

    def test_no_shared_library_is_needed(self):
        for deb in PACKAGES:
            self.assertEqual(field(deb, "Depends"), "adduser", deb)
            top = unpack(deb, os.path.join(self.work, os.path.basename(deb)))
            with open(os.path.join(top, "usr/bin/surel"), "rb") as f:
                self.assertEqual(f.read(4), b"\x7fELF")
            self.assertIn("surel " + field(deb, "Version"), self.program(deb, top, "version"))

    @staticmethod
    def program(deb, top, *words):
        emulator = {"arm64": ["qemu-aarch64-static"], "armhf": ["qemu-arm-static", "-cpu", "arm1176"]}
        return output(*emulator.get(field(deb, "Architecture"), []), os.path.join(top, "usr/bin/surel"), *words)

    def test_every_library_has_its_licence(self):
        for deb in PACKAGES:
            names = output("dpkg-deb", "--contents", deb)
            for library in ("musl", "mbedtls", "zlib", "cjson", "qrencode"):
                self.assertIn(f"./usr/share/doc/surel/libraries/{library}\n", names)

    def test_the_manual_has_every_command(self):
        with open("firmware/debian/surel.1", encoding="utf-8") as f:
            manual = f.read().replace("\\", "")
        surel = os.path.join(unpack(OWN, os.path.join(self.work, "own")), "usr/bin/surel")
        for command in set(re.findall(r"(?m)^  surel (\w+)", output(surel, "help"))):
            self.assertIn(command, manual)
        for option in set(re.findall(r"--[a-z-]+", output(surel, "help", "daemon"))) - {"--foreground"}:
            self.assertIn(option, manual)

    def test_the_same_program_gives_the_same_package(self):
        again = os.path.join(self.work, "again.deb")
        shutil.copy(OWN, again)
        os.utime("build/qemu-x86_64/surel")
        os.utime("firmware/debian/postinst")
        output("firmware/debian/build.sh", "qemu-x86_64", "amd64")
        with open(again, "rb") as one, open(OWN, "rb") as other:
            self.assertEqual(one.read(), other.read())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_the_unit_is_right_and_locked_up(self):
        top = unpack(OWN, os.path.join(self.work, "own"))
        unit = os.path.join(self.work, "surel.service")
        with open(UNIT, encoding="utf-8") as f, open(unit, "w", encoding="utf-8") as copy:
            # Looked at without being installed.
            copy.write(f.read().replace("/usr/sbin/sureld", os.path.join(top, "usr/sbin/sureld")))
        self.assertEqual(output("systemd-analyze", "verify", "--man=no", unit), "")
        told = output("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
        exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", told)[1])
        print(f"exposure {exposure} of 10 ... ", end="")
        self.assertLessEqual(exposure, EXPOSURE_MAX)


class Life(unittest.TestCase):
    """In a Debian whose systemd is installed, but does not run: a chroot, or a system without it."""

    @classmethod
    def setUpClass(cls):
        reason = why_not("setpriv")
        if reason:
            raise unittest.SkipTest(reason)

    def setUp(self):
        self.root = DebianRoot()
        self.addCleanup(self.root.close)
        self.root.mount_proc()
        self.data = self.root.path("/var/lib/surel")
        self.base, self.daemon = free_port_base(), None
        self.addCleanup(self.stop)

    def start(self):
        """By hand, as the unit says: its command line, its user, its capability."""
        with open(UNIT, encoding="utf-8") as f:
            words = re.search(r"^ExecStart=(.*)", f.read(), re.M)[1].split()
        with open(self.root.path("/etc/default/surel"), encoding="utf-8") as f:
            options = re.search(r'^SUREL_OPTIONS="(.*)"', f.read(), re.M)[1].split()
        words = words[:-1] + options if words[-1] == "$SUREL_OPTIONS" else words
        log = open(os.path.join(self.root.work, "log"), "ab")
        self.daemon = subprocess.Popen(
            [*self.root.enter(), "setpriv", "--reuid=surel", "--regid=surel", "--init-groups", "--no-new-privs",
             "--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service",
             "--bounding-set=-all,+net_bind_service", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        log.close()
        said = self.daemon.stdout.readline()
        self.assertEqual(said, b"surel: ready\n", open(os.path.join(self.root.work, "log"), encoding="utf-8").read())

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.communicate(timeout=60)
            self.daemon = None

    def elsewhere(self):
        """Its ports where nobody else's are."""
        path = self.root.path("/etc/default/surel")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace('SUREL_OPTIONS=""', f'SUREL_OPTIONS="--port-base {self.base} --listen 127.0.0.1"'))

    def test_from_installation_to_purge(self):
        self.root.install(OWN)
        self.assertIn(":/var/lib/surel:/usr/sbin/nologin", self.root.run("getent", "passwd", "surel"))
        self.assertEqual(os.stat(self.data).st_mode & 0o777, 0o700)
        self.elsewhere()
        # Made by root while nothing runs, and yet for the daemon to read.
        self.root.run("surel", "user", "add", "alice", input="secret-a\n")
        self.start()
        self.root.run("surel", "set", "hostname", "mail.example.org")
        self.assertEqual(exchange(self.data, self.base, "first"), ["first"])
        self.stop()
        self.root.run("surel", "set", "message.max_mib", "32")
        self.assertEqual(self.strangers(), [])

        told = self.root.install(newer(OWN, self.root.work))
        self.assertIn("+next", self.root.run("dpkg-query", "--show", "surel"), told)
        self.start()
        self.assertEqual(self.root.run("surel", "get", "hostname").strip(), "mail.example.org")
        self.assertEqual(exchange(self.data, self.base, "second"), ["first", "second"])
        self.stop()

        self.root.run("dpkg", "--remove", "surel")
        self.assertFalse(os.path.exists(self.root.path("/usr/bin/surel")))
        self.assertTrue(os.path.exists(self.root.path("/etc/default/surel")))
        self.assertTrue(os.path.exists(self.data + "/surel.conf"))

        self.assertIn("the mail stays in /var/lib/surel", self.root.run("dpkg", "--purge", "surel"))
        self.assertFalse(os.path.exists(self.root.path("/etc/default/surel")))
        self.assertEqual(sorted(os.listdir(self.data)), ["mail", "users"])

        self.root.install(OWN)
        self.elsewhere()
        self.start()
        self.assertEqual(exchange(self.data, self.base), ["first", "second"])
        self.assertEqual(self.root.run("surel", "get", "message.max_mib").strip(), "64")

    def strangers(self):
        """What the daemon's user could not read of its own."""
        uid = os.stat(self.data).st_uid
        return [os.path.join(d, n) for d, ds, ns in os.walk(self.data) for n in ds + ns
                if os.lstat(os.path.join(d, n)).st_uid != uid]

    def test_nothing_is_left_where_there_was_no_mail(self):
        before = self.root.files(*BOOKS)
        self.root.install(OWN)
        self.elsewhere()
        self.start()
        self.stop()
        self.root.run("dpkg", "--purge", "surel")
        self.assertEqual(self.root.files(*BOOKS) - before - {"/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-"}, set())
        self.assertNotIn("surel", self.root.run("getent", "passwd"))


class Booted(unittest.TestCase):
    """With systemd at work, in a container."""

    @classmethod
    def setUpClass(cls):
        reason = why_not("systemd-nspawn", "nsenter")
        if reason:
            raise unittest.SkipTest(reason)

    def setUp(self):
        self.root = DebianRoot()
        self.addCleanup(self.root.close)
        self.root.boot()

    def wait_for(self, words):
        """Until the journal has it, since the unit was started last."""
        since = self.root.run("systemctl", "show", "--property=InvocationID", "--value", "surel").strip()
        follow = subprocess.Popen([*self.root.enter(), "journalctl", "--follow", "--lines=all", "--output=cat",
                                   f"_SYSTEMD_INVOCATION_ID={since}"], stdout=subprocess.PIPE, text=True, start_new_session=True)
        watchdog = threading.Timer(60, os.killpg, (follow.pid, signal.SIGKILL))
        watchdog.start()
        said = []
        for line in follow.stdout:
            said.append(line)
            if words in line:
                break
        watchdog.cancel()
        os.killpg(follow.pid, signal.SIGKILL)
        follow.communicate()
        self.assertIn(words, said[-1] if said else "", said)

    def exchange(self, *subject):
        return exchange(self.root.path("/var/lib/surel"), 0, *subject, inside=("nsenter", "-t", str(self.root.init), "-n"))

    def test_the_service_runs_from_boot_to_removal(self):
        self.root.install(OWN)
        self.wait_for("surel: ready")
        self.wait_for("set-up code")
        self.root.run("surel", "user", "add", "alice", input="secret-a\n")
        self.assertEqual(self.exchange("first"), ["first"])
        self.root.run("systemctl", "reload", "surel")
        self.root.run("surel", "set", "message.max_mib", "32")
        self.assertEqual(self.exchange("second"), ["first", "second"])

        before = self.root.run("systemctl", "show", "--property=MainPID", "surel")
        self.root.install(newer(OWN, self.root.work))
        self.wait_for("surel: ready")
        self.assertNotEqual(self.root.run("systemctl", "show", "--property=MainPID", "surel"), before)
        self.assertEqual(self.exchange("third"), ["first", "second", "third"])

        self.root.cut()
        self.root.boot()
        self.wait_for("surel: ready")
        self.assertEqual(self.exchange(), ["first", "second", "third"])

        self.root.run("dpkg", "--purge", "surel")
        self.assertNotEqual(self.root.run("systemctl", "is-active", "surel", check=False).strip(), "active")
        self.assertTrue(os.path.exists(self.root.path("/var/lib/surel/mail")))

    def test_the_document_can_be_followed(self):
        shutil.copy(OWN, self.root.path("/root/surel.deb"))
        for line in commands("firmware/debian/README.md"):
            line = line.replace("sudo ", "").replace("./surel_0.1.0_arm64.deb", "--yes /root/surel.deb")
            self.root.run("sh", "-c", line, input="secret-a\n")
            if "get install" in line or "restart" in line:
                self.wait_for("surel: set-up code")
        self.assertEqual(sorted(os.listdir(self.root.path("/var/lib/surel"))), ["mail", "users"])


if __name__ == "__main__":
    unittest.main()
