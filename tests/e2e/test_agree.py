#!/usr/bin/env python3
"""Many clients change one mailbox at once, each with its own idea of it; none may ever be told nonsense.

Every client keeps what a mail program keeps: the UID behind each message number, and the flags of each
UID. It believes untagged responses as RFC 9051 7.4 and 7.5 allow them: EXPUNGE shifts numbers and never comes
during FETCH, STORE or SEARCH by number; EXISTS never shrinks; a number never changes its UID. At the end all
clients, without asking for flags anew, must know the same mailbox.
"""

import random
import re
import socket
import threading
import unittest

from surel import Surel

CLIENTS = 6
STEPS = 600
KEEP_AT_LEAST = 40


class Client:
    def __init__(self, surel, seed):
        self.random = random.Random(seed)
        self.socket = socket.create_connection(("127.0.0.1", surel.port("imap")), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")
        self.uids, self.flags = [], {}
        self.count, self.last = 0, ""
        self.input.readline()
        self.ask("LOGIN alice secret-a")
        self.select()

    # --- what the server says ----------------------------------------------------------------

    def response(self):
        line = self.input.readline()
        while literal := re.search(rb"\{(\d+)\}\r\n$", line):
            line += self.input.read(int(literal[1])) + self.input.readline()
        if not line:
            raise AssertionError(f"closed during {self.last}")
        return line

    def believe(self, line, by_number):
        said = re.match(rb"\* (\d+) (EXPUNGE|EXISTS|FETCH)", line)
        if not said:
            return
        number, what = int(said[1]), said[2]
        if what == b"EXISTS":
            assert number >= len(self.uids), f"{line} during {self.last}: had {len(self.uids)}"
            self.uids += [None] * (number - len(self.uids))
            return
        assert 1 <= number <= len(self.uids), f"{line} during {self.last}: has {len(self.uids)}"
        if what == b"EXPUNGE":
            assert not by_number, f"{line} during {self.last}"
            self.uids.pop(number - 1)
            return
        uid = re.search(rb"UID (\d+)", line)
        if uid:
            known = self.uids[number - 1]
            assert known in (None, int(uid[1])), f"{line} during {self.last}: was UID {known}"
            self.uids[number - 1] = int(uid[1])
        flags = re.search(rb"FLAGS \(([^)]*)\)", line)
        if flags and self.uids[number - 1]:
            self.flags[self.uids[number - 1]] = frozenset(flags[1].split()) - {b"\\Recent"}

    def ask(self, command, by_number=False):
        self.count += 1
        self.last = command
        tag = b"c%d " % self.count
        self.socket.sendall(tag + command.encode() + b"\r\n")
        while not (line := self.response()).startswith(tag):
            self.believe(line, by_number)
        assert not line.startswith(tag + b"BAD"), f"{line} to {command}"
        return line

    # --- what the client does ----------------------------------------------------------------

    def select(self):
        self.uids = []
        self.ask("SELECT INBOX")
        self.look()

    def look(self):
        if self.uids:
            self.ask("FETCH 1:* (UID FLAGS)", by_number=True)

    def idle(self):
        self.last = "IDLE"
        self.socket.sendall(b"i IDLE\r\n")
        while not (line := self.response()).startswith(b"+"):
            self.believe(line, False)
        self.socket.sendall(b"DONE\r\n")
        while not (line := self.response()).startswith(b"i "):
            self.believe(line, False)

    def append(self):
        text = f"Subject: {self.random.randrange(1000)}\r\n"
        self.ask(f"APPEND INBOX {{{len(text)}+}}\r\n{text}")

    def silently(self, uid):
        """Nobody tells the one who asked not to be told, so it asks."""
        self.ask(f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)")
        self.ask(f"UID FETCH {uid} (UID FLAGS)")

    def step(self):
        dice = self.random
        known = len(self.uids)
        if known < KEEP_AT_LEAST:
            return self.append()
        one = dice.randint(1, known)
        uid = next((u for u in dice.sample(self.uids, known) if u), 1)
        flag = dice.choice(["\\Seen", "\\Flagged", "\\Deleted", f"word{dice.randrange(5)}"])
        return dice.choices([
            lambda: self.append(),
            lambda: self.ask(f"STORE {one}:{min(one + 4, known)} {dice.choice('+-')}FLAGS ({flag})",
                             by_number=True),
            lambda: self.silently(uid),
            lambda: self.ask("EXPUNGE"),
            lambda: self.ask(f"MOVE {one} Trash"),
            lambda: self.ask(f"COPY {one} INBOX"),
            lambda: self.ask(f"FETCH {one} (UID FLAGS BODY.PEEK[])", by_number=True),
            lambda: self.ask("UID FETCH 1:* (UID FLAGS)"),
            lambda: self.ask("SEARCH UNSEEN", by_number=True),
            lambda: self.idle(),
            lambda: self.ask("NOOP"),
            lambda: (self.ask("CLOSE"), self.select()),
            lambda: self.look(),
        ], weights=[15, 20, 10, 5, 5, 5, 8, 5, 5, 5, 10, 2, 5])[0]()

    def knows(self):
        present = sorted(self.uids)
        return present, [self.flags[uid] for uid in present]


class Agree(unittest.TestCase):
    def test_clients_never_disagree(self):
        failures = []

        def live(client):
            try:
                for _ in range(STEPS):
                    client.step()
            except Exception as error:  # told by the main thread, whatever it is
                failures.append(repr(error))

        with Surel() as surel:
            clients = [Client(surel, seed) for seed in range(CLIENTS)]
            threads = [threading.Thread(target=live, args=(c,)) for c in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            for client in clients:
                # Numbers that are known by EXISTS only have no UID yet; flags stay as they were told.
                client.ask("NOOP")
                for number, uid in enumerate(list(client.uids), 1):
                    if not uid:
                        client.ask(f"FETCH {number} (UID FLAGS)", by_number=True)
            known = [client.knows() for client in clients]
            self.assertGreater(len(known[0][0]), 0)
            for other in known[1:]:
                self.assertEqual(other, known[0])
            for client in clients:
                client.socket.close()


if __name__ == "__main__":
    unittest.main()
