"""The owner's policy for IMAP, set by the tool while the daemon runs, and kept over a stop."""

import unittest

from surel import Surel, message


def uids(imap):
    return imap.uid("SEARCH", "ALL")[1][0].split()


class ImapPolicy(unittest.TestCase):
    def setUp(self):
        self.surel = Surel()
        self.addCleanup(self.surel.close)
        self.surel.start()
        for i in range(5):
            self.surel.deliver(message(f"m{i}"))

    def set(self, key, value):
        self.surel.run("set", key, value, "--user", "alice")

    def select(self, name="INBOX"):
        c = self.surel.imap()
        self.assertEqual(c.select(name)[0], "OK")
        self.addCleanup(c.shutdown)
        return c

    def count(self, name):
        c = self.surel.imap()
        count = int(c.select(name, readonly=True)[1][0])
        c.logout()
        return count

    def test_last_copies_go_to_trash_and_stay_there_over_a_restart(self):
        self.set("imap.last_copy", "trash")
        c = self.select()
        c.uid("COPY", "1", "Archive")
        c.uid("STORE", "1:3", "+FLAGS", "(\\Deleted)")
        self.assertEqual(c.expunge()[1], [b"3", b"2", b"1"])
        self.assertEqual(self.count("INBOX"), 2)
        self.assertEqual(self.count("Trash"), 2)
        self.assertEqual(self.count("Archive"), 1)
        self.surel.kill()
        self.surel.start()
        self.assertEqual(self.count("Trash"), 2)
        c = self.select("Trash")
        self.assertEqual(c.uid("SEARCH", "DELETED")[1], [b""])
        c.uid("STORE", "1:*", "+FLAGS", "(\\Deleted)")
        c.expunge()
        self.assertEqual(self.count("Trash"), 0)
        self.assertEqual(self.surel.stop(), 0)
        self.assertIn("all whole", self.surel.run("check"))

    def test_deleting_is_expunging_when_the_owner_wants_it(self):
        self.set("imap.auto_expunge", "yes")
        c = self.select()
        c.uid("STORE", "2", "+FLAGS", "(\\Deleted)")
        self.assertEqual(uids(c), [b"1", b"3", b"4", b"5"])
        self.assertEqual(self.count("Trash"), 0)
        self.set("imap.auto_expunge", "no")
        c = self.select()
        c.uid("STORE", "3", "+FLAGS", "(\\Deleted)")
        self.assertEqual(uids(c), [b"1", b"3", b"4", b"5"])

    def test_only_the_newest_are_shown_and_nothing_is_deleted(self):
        self.set("imap.folder_limit", "2")
        c = self.select()
        self.assertEqual(uids(c), [b"4", b"5"])
        self.assertIn(b"MESSAGES 2", c.status("INBOX", "(MESSAGES)")[1][0])
        self.surel.deliver(message("new"))
        c.noop()
        self.assertEqual(uids(c), [b"4", b"5", b"6"])
        self.assertEqual(len(self.surel.pop3().list()[1]), 6)
        self.set("imap.folder_limit", "0")
        self.assertEqual(len(uids(self.select())), 6)

    def test_hidden_capabilities_are_not_announced_and_work(self):
        self.set("imap.hide_capabilities", "IDLE MOVE")
        c = self.select()
        c.capability()
        told = c.capability()[1][0].split()
        self.assertNotIn(b"IDLE", told)
        self.assertNotIn(b"MOVE", told)
        self.assertIn(b"UIDPLUS", told)
        self.assertEqual(c._simple_command("UID", "MOVE", "1", "Archive")[0], "OK")
        self.assertEqual(self.count("Archive"), 1)


if __name__ == "__main__":
    unittest.main()
