"""Data directories that other versions of Surel wrote. data/journal-v1.txt tells what is in journal-v1.tar.gz, as
the program of version 1 saw it when it had made it; data/keep.py made the others, each on another machine."""

import glob
import hashlib
import os
import re
import shutil
import struct
import tarfile
import unittest

import household
from surel import Surel, fetch_bodies, message

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
ROOT_MAGIC = 0x72724A53
ROOT_BLOCKS = (0, 4096)


def crc32c(octets):
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Directory(unittest.TestCase):
    def unpack(self, name, passwords):
        self.surel = Surel(users=())
        self.addCleanup(self.surel.close)
        self.surel.passwords = passwords
        shutil.rmtree(self.surel.data, ignore_errors=True)
        with tarfile.open(os.path.join(DATA, name + ".tar.gz")) as tar:
            tar.extractall(self.surel.data)  # our own archive: plain names only
        self.root_path = os.path.join(self.surel.data, "mail", "journal", "root")

    def path(self, *names):
        return os.path.join(self.surel.data, *names)

    def root_versions(self):
        """Of the root blocks that were ever written, the newest first."""
        with open(self.root_path, "rb") as f:
            root = f.read()
        found = []
        for at in ROOT_BLOCKS:
            magic, version, generation = struct.unpack_from("<IIQ", root, at)
            if magic:
                self.assertEqual(magic, ROOT_MAGIC)
                self.assertEqual(struct.unpack_from("<I", root, at + 64)[0],
                                 crc32c(root[at:at + 64]))
                found.append((generation, version))
        return [version for _, version in sorted(found, reverse=True)]

    def set_root_version(self, version):
        with open(self.root_path, "r+b") as f:
            root = bytearray(f.read())
            for at in ROOT_BLOCKS:
                if struct.unpack_from("<I", root, at)[0]:
                    struct.pack_into("<I", root, at + 4, version)
                    struct.pack_into("<I", root, at + 64, crc32c(root[at:at + 64]))
            f.seek(0)
            f.write(root)

    def snapshot(self):
        found = {}
        for directory, _, names in os.walk(self.surel.data):
            for name in names:
                path = os.path.join(directory, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, self.surel.data)] = f.read()
        return found

    def refused_start(self, *words):
        """It does not start, says these words, and has changed nothing."""
        before = self.snapshot()
        with self.assertRaises(RuntimeError) as refused:
            self.surel.start()
        for word in words:
            self.assertIn(word, str(refused.exception))
        self.surel.process.stdout.close()
        self.surel.process = None
        self.assertEqual(self.snapshot(), before)


