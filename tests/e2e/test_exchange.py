"""A data directory that one machine wrote is one that every other can go on with: whatever the order of octets, the
width of words or the compiler. OTHERS names further daemons, each as a program or as a script that starts it
under its emulator; without it the directory is only handed on to the same daemon.

The directory goes round: each daemon finds all as the one before left it, lives in it for a while, and loses its
power while mail comes in. Every daemon then opens a copy of what that left, and all see the same.
"""

import os
import shutil
import smtplib
import threading
import unittest

import household
from surel import BINARY, Surel, message

DAEMONS = [BINARY] + [os.path.abspath(path) for path in os.environ.get("OTHERS", "").split()]
ACKNOWLEDGED = 25  # messages, before the power goes


def name_of(binary):
    return os.path.basename(os.path.dirname(binary))


class Sender(threading.Thread):
    """Delivers until the daemon is gone, which it is soon after it has acknowledged some."""

    def __init__(self, surel, mark):
        super().__init__()
        self.surel, self.mark, self.acknowledged = surel, mark, []
        self.enough = threading.Event()

    def run(self):
        try:
            with self.surel.lmtp() as c:
                for i in range(10000):
                    name = f"tail-{self.mark}-{i}"
                    c.sendmail("a@example.net", ["bob"], message(name, "line of text\r\n" * (i * 37 % 400)))
                    self.acknowledged.append(name)
                    if i >= ACKNOWLEDGED:
                        self.enough.set()
        except (OSError, smtplib.SMTPException):
            pass
        self.enough.set()


class Exchange(unittest.TestCase):
    def daemon(self, binary):
        surel = Surel(users=(), binary=binary)
        surel.passwords = dict(household.USERS)
        self.addCleanup(surel.close)
        return surel

    def hand_on(self, giver, binary):
        """Another daemon, not yet started, with a copy of the directory."""
        taker = self.daemon(binary)
        taker.passwords = dict(giver.passwords)
        shutil.rmtree(taker.data, ignore_errors=True)
        shutil.copytree(giver.data, taker.data, ignore=lambda _, names: [n for n in names if n == "control"])
        return taker

    def cut_power_in_the_tail(self, surel, mark):
        sender = Sender(surel, mark)
        sender.start()
        sender.enough.wait(120)
        surel.kill()
        sender.join()
        self.assertGreater(len(sender.acknowledged), ACKNOWLEDGED, surel.log())
        return sender.acknowledged

    def subjects(self, surel, user):
        with surel.imap(user) as c:
            c.select("INBOX", readonly=True)
            data = c.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        return [item[1].decode().split()[1] for item in data if isinstance(item, tuple)]

    def look(self, giver, binary, acknowledged):
        surel = self.hand_on(giver, binary)
        self.assertIn("all whole", surel.run("check", timeout=300))
        surel.start()
        self.assertEqual(set(acknowledged) - set(self.subjects(surel, "bob")), set())
        self.assertTrue(household.lets_the_administrator_in(surel))
        self.assertTrue(household.lets_tls_in(surel))
        seen = household.describe(surel, ("alice",)), household.describe(surel, ("bob",))
        self.assertEqual(surel.stop(), 0)
        return surel, seen

    def test_each_goes_on_where_another_lost_its_power(self):
        at = self.daemon(DAEMONS[0])
        household.furnish(at)
        for turn, binary in enumerate(DAEMONS):
            mark = name_of(binary)
            if turn:
                before, at = at, self.hand_on(at, binary)
                at.start()
                before.close()
            household.live_on(at, mark)
            lived = household.describe(at, ("alice",))
            acknowledged = self.cut_power_in_the_tail(at, mark)
            readers = [self.look(at, other, acknowledged) for other in DAEMONS]
            for binary_of, (reader, seen) in zip(DAEMONS, readers):
                with self.subTest(wrote=mark, read=name_of(binary_of)):
                    self.maxDiff = None
                    self.assertEqual(seen[0], lived)  # bob has the mail that was coming in
                    self.assertEqual(seen[1], readers[0][1][1])
            at.close()
            at = readers[turn][0]
            for reader, _ in readers:
                if reader is not at:
                    reader.close()


if __name__ == "__main__":
    unittest.main()
