"""The small profiles, used: mail is downloaded; with a page, that one is set up and obeyed.

PROFILE names what SUREL is: tiny (POP3, page, TLS 1.2 without RSA) or bare (POP3 alone, no commands). What a profile
leaves out is refused in words, not by silence. FULL is a Surel with everything: it makes the data directory that bare
serves, and finds it in order afterwards."""

import os
import poplib
import random
import signal
import socket
import ssl
import unittest

from surel import BINARY, Surel, fetch_bodies, message
from test_page import Client, set_up

IS_TINY = os.environ.get("PROFILE") == "tiny"
FULL = os.path.abspath(os.environ.get("FULL", "build/host/surel"))


def imported(surel, user, count):
    path = os.path.join(surel.dir, "mbox")
    with open(path, "w", encoding="ascii") as f:
        for i in range(count):
            f.write("From someone@example.net Thu Jan  1 00:00:00 2026\n"
                    + message(f"letter-{i}").decode().replace("\r\n", "\n") + "\n")
    surel.run("import", "mbox", path, "--user", user)


def made(*settings):
    """A data directory with mail for alice and none for bob. What bare serves is made by a Surel that can; mail that
    is stored deflated bare could not read."""
    surel = Surel(users=(("alice", "secret-a"), ("bob", "secret-b")), binary=BINARY if IS_TINY else FULL,
                  settings=(("store.deflate", 0), *settings))
    imported(surel, "alice", 3)
    return surel


def served(surel):
    surel.binary = BINARY
    return surel.start()


def subject(lines):
    return next(line[9:].decode() for line in lines if line.startswith(b"Subject: "))


def subjects(c):
    count = c.stat()[0]
    return [subject(c.retr(i + 1)[1]) for i in range(count)]


def downloaded(surel, user="alice"):
    """All that is shown, taken, and what is shown then."""
    c = surel.pop3(user)
    found = subjects(c)
    c.quit()
    c = surel.pop3(user)
    left = c.stat()[0]
    c.quit()
    return found, left


ALL = ["letter-0", "letter-1", "letter-2"]


class Everywhere(unittest.TestCase):
    """What both profiles do."""

    def made(self, *settings):
        surel = made(*settings)
        self.addCleanup(surel.close)
        return surel

    def test_mail_is_downloaded_and_deleted(self):
        s = served(self.made())
        c = s.pop3()
        self.assertEqual(subjects(c), ALL)
        c.dele(1)
        self.assertTrue(c.quit().startswith(b"+OK"))
        s.kill()
        s.start()
        c = s.pop3()
        self.assertEqual(subjects(c), ["letter-1", "letter-2"])
        c.quit()
        self.assertEqual(s.stop(), 0)

    def test_without_quit_nothing_is_deleted(self):
        s = served(self.made())
        c = s.pop3()
        c.dele(1)
        c.close()
        c = s.pop3()
        self.assertEqual(c.stat()[0], 3)
        c.dele(2)
        c.rset()
        c.quit()
        c = s.pop3()
        self.assertEqual(c.stat()[0], 3)
        c.quit()

    def test_what_a_client_asks(self):
        s = served(self.made())
        c = s.pop3()
        count, octets = c.stat()
        sizes = [int(line.split()[1]) for line in c.list()[1]]
        self.assertEqual((len(sizes), sum(sizes)), (count, octets))
        uids = [line.split()[1] for line in c.uidl()[1]]
        self.assertEqual(len(set(uids)), 3)
        self.assertEqual(c.uidl(2).split()[2], uids[1])
        top = c.top(2, 0)[1]
        self.assertEqual(subject(top), "letter-1")
        self.assertNotIn(b"Hi there.", top)
        self.assertIn(b"Hi there.", c.retr(2)[1])
        self.assertIn("UIDL", c.capa())
        with self.assertRaises(poplib.error_proto):
            c.retr(4)
        c.quit()
        c = s.pop3()
        self.assertEqual([line.split()[1] for line in c.uidl()[1]], uids)
        c.quit()

    def test_who_is_let_in(self):
        s = served(self.made())
        for user, password in (("alice", "secret-b"), ("bob", ""), ("carol", "secret-a")):
            c = s.pop3(None)
            c.user(user)
            with self.assertRaises(poplib.error_proto):
                c.pass_(password)
            c.quit()
        c = s.pop3("bob")
        self.assertEqual(c.stat(), (0, 0))
        c.quit()

    def test_downloaded_mail_is_kept(self):
        self.assertEqual(downloaded(served(self.made())), (ALL, 3))

    def test_downloaded_mail_is_deleted(self):
        s = served(self.made(("pop3.after_download", "delete")))
        self.assertEqual(downloaded(s), (ALL, 0))
        s.kill()
        s.start()
        self.assertEqual(downloaded(s), ([], 0))

    def test_downloaded_mail_is_not_shown_again(self):
        s = served(self.made(("pop3.show_again", "no")))
        self.assertEqual(downloaded(s), (ALL, 0))

    def test_what_one_user_has_for_himself(self):
        s = self.made()
        s.run("set", "pop3.after_download", "delete", "--user", "alice")
        s.run("set", "pop3.access", "off", "--user", "bob")
        served(s)
        self.assertEqual(downloaded(s), (ALL, 0))
        with self.assertRaises(poplib.error_proto):
            s.pop3("bob")

    def test_an_app_password(self):
        s = self.made()
        secret = s.run("user", "device", "add", "alice", "phone").strip()
        served(s)
        for user, password in (("alice", secret), ("alice+phone", secret), ("alice+tablet", "secret-a")):
            c = s.pop3(None)
            c.user(user)
            c.pass_(password)
            self.assertEqual(c.stat()[0], 3, user)
            c.quit()
        c = s.pop3(None)
        c.user("alice+tablet")
        with self.assertRaises(poplib.error_proto):
            c.pass_(secret)
        c.quit()

    def test_what_is_left_out_is_refused_in_words(self):
        s = served(self.made())
        others = () if IS_TINY else ("help", "user", "set", "get", "status", "import")
        for command in ("backup", "check", *others):
            done = s.tool(command)
            self.assertNotEqual(done.returncode, 0, command)
            self.assertIn(command, done.stderr)
        for connect in (s.imap, s.smtp, s.lmtp):
            with self.assertRaises(ConnectionRefusedError):
                connect()


