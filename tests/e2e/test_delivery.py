"""Mail in by SMTP and LMTP, read over POP3 and IMAP, with Python's own mail libraries."""

import smtplib
import unittest

from surel import Surel, fetch_bodies, message, strip_trace


class Delivery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.surel = Surel(users=(("alice", "secret-a"), ("bob", "secret-b"))).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def newest(self, user, mailbox="INBOX"):
        with self.surel.imap(user) as c:
            c.select(mailbox, readonly=True)
            bodies = fetch_bodies(c)
            return bodies[max(bodies)] if bodies else None

    def test_smtp_to_local_user(self):
        sent = message("smtp")
        with self.surel.smtp() as c:
            self.assertEqual(c.sendmail("sender@example.net", ["alice@localhost"], sent), {})
        got = self.newest("alice")
        self.assertEqual(strip_trace(got), sent)
        self.assertTrue(got.startswith(b"Return-Path: <sender@example.net>\r\nReceived: "))

    def test_lmtp_answers_for_each_recipient(self):
        self.assertEqual(self.surel.lmtp_replies(message("lmtp"), "alice", "nobody", "bob"),
                         [("alice", 250), ("nobody", 550), ("bob", 250)])
        self.assertIn(b"Subject: lmtp", self.newest("alice"))
        self.assertIn(b"Subject: lmtp", self.newest("bob"))

    def test_detail_goes_to_a_mailbox_of_that_name_or_inbox(self):
        with self.surel.imap() as c:
            c.create("lists")
        self.surel.deliver(message("detail"), "alice+lists")
        self.assertIn(b"Subject: detail", self.newest("alice", "lists"))
        self.surel.deliver(message("nowhere"), "alice+nowhere")
        self.assertIn(b"Subject: nowhere", self.newest("alice"))

    def test_never_relays(self):
        self.surel.run("set", "mail.domains", "home.example")
        try:
            with self.surel.smtp() as c:
                c.ehlo()
                for victim in ("victim@elsewhere.example", "alice@elsewhere.example",
                               "<@home.example:victim@elsewhere.example>",
                               "victim%elsewhere.example@home.example"):
                    c.mail("a@home.example")
                    code, _ = c.rcpt(victim)
                    self.assertEqual(code, 550, victim)
                    c.rset()
                c.mail("a@home.example")
                self.assertEqual(c.rcpt("alice@home.example")[0], 250)
        finally:
            self.surel.run("set", "mail.domains", "")

    def test_too_big_is_refused_and_nothing_is_lost(self):
        self.surel.run("set", "message.max_mib", "1")
        try:
            with self.surel.smtp() as c:
                with self.assertRaises(smtplib.SMTPException) as refused:
                    c.sendmail("a@example.net", ["alice"], message("big", "x" * 76 + "\r\n") * 20000)
                self.assertEqual(refused.exception.smtp_code, 552)
                self.assertEqual(c.noop()[0], 250)
        finally:
            self.surel.run("set", "message.max_mib", "64")

    def test_over_quota(self):
        self.surel.run("set", "quota.messages", "1")
        try:
            self.surel.deliver(message("one"), "bob") if self.newest("bob") is None else None
            with self.surel.lmtp() as c:
                c.ehlo_or_helo_if_needed()
                c.mail("a@example.net")
                self.assertIn(c.rcpt("bob")[0], (452, 552))
        finally:
            self.surel.run("set", "quota.messages", "0")

    def test_submission_needs_a_login(self):
        with smtplib.SMTP("127.0.0.1", self.surel.port("submission"), timeout=30) as c:
            c.ehlo()
            self.assertEqual(c.mail("alice@example.org")[0], 530)
            c.login("alice", "secret-a")
            self.assertEqual(c.sendmail("alice@example.org", ["bob"], message("submitted")), {})
        self.assertIn(b"with ESMTPA", self.newest("bob"))

    def test_starttls_and_implicit_tls(self):
        with smtplib.SMTP("localhost", self.surel.port("smtp"), timeout=30) as c:
            c.starttls(context=self.surel.ssl())
            c.sendmail("a@example.net", ["alice"], message("starttls"))
        got = self.newest("alice")
        self.assertIn(b"with ESMTPS", got)
        with smtplib.SMTP_SSL("localhost", self.surel.port("submissions"), timeout=30,
                              context=self.surel.ssl()) as c:
            c.login("alice", "secret-a")
            c.sendmail("alice@example.org", ["alice"], message("smtps"))
        self.assertIn(b"with ESMTPSA", self.newest("alice"))

    def test_bare_line_feed_does_not_end_data(self):
        s, f = self.surel.socket("smtp")
        with s:
            for line in (b"EHLO x", b"MAIL FROM:<a@example.net>", b"RCPT TO:<alice>", b"DATA"):
                f.write(line + b"\r\n")
                while f.readline()[3:4] == b"-":
                    pass
            f.write(b"Subject: one\r\n\r\nsmuggled\n.\nMAIL FROM:<b@example.net>\r\n\r\n.\r\n")
            self.assertEqual(f.readline()[:1], b"5")
            f.write(b"NOOP\r\n")
            self.assertEqual(f.readline()[:3], b"250")


if __name__ == "__main__":
    unittest.main()
