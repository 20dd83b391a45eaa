"""Mail stores that other versions of Surel wrote. data/journal-v1.txt tells what is in journal-v1.tar.gz, as
the program of version 1 saw it when it had made it."""

import hashlib
import os
import re
import shutil
import struct
import tarfile
import unittest

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


class Formats(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=())
        self.addCleanup(self.surel.close)
        self.surel.passwords = {"alice": "secret-a", "bob": "secret-b"}
        shutil.rmtree(self.surel.data, ignore_errors=True)
        with tarfile.open(os.path.join(DATA, "journal-v1.tar.gz")) as tar:
            tar.extractall(self.surel.data)  # our own archive: plain names only
        self.root_path = os.path.join(self.surel.data, "mail", "journal", "root")

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

    def test_later_version_is_refused_and_left_alone(self):
        s = self.surel
        self.set_root_version(3)
        before = self.snapshot()
        with self.assertRaises(RuntimeError) as refused:
            s.start()
        for words in ("later release of Surel", "version 3", "versions up to 2"):
            self.assertIn(words, str(refused.exception))
        s.process.stdout.close()
        s.process = None
        for args in (("check",), ("check", "--repair")):
            done = s.tool(*args)
            self.assertEqual(done.returncode, 1, (args, done.stdout, done.stderr))
            self.assertIn("version 3", done.stdout + done.stderr)
        after = self.snapshot()
        for path in before:
            self.assertEqual(after.get(path), before[path], path)


if __name__ == "__main__":
    unittest.main()