class FormatOne(Directory):
    """Of version 1 only the mail was kept."""

    def setUp(self):
        self.unpack("journal-v1", {"alice": "secret-a", "bob": "secret-b"})

    def describe(self):
        """All that clients can see, a line for each mailbox and message."""
        lines = []
        for user in sorted(self.surel.passwords):
            c = self.surel.imap(user)
            names = [row.decode().split(' "/" ')[1].strip('"') for row in c.list()[1]]
            for name in sorted(names):
                status = c.status(f'"{name}"', "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)")[1][0].decode()
                lines.append(f"{user} {name} {status[status.index('('):]}")
                c.select(f'"{name}"', readonly=True)
                rows = c.uid("fetch", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")[1]
                for row in rows:
                    if isinstance(row, tuple):
                        what = re.search(r"\((.*) BODY\[\]", row[0].decode())[1]
                        lines.append(f"  {what} {hashlib.sha256(row[1]).hexdigest()}")
            c.logout()
        return "\n".join(lines) + "\n"

    def expected(self):
        with open(os.path.join(DATA, "journal-v1.txt"), encoding="ascii") as f:
            return f.read()

    def test_version_1_is_read_whole_and_goes_on_as_version_2(self):
        s = self.surel
        self.assertEqual(set(self.root_versions()), {1})
        s.start()
        self.assertEqual(self.root_versions()[0], 2)
        self.assertEqual(self.describe(), self.expected())
        self.assertEqual(s.stop(), 0)
        self.assertEqual(set(self.root_versions()), {2})
        s.start()
        self.assertEqual(self.describe(), self.expected())
        s.deliver(message("since"), "bob")
        c = s.imap("alice")
        c.select("INBOX")
        c.uid("store", "30", "+FLAGS", "(\\Flagged $Label1)")
        c.uid("copy", "30", "Family/2026")
        c.logout()
        before = self.describe()
        self.assertNotEqual(before, self.expected())
        s.kill()
        s.start()
        self.assertEqual(self.describe(), before)
        c = s.imap("bob")
        c.select("INBOX")
        bodies = fetch_bodies(c)
        self.assertIn(b"Subject: since", bodies[max(bodies)])
        c.logout()
        self.assertEqual(s.stop(), 0)
        self.assertIn("all whole", s.run("check"))

    def test_version_1_is_checked_without_being_changed(self):
        before = self.snapshot()
        self.assertEqual(self.surel.tool("check").returncode, 0)
        self.assertEqual(self.snapshot(), before)


class Kept(Directory):
    """What data/keep.py kept: all that a directory holds, with a log that ends in a power cut."""

    def setUp(self):
        self.names = sorted(os.path.basename(path)[:-len(".tar.gz")]
                            for path in glob.glob(os.path.join(DATA, "data-v*.tar.gz")))
        self.assertGreater(len(self.names), 1)

    def open(self, name):
        with open(os.path.join(DATA, name + ".txt"), encoding="utf-8") as f:
            self.device, self.expected = f.read().split("\n", 1)
        self.unpack(name, dict(household.USERS, **{household.DEVICE: self.device}))

    def mail_seen(self, text):
        """Without digests of structures: what a mail program is told of a message's parts may get better."""
        return [line for line in text.splitlines() if not line.startswith("  structures ")]

    def test_all_is_there_and_goes_on(self):
        for name in self.names:
            with self.subTest(name):
                self.open(name)
                s = self.surel.start()
                self.maxDiff = None
                self.assertEqual(self.mail_seen(household.describe(s)), self.mail_seen(self.expected))
                self.assertTrue(household.lets_the_administrator_in(s))
                self.assertTrue(household.lets_tls_in(s))
                household.live_on(s, "today")
                before = household.describe(s)
                s.kill()
                s.start()
                self.assertEqual(household.describe(s), before)
                self.assertEqual(s.stop(), 0)
                self.assertIn("all whole", s.run("check"))
                self.assertEqual(s.close(), None)

    def test_is_checked_without_being_changed(self):
        for name in self.names:
            with self.subTest(name):
                self.open(name)
                before = self.snapshot()
                self.assertIn("all whole", self.surel.run("check"))
                self.assertEqual(self.snapshot(), before)

    def test_later_journal_is_refused_and_left_alone(self):
        for name in self.names:
            with self.subTest(name):
                self.open(name)
                later = max(self.root_versions()) + 1
                self.set_root_version(later)
                self.refused_start("later release of Surel", f"version {later}", f"versions up to {later - 1}")
                before = self.snapshot()
                letters, away = os.path.join(self.surel.dir, "letters"), os.path.join(self.surel.dir, "away")
                with open(letters, "wb") as f:
                    f.write(b"From a Thu Jan  1 00:00:00 2026\n\n")
                for args in (("check",), ("check", "--repair"), ("backup", "-"), ("restore", "-"),
                             ("export", "mbox", away), ("import", "mbox", letters, "--user", "alice")):
                    done = self.surel.tool(*args, input="")
                    self.assertNotEqual(done.returncode, 0, (args, done.stdout, done.stderr))
                    self.assertIn(f"version {later}", done.stdout + done.stderr, args)
                self.assertEqual(self.snapshot(), before)

    def test_what_a_later_release_wrote_into_other_files_is_refused_and_left_alone(self):
        """A file of settings, of users or of the administrator that is not understood is never taken for less."""
        for name in ("surel.conf", "users", "admin"):
            with self.subTest(name):
                self.open(self.names[0])
                with open(self.path(name), "a", encoding="ascii") as f:
                    f.write({"surel.conf": "mail.of_tomorrow = yes\n",
                             "users": "carol ARGON2$1:c2FsdA==$a2V5:a2V5\n",
                             "admin": "second line\n"}[name])
                self.refused_start(name)


if __name__ == "__main__":
    unittest.main()
