"""What POP3 shows, and what happens after a download, with real clients on the real daemon: seen by
IMAP, kept over restarts and kills, for several devices, from now on."""

import json
import poplib
import unittest

from surel import Surel, message


class PolicyTest(unittest.TestCase):
    def setUp(self):
        self.surel = Surel()
        self.addCleanup(self.surel.close)
        self.surel.start()

    def set(self, **rows):
        for key, value in rows.items():
            self.surel.run("set", "pop3." + key, str(value), "--user", "alice")

    def deliver(self, *subjects):
        for subject in subjects:
            self.surel.deliver(message(subject))

    def login(self, user="alice"):
        c = poplib.POP3("127.0.0.1", self.surel.port("pop3"), timeout=30)
        self.addCleanup(c.close)
        c.user(user)
        c.pass_("secret-a")
        return c

    def shown(self, user="alice"):
        """Subjects, in order; looks with TOP, which counts for nothing."""
        c = self.login(user)
        found = [self.subject(c.top(n, 0)[1]) for n in range(1, c.stat()[0] + 1)]
        c.quit()
        return found

    def subject(self, lines):
        return next(line[9:].decode() for line in lines if line.startswith(b"Subject: "))

    def take(self, *subjects, user="alice", dele=(), quit=True):
        """Downloads those, marks others, and ends the session, with QUIT or without."""
        c = self.login(user)
        for n in range(1, c.stat()[0] + 1):
            subject = self.subject(c.top(n, 0)[1])
            if subject in subjects:
                c.retr(n)
            if subject in dele:
                c.dele(n)
        if quit:
            self.assertTrue(c.quit().startswith(b"+OK"))
        else:
            c.close()

    def box(self, name="INBOX"):
        """{subject: is seen} of a mailbox, by IMAP."""
        c = self.surel.imap()
        c.select(name, readonly=True)
        _, data = c.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        c.logout()
        return {self.subject(item[1].split(b"\r\n")): b"\\Seen" in item[0]
                for item in data if isinstance(item, tuple)}

    def restart(self, kill=False):
        if kill:
            self.surel.kill()
        else:
            self.surel.stop()
        self.surel.start()

    # --- after a download ----------------------------------------------------------------------

    def test_imap_sees_what_pop3_did(self):
        self.deliver("one", "two", "three", "four", "five")
        self.take("one")
        self.assertEqual(self.box(), dict.fromkeys(("one", "two", "three", "four", "five"), False))
        self.set(after_download="mark-read")
        self.take("one")
        self.assertEqual([s for s, seen in self.box().items() if seen], ["one"])
        self.set(after_download="archive")
        self.take("one", "two")
        self.assertEqual(self.box("Archive"), {"one": True, "two": False})
        self.set(after_download="trash")
        self.take("three")
        self.assertEqual(self.box("Trash"), {"three": False})
        self.set(after_download="delete")
        self.take("four", quit=False)
        self.assertEqual(list(self.box()), ["four", "five"])
        self.take("four")
        self.assertEqual(list(self.box()), ["five"])
        self.assertRegex(self.surel.log(), r"pop3: alice: 1 downloaded, .* 1 deleted")

    def test_an_imap_session_is_told_of_it(self):
        self.set(after_download="archive")
        self.deliver("one")
        c = self.surel.imap()
        c.select("INBOX")
        self.take("one")
        c.noop()
        self.assertEqual(c.response("EXPUNGE"), ("EXPUNGE", [b"1"]))
        self.assertEqual(c.select("Archive"), ("OK", [b"1"]))
        c.logout()

    # --- it lasts ------------------------------------------------------------------------------

    def test_nothing_is_offered_twice(self):
        self.set(show_again="no", client_delete="hide")
        for kill in (False, True):
            self.deliver(f"taken-{kill}", f"hidden-{kill}", f"left-{kill}")
            self.take(f"taken-{kill}", dele=[f"hidden-{kill}"])
            self.restart(kill)
            self.assertNotIn(f"taken-{kill}", self.shown())
            self.assertNotIn(f"hidden-{kill}", self.shown())
            self.assertIn(f"left-{kill}", self.shown())
        self.assertEqual(self.shown("recent:alice"),
                         ["taken-False", "left-False", "taken-True", "left-True"])
        self.assertEqual(len(self.box()), 6)
        self.set(show_again="yes")
        self.assertEqual(len(self.shown()), 4)

    def test_moves_last_over_a_kill(self):
        self.set(after_download="archive")
        self.deliver("one", "two")
        self.take("one")
        self.restart(kill=True)
        self.assertEqual(list(self.box()), ["two"])
        self.assertEqual(list(self.box("Archive")), ["one"])

    def test_a_poll_writes_nothing(self):
        self.deliver("one", "two")
        self.set(show_again="no")
        self.take("one")
        self.shown()

        def written():
            return json.loads(self.surel.run("status", "--json"))["store"]["bytes_written"]
        before = written()
        for _ in range(3):
            self.shown()
            self.shown("recent:alice")
        self.assertEqual(written(), before)

    # --- devices -------------------------------------------------------------------------------

    def test_delete_when_all_devices_have_it(self):
        self.set(devices="own", after_download="delete")
        self.shown("alice+phone")
        self.shown("alice+desk")
        self.deliver("one", "two")
        phone = self.login("alice+phone")
        self.take("one", "two", user="alice+desk")  # both are open at once
        self.assertEqual(list(self.box()), ["one", "two"])
        with self.assertRaisesRegex(poplib.error_proto, "IN-USE"):
            self.login("alice+phone")
        phone.retr(1)
        phone.quit()
        self.assertEqual(list(self.box()), ["two"])
        self.restart(kill=True)
        self.set(show_again="no")
        self.assertEqual(self.shown("alice+desk"), [])
        self.take("two", user="alice+phone")
        self.assertEqual(self.box(), {})

    # --- from now on ---------------------------------------------------------------------------

    def test_nobody_waits_for_a_revoked_device(self):
        self.set(devices="own", after_download="delete")
        self.deliver("a", "b")
        self.surel.run("user", "device", "add", "alice", "tablet")
        self.take(user="alice+tablet")  # known from now on, and has nothing
        self.take("a", "b", user="alice+phone")
        self.assertEqual(set(self.box()), {"a", "b"})
        self.surel.run("user", "device", "del", "alice", "tablet")
        self.take(user="alice+phone")
        self.assertEqual(set(self.box()), set())

    def test_from_now_on(self):
        self.deliver("before")
        open_session = self.login()
        self.set(access="from-now-on")
        with self.assertRaises((poplib.error_proto, OSError)):
            open_session.stat()
            open_session.stat()
        self.assertEqual(self.shown(), [])
        self.deliver("after")
        self.assertEqual(self.shown(), ["after"])
        self.restart(kill=True)
        self.assertEqual(self.shown(), ["after"])
        self.set(access="all")
        self.assertEqual(self.shown(), ["before", "after"])
        self.set(access="from-now-on")  # a new window
        self.assertEqual(self.shown(), [])
        self.set(access="off")
        with self.assertRaisesRegex(poplib.error_proto, "SYS/PERM"):
            self.login()

    def test_from_now_on_for_the_house_and_without_a_daemon(self):
        self.deliver("before")
        self.surel.stop()
        self.surel.run("set", "pop3.access", "from-now-on")
        self.surel.start()
        self.assertEqual(self.shown(), [])
        self.deliver("after")
        self.assertEqual(self.shown(), ["after"])
        self.restart()
        self.assertEqual(self.shown(), ["after"])

    # --- what is shown, and told ---------------------------------------------------------------

    def test_folders(self):
        self.deliver("inbox")
        c = self.surel.imap()
        c.create("Lists/C11")
        c.append("Lists/C11", None, None, message("list"))
        c.append("Junk", None, None, message("junk"))
        c.logout()
        self.assertEqual(self.shown("alice+folder=Lists/C11"), ["list"])
        self.set(shows="junk-too")
        self.assertEqual(self.shown(), ["inbox", "junk"])
        self.set(shows="folder", folder="Lists/C11")
        self.assertEqual(self.shown(), ["list"])
        self.set(folder="Nowhere")
        with self.assertRaisesRegex(poplib.error_proto, "SYS/PERM"):
            self.login()

    def test_capa_tells_the_truth(self):
        def expire(user="alice"):
            c = poplib.POP3("127.0.0.1", self.surel.port("pop3"), timeout=30)
            before = c.capa()["EXPIRE"]
            c.user(user)
            c.pass_("secret-a")
            after = c.capa()["EXPIRE"]
            c.quit()
            return before, after
        self.assertEqual(expire(), (["NEVER"], ["NEVER"]))
        self.set(delete_after_days=14)
        self.assertEqual(expire(), (["14", "USER"], ["14"]))
        self.set(after_download="archive")
        self.assertEqual(expire(), (["0", "USER"], ["0"]))
        self.assertEqual(expire("recent:alice"), (["0", "USER"], ["14"]))
        self.set(after_download="keep", delete_after_days=0, shows="folder", folder="Trash")
        self.assertEqual(expire(), (["30", "USER"], ["30"]))
        self.set(after_download="trash")  # from Trash to Trash nothing moves
        self.assertEqual(expire()[1], ["30"])
        self.set(after_download="archive")
        self.assertEqual(expire()[1], ["0"])


if __name__ == "__main__":
    unittest.main()
