"""kill -9 in a loop while mail streams in and clients delete: what was acknowledged is there, once, whole.

Killing the process leaves the kernel's cache alone, so this shows that nothing is answered OK before
it was handed to the kernel in an order that recovery understands; tests/powercut shows the same for
caches that lose, tear and reorder.
"""

import imaplib
import os
import random
import re
import smtplib
import socket
import threading
import unittest

from surel import Surel, fetch_bodies, message

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
CLIENTS = 4


class Sender(threading.Thread):
    """Delivers numbered messages until the daemon is gone."""

    def __init__(self, surel, round_number, number):
        super().__init__()
        self.surel, self.prefix = surel, f"r{round_number}c{number}"
        self.acknowledged, self.attempted = [], []

    def run(self):
        try:
            with self.surel.lmtp() as c:
                for i in range(10000):
                    name = f"{self.prefix}n{i}"
                    size = random.choice((10, 100, 2000))
                    self.attempted.append(name)
                    c.sendmail("a@example.net", ["alice"], message(name, "line of text\r\n" * size))
                    self.acknowledged.append(name)
        except (OSError, smtplib.SMTPException):
            pass


class Deleter(threading.Thread):
    """Expunges some messages and moves others until the daemon is gone."""

    def __init__(self, surel):
        super().__init__()
        self.surel = surel
        self.expunged, self.maybe = set(), set()

    def run(self):
        try:
            c = self.surel.imap()
            c.select()
            while True:
                _, data = c.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
                names = {}
                for item in data:
                    if isinstance(item, tuple):
                        uid = re.search(rb"UID (\d+)", item[0])[1]
                        names[uid] = re.search(rb"Subject: (\S+)", item[1])[1].decode()
                for uid in list(names)[:3]:
                    self.maybe.add(names[uid])
                    c.uid("STORE", uid.decode(), "+FLAGS.SILENT", "(\\Deleted)")
                    if c.uid("EXPUNGE", uid.decode())[0] == "OK":
                        self.expunged.add(names[uid])
                for uid in list(names)[3:5]:
                    c.uid("MOVE", uid.decode(), "Archive")
        except (OSError, imaplib.IMAP4.error, imaplib.IMAP4.abort):
            pass


class Crash(unittest.TestCase):
    def contents(self, surel, seen):
        """Subject -> how often, over all mailboxes; bodies must be whole, UIDs never reused."""
        found = {}
        with surel.imap() as c:
            for box in ("INBOX", "Archive"):
                c.select(box, readonly=True)
                validity = c.response("UIDVALIDITY")[1][0]
                for uid, body in fetch_bodies(c).items():
                    name = re.search(rb"Subject: (\S+)\r\n", body)[1].decode()
                    self.assertTrue(body.endswith(b"line of text\r\n"), name)
                    self.assertEqual(seen.setdefault((box, validity, uid), name), name, "UID reused")
                    found[name] = found.get(name, 0) + 1
        return found

    def test_kill_while_mail_streams_in(self):
        surel = Surel()
        self.addCleanup(surel.close)
        acknowledged, attempted, expunged, maybe, seen = [], set(), set(), set(), {}
        for number in range(ROUNDS):
            surel.start()
            senders = [Sender(surel, number, i) for i in range(CLIENTS)]
            deleter = Deleter(surel)
            for thread in (*senders, deleter):
                thread.start()
            # The event to wait for: enough mail of this round was acknowledged.
            enough = random.randint(20, 120)
            while sum(len(s.acknowledged) for s in senders) < enough and senders[0].is_alive():
                senders[0].join(0.002)
            surel.kill()
            for thread in (*senders, deleter):
                thread.join()
            for s in senders:
                acknowledged += s.acknowledged
                attempted |= set(s.attempted)
            expunged |= deleter.expunged
            maybe |= deleter.maybe
            surel.start()
            found = self.contents(surel, seen)
            self.assertEqual([n for n in acknowledged if n not in found and n not in maybe], [])
            self.assertEqual([n for n in expunged if n in found], [], "deleted mail came back")
            self.assertEqual([n for n, times in found.items() if times != 1], [], "twice")
            self.assertEqual(set(found) - attempted, set())
            self.assertEqual(surel.stop(), 0)
        self.assertEqual(surel.tool("check").returncode, 0, surel.tool("check").stdout)


if __name__ == "__main__":
    socket.setdefaulttimeout(30)
    unittest.main()
