"""The power is cut under load: what was acknowledged is there afterwards, once and whole.

Killing QEMU leaves this machine's cache of the disk alone, so it shows what a cut in the middle of work
does to the guest. The replays show what a disk's own cache does: everything after the last flush of a
recorded run is lost, torn or written in another order. A card that is never told to flush has no such
cache: with it every sector is written when it says so, and the cut is between two of them.
"""

import os
import random
import smtplib
import struct
import threading
import unittest

from machine import IMAGE, Machine, subject_of
from surel import message, strip_trace

CUTS = int(os.environ.get("QEMU_CUTS", "10"))
POINTS = int(os.environ.get("QEMU_POINTS", "8"))
SEED = int(os.environ.get("QEMU_SEED", "1"))
SENDERS = 3
RECORDED = 40
FLUSH, FUA, DISCARD = 1, 2, 4


def letter(name):
    return message(name, "line of text\r\n" * (10 + hash_of(name) % 400))


def hash_of(name):
    return sum((i + 1) * ord(c) for i, c in enumerate(name))


class Sender(threading.Thread):
    """Delivers numbered messages until the board is gone or enough are acknowledged."""

    def __init__(self, machine, prefix, enough, count, acknowledged):
        super().__init__()
        self.machine, self.prefix, self.count = machine, prefix, count
        self.enough, self.acknowledged = enough, acknowledged

    def run(self):
        try:
            with self.machine.lmtp() as c:
                for i in range(self.count):
                    name = f"{self.prefix}n{i}"
                    c.sendmail("a@example.net", ["alice"], letter(name))
                    self.acknowledged(name)
        except (OSError, smtplib.SMTPException):
            pass
        self.enough.set()


class Power(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.uids = {}

    def check(self, machine, acknowledged):
        """All there, once, whole; a UID names the same message for ever."""
        validity, bodies = machine.bodies()
        found = {}
        for uid, body in bodies.items():
            name = subject_of(body)
            found[name] = found.get(name, 0) + 1
            self.assertEqual(strip_trace(body), letter(name), name)
            self.assertEqual(self.uids.setdefault((validity, uid), name), name, "a UID was used again")
        self.assertEqual([n for n in acknowledged if n not in found], [], "lost")
        self.assertEqual([n for n in acknowledged if found[n] > 1], [], "there twice")
        return len(bodies)

    def test_cuts_under_load(self):
        machine = Machine()
        self.addCleanup(machine.close)
        machine.start()
        machine.set_up()
        acknowledged = []
        for cut in range(CUTS):
            enough = threading.Event()
            wanted = len(acknowledged) + self.random.randint(1, 30)

            def count(name):
                acknowledged.append(name)
                if len(acknowledged) >= wanted:
                    enough.set()

            senders = [Sender(machine, f"r{cut}c{i}", enough, 1000, count) for i in range(SENDERS)]
            for sender in senders:
                sender.start()
            self.assertTrue(enough.wait(120))
            machine.cut()
            for sender in senders:
                sender.join()
            machine.start()
            self.check(machine, acknowledged)
        print(f"{CUTS} cuts, {len(acknowledged)} acknowledged messages, none lost")

    # --- replays -----------------------------------------------------------------------------

    def record(self, machine, log):
        """One run with every write and flush recorded: [(message, entries in the log when acknowledged)]."""
        with open(log, "wb"):
            pass
        machine.start(WRITE_LOG=log)
        machine.set_up()
        acknowledged = []
        done = threading.Event()
        sender = Sender(machine, "w", done, RECORDED,
                        lambda name: acknowledged.append((name, entries_in(log))))
        sender.start()
        sender.join()
        self.assertEqual(len(acknowledged), RECORDED)
        machine.bodies()  # and learns the authority
        machine.cut()
        return acknowledged

    @unittest.skipIf(IMAGE.endswith("-ubifs"), "its data is on no disk")
    def test_replays_of_what_the_disk_was_told(self):
        machine = Machine()
        self.addCleanup(machine.close)
        with open(machine.disk, "rb") as f:
            base = f.read()
        log = os.path.join(machine.dir, "writes")
        acknowledged = self.record(machine, log)
        entries = read_log(log)
        flushes = sum(1 for e in entries if e[1] & FLUSH)
        first = acknowledged[0][1]
        points = sorted(self.random.sample(range(first, len(entries)), min(POINTS, len(entries) - first)))
        for number, point in enumerate(points):
            kind = ("lost", "torn", "reordered")[number % 3] if flushes else "in order"
            with self.subTest(point=point, kind=kind), open(machine.disk, "wb") as f:
                f.write(self.after_cut(base, entries[:point], kind))
                f.close()
                self.uids.clear()
                try:
                    machine.start()
                    self.check(machine, [name for name, at in acknowledged if at <= point])
                finally:
                    machine.cut()
        print(f"{len(entries)} entries, {flushes} flushes, {RECORDED} messages; power cut after entries "
              + " ".join(map(str, points)))

    def after_cut(self, base, entries, kind):
        """The disk when the power goes after these entries."""
        disk = bytearray(base)
        last = max((i for i, (_, flags, _) in enumerate(entries) if flags & FLUSH), default=-1)
        if kind == "in order":
            last = len(entries) - 1
        for sector, flags, data in entries[:last + 1]:
            disk[sector * 512:sector * 512 + len(data)] = data
        tail = entries[last + 1:]
        if kind == "reordered":
            self.random.shuffle(tail)
        for sector, flags, data in tail:
            if flags & FUA:
                disk[sector * 512:sector * 512 + len(data)] = data
            elif kind == "torn":
                for at in range(0, len(data), 512):
                    if self.random.random() < 0.5:
                        disk[sector * 512 + at:sector * 512 + at + 512] = data[at:at + 512]
            elif kind == "reordered" and self.random.random() < 0.5:
                disk[sector * 512:sector * 512 + len(data)] = data
        return disk


def entries_in(log):
    """How many entries QEMU has finished; it brings the number up to date with every flush."""
    with open(log, "rb") as f:
        return struct.unpack("<QQQI", f.read(28))[2]


def read_log(log):
    """[(sector, flags, bytes)] in the format of the kernel's dm-log-writes."""
    entries = []
    with open(log, "rb") as f:
        magic, version, count, sector_size = struct.unpack("<QQQI", f.read(28))
        assert (magic, version, sector_size) == (0x6a736677736872, 1, 512)
        offset = sector_size
        for _ in range(count):
            f.seek(offset)
            sector, sectors, flags, _ = struct.unpack("<QQQQ", f.read(32))
            offset += sector_size
            data = b""
            if sectors and not flags & DISCARD:
                f.seek(offset)
                data = f.read(sectors * sector_size)
                offset += len(data)
            entries.append((sector, flags, data))
    return entries


if __name__ == "__main__":
    unittest.main()
