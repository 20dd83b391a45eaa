"""The small profiles, used: mail is imported and downloaded; with a page, that one is set up and obeyed.

PROFILE names what SUREL is: tiny (POP3, page, TLS 1.2 without RSA) or bare (POP3 alone). What a profile leaves out
is refused in words, not by silence."""

import os
import socket
import ssl
import unittest

from surel import Surel, message
from test_page import Client, set_up

IS_TINY = os.environ.get("PROFILE") == "tiny"


def imported(surel, user, count):
    path = os.path.join(surel.dir, "mbox")
    with open(path, "w", encoding="ascii") as f:
        for i in range(count):
            f.write("From someone@example.net Thu Jan  1 00:00:00 2026\n"
                    + message(f"letter-{i}").decode().replace("\r\n", "\n") + "\n")
    surel.run("import", "mbox", path, "--user", user)


def subjects(c):
    count = c.stat()[0]
    return [next(line.decode() for line in c.retr(i + 1)[1] if line.startswith(b"Subject: ")) for i in range(count)]


class Everywhere(unittest.TestCase):
    """What both profiles do."""

    def test_mail_is_imported_downloaded_and_deleted(self):
        with Surel() as s:
            imported(s, "alice", 3)
            c = s.pop3()
            self.assertEqual(subjects(c), [f"Subject: letter-{i}" for i in range(3)])
            c.dele(1)
            c.quit()
            s.kill()
            s.start()
            c = s.pop3()
            self.assertEqual(subjects(c), ["Subject: letter-1", "Subject: letter-2"])
            c.quit()

    def test_what_is_left_out_is_refused_in_words(self):
        with Surel() as s:
            for command in ("backup", "check"):
                done = s.tool(command)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(command, done.stderr)
            for connect in (s.imap, s.smtp, s.lmtp):
                with self.assertRaises(ConnectionRefusedError):
                    connect()


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
        self.assertEqual(len(subjects(c)), 2)
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
