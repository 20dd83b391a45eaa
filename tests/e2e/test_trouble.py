"""A board in trouble: the data partition full, read-only or damaged, a clock in 1970, no network, files
that cannot be read. It serves what it can, and says on the page what is wrong."""

import glob
import json
import os
import poplib
import re
import ssl
import subprocess
import unittest
from unittest import mock

from board import Board
from small_disk import SmallDisk
from surel import IS_SANITIZED, Surel, fetch_bodies, message
from test_page import ADMIN, Client, set_up
from test_system import plain

DAY = 86400


class TroubleTest(unittest.TestCase):
    def open(self, kind=Board, **more):
        s = kind(**{"users": (), **more})
        self.addCleanup(s.close)
        return s

    def log_in(self, s):
        c = Client(s)
        self.assertEqual(c.log_in().status, 303)
        return c

    def notices(self, c, path="/"):
        self.assertEqual(c.get(path).status, 200)
        return [plain(n).strip() for n in re.findall(r'<p class="notice[^>]*>(.*?)</p>', c.page)]

    def status(self, c):
        self.assertEqual(c.get("/api/status").status, 200)
        return json.loads(c.page)


class Disks(TroubleTest):
    def setUp(self):
        self.surel = s = self.open()
        try:
            self.disk = SmallDisk(os.path.join(s.dir, "disk"), 40)
        except OSError as e:
            self.skipTest(str(e))
        self.addCleanup(self.disk.close)
        self.addCleanup(s.stop)
        s.prefix, s.data = self.disk.prefix, os.path.join(self.disk.path, "surel")
        s.start()
        set_up(s)
        # What only the disk's own programs see, where clients find it.
        ca = os.path.join(s.dir, "ca.pem")
        with open(ca, "w", encoding="ascii") as f:
            f.write(self.disk.run("cat", s.ca))
        patch = mock.patch.object(Board, "ca", ca)
        patch.start()
        self.addCleanup(patch.stop)
        for n in range(3):
            s.deliver(message(f"m{n}"), "anna")

    def test_full_it_serves_and_deleting_helps(self):
        s = self.surel
        self.disk.fill()
        code, sent = 250, 0
        while code == 250:
            code = s.lmtp_replies(message(f"large{sent}", "x" * 70_000), "anna")[0][1]
            sent += code == 250
        self.assertEqual(code, 452)
        c = self.log_in(s)
        self.assertIn("The flash memory is full", " ".join(self.notices(c)))
        s.stop()
        s.start()
        c = self.log_in(s)
        self.assertIn("The flash memory is full", " ".join(self.notices(c)))
        self.assertTrue(self.status(c)["store"]["full"])
        p = s.pop3("anna")
        self.assertEqual(p.stat()[0], 3 + sent)
        p.quit()
        self.assertIn("the settings cannot be saved: the flash memory is full",
                      s.tool("set", "pop3.access", "off").stderr)
        c.get("/system")
        self.assertEqual(c.post("/system/reset", {"what": "keep-mail", "password": ADMIN}).status, 503)
        self.assertEqual(s.requests(), [])
        c.get("/system")
        self.assertEqual(c.post("/system/reset", {"what": "all", "password": ADMIN}).status, 200)
        self.assertEqual(s.requests(), ["wipe"], "needs no room")
        m = s.imap("anna")
        m.select()
        m.store("4:*", "+FLAGS", "\\Deleted")
        self.assertEqual(m.expunge()[0], "OK")
        m.logout()
        s.deliver(message("room again"), "anna")

    def test_read_only_it_lets_mail_be_read(self):
        s = self.surel
        s.stop()
        self.disk.remount("ro")
        self.assertIn("3 messages", s.run("status"), "the tool reads, too")
        s.start()
        c = self.log_in(s)
        self.assertIn("The data partition can only be read", " ".join(self.notices(c)))
        status = self.status(c)
        self.assertTrue(status["store"]["read_only"])
        self.assertEqual([p["key"] for p in status["problems"]], ["data-read-only"])
        for path in ("/system", "/users", "/mail", "/settings", "/backup", "/log", "/connect/anna"):
            self.assertEqual(c.get(path).status, 200, path)
        for tls in (False, True):
            p = s.pop3("anna", tls)
            self.assertEqual(p.stat()[0], 3)
            self.assertEqual(len(p.list()[1]), 3)
            self.assertIn(b"Subject: m1", b"\n".join(p.retr(2)[1]))
            if tls:
                p.dele(1)
                with self.assertRaises(poplib.error_proto):
                    p.quit()
            else:
                self.assertEqual(p.quit()[:3], b"+OK")
            m = s.imap("anna", tls)
            m.select(readonly=True)
            self.assertEqual(len(fetch_bodies(m)), 3)
            self.assertEqual(m.store("1", "+FLAGS", "\\Seen")[0], "NO")
            self.assertEqual(m.append("INBOX", None, None, message("no"))[0], "NO")
            m.logout()
        self.assertEqual(s.lmtp_replies(message("no"), "anna")[0][1] // 100, 4)
        self.assertEqual(c.get("/backup/anna.mbox").status, 200)
        self.assertEqual(c.page.count("\nSubject: "), 3)
        c.get("/users")
        self.assertEqual(s.stop(), 0)
        self.disk.remount("rw")
        s.start()
        self.assertEqual(self.notices(self.log_in(s)), [])
        s.deliver(message("again"), "anna")
        p = s.pop3("anna")
        self.assertEqual(p.stat()[0], 4)
        p.quit()

    def test_read_only_before_it_was_ever_set_up(self):
        s = self.surel
        s.stop()
        self.disk.run("rm", "-r", s.data)
        self.disk.run("mkdir", s.data)
        self.disk.remount("ro")
        s.start()
        c = Client(s)
        self.assertIn("Surel could not start", " ".join(self.notices(c)))
        self.assertIn("Erase everything", c.page)


class Damage(TroubleTest):
    def test_a_message_that_cannot_be_read_is_counted_and_told(self):
        s = self.open(users=(("alice", "secret-a"),))
        s.start()
        set_up(s, user="", secret="")
        for n in range(3):
            s.deliver(message(f"m{n}", f"marker-{n}\r\n" * 400))
        s.stop()
        damaged = 0
        for path in glob.glob(s.data + "/mail/journal/*.seg"):
            with open(path, "r+b") as f:
                at = f.read().find(b"marker-1\r\nmarker-1")
                if at >= 0:
                    f.seek(at + 2000)
                    f.write(b"\0" * 512)
                    damaged += 1
        self.assertEqual(damaged, 1)
        s.start()
        c = self.log_in(s)
        self.assertEqual(self.status(c)["store"]["io_errors"], 0)
        p = s.pop3()
        self.addCleanup(p.close)
        self.assertIn(b"Subject: m0", b"\n".join(p.retr(1)[1]))
        self.assertIn(b"Subject: m2", b"\n".join(p.retr(3)[1]))
        with self.assertRaises((poplib.error_proto, OSError)):
            p.retr(2)
        self.assertGreater(self.status(c)["store"]["io_errors"], 0)
        self.assertIn("The card or disk reports errors", " ".join(self.notices(c)))

    def test_what_it_cannot_start_with_is_a_page_on_a_board(self):
        s = self.open(users=(("alice", "secret-a"),))
        for name, what in (("users", "read the users"), ("admin", "read the administrator"),
                           ("surel.conf", "read the settings")):
            with self.subTest(name=name):
                path = os.path.join(s.data, name)
                with open(path, "ab") as f:
                    before = f.tell()
                    f.write(b"\nnonsense without end\n" * 3)
                s.start()
                c = Client(s)
                self.assertIn(f"Surel could not start (it failed to {what}", " ".join(self.notices(c)))
                self.assertIn("cannot " + what, s.log())
                self.assertEqual(s.stop(), 0)
                if before:
                    os.truncate(path, before)
                else:
                    os.unlink(path)
        s.start()
        self.assertEqual(s.pop3().stat(), (0, 0))

    def test_elsewhere_it_ends_and_says_why(self):
        s = self.open(Surel)
        os.makedirs(s.data, exist_ok=True)
        with open(os.path.join(s.data, "surel.conf"), "w", encoding="ascii") as f:
            f.write("nonsense\n")
        with self.assertRaisesRegex(RuntimeError, "cannot read the settings"):
            s.start()
        s.process = None


@unittest.skipIf(IS_SANITIZED, "a sanitizer must be loaded first")
class Clock(TroubleTest):
    def shifted(self, s):
        """Starts it with a clock that self.jump sets."""
        shim = os.path.join(s.dir, "shift_clock.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shift_clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source], check=True, timeout=60)
        self.shift_path = os.path.join(s.dir, "shift")
        self.jump(-20000)
        with mock.patch.dict(os.environ, LD_PRELOAD=shim, SHIFT_CLOCK_FILE=self.shift_path):
            s.start()

    def jump(self, days):
        with open(self.shift_path + ".new", "w", encoding="ascii") as f:
            f.write(str(days * DAY))
        os.replace(self.shift_path + ".new", self.shift_path)

    def certificate(self, s):
        """As a client sees it, whose clock is right; PEM."""
        p = s.pop3("anna", tls=True)
        found = ssl.DER_cert_to_PEM_cert(p.sock.getpeercert(True))
        p.quit()
        return found

    def test_from_1970_to_now_encryption_works_all_the_time(self):
        s = self.open()
        self.shifted(s)
        set_up(s)
        c = self.log_in(s)
        self.assertIn("The clock is not set", " ".join(self.notices(c)))
        self.assertIn("The clock is not set", " ".join(self.notices(c, "/system")))
        self.assertEqual([p["key"] for p in self.status(c)["problems"]], ["clock-unset"])
        made_in_1970 = self.certificate(s)
        s.deliver(message("in 1970"), "anna")
        self.jump(0)
        self.assertEqual(self.notices(c), [])
        self.assertEqual(self.certificate(s), made_in_1970)
        s.stop()
        s.start()  # with the right clock from the start
        self.assertEqual(self.certificate(s), made_in_1970, "devices that trust it need not learn anew")
        p = s.pop3("anna")
        self.assertEqual(p.stat()[0], 1)
        p.quit()

    def test_nothing_is_deleted_by_age_in_1970(self):
        s = self.open()
        s.start()
        set_up(s)
        for n in range(3):
            s.deliver(message(f"m{n}"), "anna")
        p = s.pop3("anna")
        for n in range(3):
            p.retr(n + 1)
        p.quit()
        s.run("set", "pop3.delete_after_days", "1")
        s.stop()
        self.shifted(s)
        p = s.pop3("anna")
        self.assertEqual(p.stat()[0], 3)
        p.quit()


class NoNetwork(TroubleTest):
    def test_it_starts_and_waits(self):
        s = self.open(users=(("alice", "secret-a"),))
        prefix = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
        if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
            self.skipTest("name spaces are not allowed here")
        s.prefix = prefix
        # Every address, as on a board; not even loopback is up.
        with mock.patch.object(s, "options", [*s.options, "--listen", "0.0.0.0"]):
            s.start()
        s.prefix = []
        self.assertIn("running", s.run("status"))
        self.assertEqual(s.stop(), 0)


if __name__ == "__main__":
    unittest.main()