@unittest.skipIf(IS_TINY, "it has commands")
class Bare(unittest.TestCase):
    def setUp(self):
        self.surel = made()
        self.addCleanup(self.surel.close)

    def test_another_surel_finds_all_in_order(self):
        s = served(self.surel)
        c = s.pop3()
        uids = c.uidl()[1]
        c.dele(2)
        c.quit()
        s.stop()
        s.binary = FULL
        self.assertIn("all whole", s.run("check"))
        s.start()
        c = s.pop3()
        self.assertEqual(c.uidl()[1], [uids[0], b"2" + uids[2][1:]])
        self.assertEqual(subjects(c), ["letter-0", "letter-2"])
        c.quit()
        c = s.imap()
        c.select("INBOX")
        self.assertEqual(len(fetch_bodies(c)), 2)
        c.logout()

    def test_what_was_downloaded_is_known_to_another_surel(self):
        s = self.surel
        s.run("set", "pop3.show_again", "no")
        served(s)
        self.assertEqual(downloaded(s), (ALL, 0))
        s.stop()
        s.binary = FULL
        s.start()
        self.assertEqual(downloaded(s), ([], 0))

    def test_it_reads_files_and_leaves_them_alone(self):
        s = self.surel
        files = {name: os.stat(os.path.join(s.data, name)) for name in ("users", "surel.conf")}
        served(s)
        s.process.send_signal(signal.SIGHUP)
        self.assertEqual(downloaded(s), (ALL, 3))
        self.assertEqual(s.stop(), 0)
        self.assertEqual(set(os.listdir(s.data)), {"mail", *files})
        for name, before in files.items():
            after = os.stat(os.path.join(s.data, name))
            self.assertEqual((before.st_mtime_ns, before.st_ino), (after.st_mtime_ns, after.st_ino), name)

    def test_what_it_cannot_start_with(self):
        s = self.surel
        for name, text in (("users", "alice nonsense\n"), ("surel.conf", "pop3.timeout_min = 1\n")):
            path = os.path.join(s.data, name)
            with open(path, encoding="ascii") as f:
                before = f.read()
            with open(path, "a", encoding="ascii") as f:
                f.write(text)
            with self.assertRaisesRegex(RuntimeError, name + ".* line "):
                served(s)
            s.process = None
            with open(path, "w", encoding="ascii") as f:
                f.write(before)
        self.assertEqual(downloaded(served(s)), (ALL, 3))


