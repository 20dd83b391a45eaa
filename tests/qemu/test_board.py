"""A person's way with a board: power on, set up, mail in, mail out, policy, restart, factory reset."""

import json
import os
import struct
import unittest

from machine import BOARD, IMAGE, LOGIN_SECONDS, disk_bytes, partitions, shared_machine
from surel import message
from test_page import Client


class Board(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = shared_machine(cls)

    def setUp(self):
        if not self.machine.process:
            self.machine.start()

    def pop3_count(self):
        c = self.machine.pop3("alice", tls=True)
        count = c.stat()[0]
        c.quit()
        return count

    def test_mail_goes_in_and_out(self):
        with self.machine.smtp() as c:
            c.sendmail("printer@example.net", ["alice"], message("by-smtp"))
        self.machine.deliver(message("by-lmtp"))
        _, bodies = self.machine.bodies()
        text = b"".join(bodies.values())
        self.assertIn(b"Subject: by-smtp", text)
        self.assertIn(b"Subject: by-lmtp", text)
        c = self.machine.pop3("alice", tls=True)
        self.assertEqual(c.stat()[0], len(bodies))
        self.assertIn(b"Subject: by-smtp", b"\n".join(c.retr(1)[1]) + b"\n".join(c.retr(2)[1]))
        c.quit()

    def test_policy_is_in_force_at_once_and_after_a_power_cut(self):
        c = self.machine.log_in()
        c.get("/settings")
        self.assertEqual(self.put(c, {"pop3.after_download": "delete"}), 200)
        self.machine.deliver(message("read-once"))
        pop3 = self.machine.pop3("alice", tls=True)
        for n in range(1, pop3.stat()[0] + 1):
            pop3.retr(n)
        pop3.quit()
        self.assertEqual(self.pop3_count(), 0)
        self.machine.cut()
        self.machine.start()
        self.assertEqual(self.pop3_count(), 0)
        self.assertEqual(c.log_in().status, 303)
        c.get("/settings")
        self.assertEqual(self.put(c, {"pop3.after_download": "keep"}), 200)

    def put(self, client, settings):
        return client.ask("POST", "/api/settings", body=json.dumps(settings),
                          headers={"Content-Type": "application/json",
                                   "X-CSRF-Token": client.token()}).status

    def test_power_on_to_first_answered_login(self):
        best = self.machine.seconds_to_login(LOGIN_SECONDS)
        print(f"{BOARD}: {best:.2f} s from power-on to the first answered login (POP3S)")
        self.assertLessEqual(best, LOGIN_SECONDS)

    def test_z_factory_reset(self):
        self.machine.deliver(message("stays"))
        self.machine.cut()
        self.machine.start(append="surel.reset=keep-mail")
        self.assertIn("Factory reset: mail and users stay", self.machine.log())
        self.assertEqual(Client(self.machine).get("/").headers["Location"], "/setup")
        _, bodies = self.machine.bodies()
        self.assertIn(b"Subject: stays", b"".join(bodies.values()))
        self.machine.cut()
        self.machine.start(append="surel.reset=all")
        client = self.machine.set_up(user="alice", secret="another-secret")
        self.assertTrue(client.is_in())
        self.assertEqual(self.pop3_count(), 0)

    @unittest.skipIf(os.path.basename(IMAGE).endswith("fs"), "only ext4 grows")
    def test_disk_is_used_to_its_end(self):
        with open(self.machine.disk, "rb") as f:
            _, start, length = partitions(self.machine.disk)[-1]
            f.seek(start + 1024 + 4)
            blocks = struct.unpack("<I", f.read(4))[0]
        self.assertEqual(start + length, disk_bytes())
        # Whole groups of blocks only: what is missing is less than the alignment.
        self.assertGreater(blocks * 4096 + start, disk_bytes() - (2 << 20))


if __name__ == "__main__":
    unittest.main()