@unittest.skipIf(IS_TINY, "it adds mail itself")
class BareForLong(unittest.TestCase):
    """Sessions after sessions upon what another Surel has made, with the daemon killed in between."""

    def setUp(self):
        self.surel = made()
        self.addCleanup(self.surel.close)
        self.random = random.Random(7)

    def sessions(self, count, left):
        """Each deletes some of what is left, and now and then goes without QUIT; returns what is left then."""
        for _ in range(count):
            c = self.surel.pop3()
            self.assertEqual(c.stat()[0], len(left))
            doomed = set(self.random.sample(range(len(left)), self.random.choice((1, 1, 2, 5))))
            for i in doomed:
                c.dele(i + 1)
            kept = next(i for i in range(len(left)) if i not in doomed)
            self.assertEqual(subject(c.retr(kept + 1)[1]), left[kept])
            if self.random.random() < 0.1:
                c.close()
            else:
                c.quit()
                left = [name for i, name in enumerate(left) if i not in doomed]
            if self.random.random() < 0.1:
                self.surel.kill()
                self.surel.start()
        return left

    def test_what_is_elsewhere_stays_as_it_is(self):
        s = self.surel
        imported(s, "alice", 600)
        s.start()
        c = s.imap()
        c.create("Letters")
        c.select("INBOX")
        c.copy("1:3", "Letters")
        c.select("Letters")
        c.store("2", "+FLAGS", r"(\Flagged remember)")
        c.select("Letters")  # recent no longer
        before = c.status("Letters", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"), c.fetch("1:*", "(UID FLAGS)")
        c.logout()
        s.stop()
        served(s)
        left = self.sessions(150, [f"letter-{i}" for i in range(600)])
        self.assertEqual(s.stop(), 0)
        s.binary = FULL
        self.assertIn("all whole", s.run("check"))
        s.start()
        c = s.imap()
        c.select("Letters")
        self.assertEqual((c.status("Letters", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"), c.fetch("1:*", "(UID FLAGS)")),
                         before)
        self.assertEqual(len(fetch_bodies(c)), 3)
        c.logout()
        c = s.pop3()
        self.assertEqual(subjects(c), left)
        c.quit()

    def test_a_root_that_the_power_cut_short(self):
        s = served(self.surel)
        for offset in (0, 4096):
            c = s.pop3()
            c.dele(1)
            c.quit()
            s.kill()
            with open(os.path.join(s.data, "mail", "journal", "root"), "r+b") as f:
                f.seek(offset)
                f.write(bytes(512))
            s.start()
        c = s.pop3()
        self.assertEqual(subjects(c), ALL[2:])
        c.quit()
        self.assertIn("the root is lost", s.log())
        self.assertEqual(s.stop(), 0)
        s.binary = FULL
        self.assertIn("all whole", s.run("check"))

    def test_who_has_no_mailboxes_is_told_to_try_later(self):
        s = self.surel
        with open(os.path.join(s.data, "users"), encoding="ascii") as f:
            lines = f.readlines()
        alice = next(line for line in lines if line.startswith("alice "))
        with open(os.path.join(s.data, "users"), "a", encoding="ascii") as f:
            f.write(alice.replace("alice ", "carol ", 1))
        served(s)
        c = s.pop3(None)
        c.user("carol")
        with self.assertRaisesRegex(poplib.error_proto, "SYS/TEMP"):
            c.pass_("secret-a")
        c.close()
        self.assertIn("the mailboxes of carol", s.log())

    def test_mail_that_is_to_be_moved_is_kept(self):
        for policy in ("archive", "trash"):
            s = self.surel
            s.binary = FULL
            s.run("set", "pop3.after_download", policy)
            served(s)
            self.assertEqual(downloaded(s), (ALL, 3))
            s.stop()
            self.assertIn("pop3: ", s.log())


@unittest.skipUnless(IS_TINY, "no page and no TLS")
class Tiny(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=()).start()
        self.addCleanup(self.surel.close)
        self.client, reply = set_up(self.surel)
        self.assertEqual(reply.status, 303)

    def test_every_page_is_there(self):
        for path in ("/", "/welcome", "/users", "/users/anna", "/mail", "/mail/anna", "/settings", "/connect/anna"):
            reply = self.client.get(path)
            self.assertEqual(reply.status, 200, path)
            self.assertNotIn("{{", self.client.page, path)
        for path in ("/backup", "/system"):
            self.assertEqual(self.client.get(path).status, 404, path)

    def test_mail_over_tls_and_a_policy_from_the_page(self):
        imported(self.surel, "anna", 2)
        c = self.surel.pop3("anna", tls=True)
        self.assertEqual(c.sock.version(), "TLSv1.2")
        self.assertEqual(subjects(c), ["letter-0", "letter-1"])
        c.quit()
        self.surel.run("set", "pop3.after_download", "delete", "--user", "anna")
        c = self.surel.pop3("anna", tls=True)
        subjects(c)
        c.quit()
        c = self.surel.pop3("anna", tls=True)
        self.assertEqual(c.stat()[0], 0)
        c.quit()

    def test_the_page_over_tls(self):
        secure = Client(self.surel, tls=True)
        self.assertEqual(secure.get("/login").status, 200)

    def test_a_client_that_wants_the_newest_tls_alone_is_told(self):
        context = self.surel.ssl()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with self.assertRaises(ssl.SSLError) as refused:
            with socket.create_connection(("127.0.0.1", self.surel.port("pop3s")), timeout=30) as s:
                context.wrap_socket(s, server_hostname="localhost")
        self.assertIn("ALERT", str(refused.exception).upper())


if __name__ == "__main__":
    unittest.main()
