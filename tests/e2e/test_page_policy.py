"""The page that steers POP3 and IMAP: every row changed in a browser, its effect seen by mail clients."""

import imaplib
import os
import poplib
import subprocess
import unittest
from unittest import mock

from browser import Browser
from surel import IS_SANITIZED, Surel, message

PASSWORD = "admin-secret-1"


def body(n=1):
    return "x" * 70 + "\r\n" + "line\r\n" * n


class PageTest(unittest.TestCase):
    """One browser for all tests of a class; each test has its own Surel and logs in to it."""

    language, width, script = "en", 1280, True

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser("", language=cls.language, width=cls.width, script=cls.script)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.surel = Surel(users=(("alice", "secret-a"), ("bob", "secret-b")))
        self.addCleanup(self.surel.close)
        self.surel.run("admin", "passwd", input=PASSWORD + "\n")
        self.surel.start()
        self.browser.url = self.surel.url()
        self.browser.command("Network.clearBrowserCookies")
        self.browser.open("/login").fill(password=PASSWORD).submit("main form")

    def save(self, path="/mail/alice", button="Save changes", **fields):
        """Sets fields by name (dots as __), saves; a number is set beside its radio button."""
        b = self.browser
        b.open(path)
        for name, value in fields.items():
            name = name.replace("__", ".")
            if isinstance(value, int) and not isinstance(value, bool):
                b.set(name, "n")
                b.set(name + ".n", value)
            else:
                b.set(name, value)
        b.press(button)

    def saved(self, path="/mail/alice", **fields):
        self.save(path, **fields)
        self.assertIn("done=saved", self.browser.path, self.browser.text)

    def get(self, key, user="alice"):
        return self.surel.run("get", key, *(("--user", user) if user else ())).strip()

    def deliver(self, *subjects, to="alice"):
        for subject in subjects:
            self.surel.deliver(message(subject, body()), to)

    def pop3(self, user="alice", password="secret-a"):
        c = poplib.POP3("127.0.0.1", self.surel.port("pop3"), timeout=30)
        c.user(user)
        c.pass_(password)
        return c

    def download(self, user="alice", delete=False):
        c = self.pop3(user)
        count = c.stat()[0]
        for n in range(1, count + 1):
            c.retr(n)
            if delete:
                c.dele(n)
        c.quit()
        return count

    def offered(self, user="alice"):
        c = self.pop3(user)
        count = c.stat()[0]
        c.quit()
        return count

    def capa(self):
        c = self.pop3()
        found = c.capa()
        c.quit()
        return found

    def counts(self, *boxes, user="alice"):
        c = self.surel.imap(user)
        found = [int(c.select(box)[1][0]) for box in boxes]
        c.logout()
        return found


class Pop3Rows(PageTest):
    def test_access_from_now_on_has_its_date_and_all_mail_can_be_offered_again(self):
        self.deliver("old")
        self.saved(pop3__access="from-now-on")
        self.assertIn("Only mail that has arrived since", self.browser.text)
        self.assertEqual(self.offered(), 0)
        self.deliver("new")
        self.assertEqual(self.download(), 1)
        self.saved(pop3__access="from-now-on", restart=True)
        self.assertEqual(self.offered(), 0)
        self.saved(pop3__access="all", pop3__show_again="no")
        self.assertEqual(self.offered(), 1)  # the old one; the new one was downloaded
        self.saved(pop3__access="all", reset=True)
        self.assertEqual(self.offered(), 2)

    def test_access_off_ends_the_session_that_is_open_and_refuses_the_next(self):
        c = self.pop3()
        self.saved(pop3__access="off")
        with self.assertRaises((poplib.error_proto, OSError, EOFError)):
            c.noop()
            c.noop()
        with self.assertRaises(poplib.error_proto):
            self.pop3()
        self.assertIn("POP3 is off.", self.browser.text)
        self.surel.imap("alice").logout()
        self.pop3("bob", "secret-b").quit()
        self.saved(pop3__access="house")
        self.assertEqual(self.offered(), 0)

    def test_each_disposition_after_a_download(self):
        expected = {  # INBOX, Archive, Trash
            "keep": [1, 0, 0], "mark-read": [1, 0, 0], "archive": [0, 1, 0], "trash": [0, 1, 1],
            "delete": [0, 1, 1]}
        self.deliver("m")
        for choice, boxes in expected.items():
            self.saved(pop3__after_download=choice)
            self.assertEqual(self.get("pop3.after_download"), choice)
            if not self.offered():
                self.deliver("m-" + choice)
            self.download()
            self.assertEqual(self.counts("INBOX", "Archive", "Trash"), boxes, choice)
            if choice == "mark-read":
                c = self.surel.imap("alice")
                c.select()
                self.assertEqual(c.search(None, "SEEN")[1], [b"1"])
                c.logout()
        self.assertIn("Careful: every message", self.browser.text)
        self.assertIn("EXPIRE 0", self.browser.text)
        self.assertEqual(self.capa()["EXPIRE"][0], "0")

    def test_what_the_client_deletes(self):
        for choice, inbox, trash, offered in (("hide", 1, 0, 0), ("follow", 1, 1, 0), ("delete", 1, 1, 0)):
            self.saved(pop3__client_delete=choice, pop3__after_download="trash" if choice == "follow" else "keep")
            self.deliver(choice)
            self.assertEqual(self.download(delete=True), 1)
            self.assertEqual(self.counts("INBOX", "Trash"), [inbox, trash], choice)
            self.assertEqual(self.offered(), offered)

    def test_once_as_gmail_and_recent_gets_it_again(self):
        self.deliver("one", "two")
        self.saved(pop3__show_again="no")
        self.assertEqual(self.download(), 2)
        self.assertEqual(self.offered(), 0)
        self.assertEqual(self.offered("recent:alice"), 2)
        self.assertIn("recent:alice", self.browser.text)

    def test_devices_of_their_own_are_waited_for_listed_and_forgotten(self):
        self.saved(pop3__devices="own", pop3__after_download="delete")
        self.offered("alice+phone")
        self.offered("alice+laptop")
        self.deliver("one", "two")
        self.assertEqual(self.download("alice+phone"), 2)
        self.assertEqual(self.counts("INBOX"), [2])
        self.browser.open("/mail/alice")
        rows = {r.text.split()[0]: r.text for r in self.browser.all("table tbody tr")}
        self.assertIn("2", rows["phone"])
        self.assertIn("laptop", rows)
        self.browser.leave(lambda: self.browser.click(self.browser.one('button[name=device][value=laptop]')))
        self.assertIn("forgotten", self.browser.notice())
        self.deliver("three")
        self.download("alice+phone")
        self.browser.open("/mail/alice")
        self.assertNotIn("laptop", " ".join(r.text for r in self.browser.all("table tbody tr")))
        self.assertEqual(self.counts("INBOX"), [0])

    def test_what_pop3_shows(self):
        c = self.surel.imap("alice")
        c.create("Lists")
        c.append("Lists", None, None, message("l", body()))
        c.append("Junk", None, None, message("j1", body()))
        c.append("Junk", None, None, message("j2", body()))
        self.saved(pop3__shows="junk-too")
        self.assertEqual(self.offered(), 2)
        self.assertEqual(self.capa()["EXPIRE"][0], "30")  # Junk is emptied
        self.saved(junk__empty_days=12)
        self.assertEqual(self.capa()["EXPIRE"][0], "12")
        self.saved(pop3__shows="folder", pop3__folder="Lists")
        self.assertEqual(self.offered(), 1)
        self.assertIn("all mail in Lists", self.browser.text)
        self.saved(pop3__shows="house")
        self.assertEqual(self.offered(), 0)
        self.assertEqual(self.get("pop3.folder"), "")
        c.logout()

    def test_login_delay_in_minutes(self):
        self.saved(pop3__login_delay_s=2)
        self.assertEqual(self.get("pop3.login_delay_s"), "120")
        self.assertEqual(self.capa()["LOGIN-DELAY"][0], "120")
        self.browser.set("pop3.login_delay_s", "n")
        self.browser.set("pop3.login_delay_s.n", "1:30")
        self.browser.press("Save changes")
        self.assertEqual(self.get("pop3.login_delay_s"), "90")
        self.assertEqual(self.browser.value("pop3.login_delay_s.n"), "1:30")

    def test_deletion_by_age_is_announced_and_previewed(self):
        self.deliver("one")
        self.download()
        b = self.browser.open("/mail/alice")
        b.set("pop3.delete_after_days.n", "5")  # chooses its radio button, and asks for the preview
        b.one("h1").click()
        b.wait(lambda: "Nothing would be deleted now." in b.text)
        self.assertIn("EXPIRE 5", b.text)
        self.assertIn("What will happen once it is saved", b.text)
        self.assertEqual(self.get("pop3.delete_after_days"), "0")
        b.press("Save changes")
        self.assertEqual(self.get("pop3.delete_after_days"), "5")
        self.assertEqual(self.capa()["EXPIRE"][0], "5")
        self.saved(pop3__delete_since="arrival")
        self.assertIn("5 days after it arrived", b.text)


class ImapRows(PageTest):
    def test_access_off_says_bye(self):
        c = self.surel.imap("alice")
        c.select()
        other = self.surel.imap("bob")
        self.saved(imap__access="no")
        with self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error)):
            c.noop()
        with self.assertRaises(imaplib.IMAP4.error):
            self.surel.imap("alice")
        self.assertEqual(other.noop()[0], "OK")
        self.pop3().quit()
        self.saved(imap__access="yes")
        self.surel.imap("alice").logout()

    def test_expunge_at_once_and_the_last_copy(self):
        for where, box in (("trash", "Trash"), ("archive", "Archive")):
            self.saved(imap__auto_expunge="yes", imap__last_copy=where)
            self.deliver("one")
            c = self.surel.imap("alice")
            c.select()
            c.store("1", "+FLAGS", "\\Deleted")
            c.logout()
            self.assertEqual(self.counts("INBOX", box), [0, 1])
        self.saved(imap__auto_expunge="no", imap__last_copy="gone")
        self.deliver("two")
        c = self.surel.imap("alice")
        c.select()
        c.store("1", "+FLAGS", "\\Deleted")
        self.assertEqual(c.search(None, "ALL")[1], [b"1"])
        c.expunge()
        c.logout()
        self.assertEqual(self.counts("INBOX", "Trash", "Archive"), [0, 1, 1])

    def test_folder_limit_of_ones_own_and_from_the_list(self):
        self.deliver(*(f"m{i}" for i in range(6)))
        self.saved(imap__folder_limit=4)
        self.assertEqual(self.counts("INBOX"), [4])
        self.saved(imap__folder_limit="1000")
        self.assertEqual(self.get("imap.folder_limit"), "1000")
        self.assertEqual(self.counts("INBOX"), [6])
        self.assertEqual(self.offered(), 6)

    def test_hidden_capabilities(self):
        b = self.browser.open("/mail/alice")
        b.click(b.one('[name=hide][value=IDLE]'))
        b.set("imap.hide_capabilities", "ESEARCH X-OTHER")
        b.press("Save changes")
        self.assertEqual(self.get("imap.hide_capabilities"), "IDLE ESEARCH X-OTHER")
        c = self.surel.imap("alice")
        names = c.capability()[1][0].split()
        c.logout()
        self.assertNotIn(b"IDLE", names)
        self.assertNotIn(b"ESEARCH", names)
        self.assertIn(b"MOVE", names)
        self.assertTrue(b.one('[name=hide][value=ESEARCH]').is_selected())
        self.assertEqual(b.value("imap.hide_capabilities"), "X-OTHER")
        self.saved(imap__hide_capabilities__house="yes")
        self.assertEqual(self.get("imap.hide_capabilities"), "")


class CommonRows(PageTest):
    def test_trash_and_junk_days(self):
        self.saved(trash__empty_days=7, junk__empty_days="0")
        self.assertEqual([self.get("trash.empty_days"), self.get("junk.empty_days")], ["7", "0"])
        self.saved(pop3__after_download="trash")
        self.assertIn("after 7 days in Trash", self.browser.text)

    def test_quota_is_refused_politely_and_shown_as_a_bar(self):
        self.deliver(*(f"m{i}" for i in range(9)))
        self.saved(quota__messages=10, quota__mib=3)
        self.assertIn("9 messages of 10 messages used (90 %)", self.browser.text)
        self.assertIn("More than 90 %", self.browser.text)
        self.assertEqual(self.browser.all("meter")[1].get_attribute("value"), "90")
        self.deliver("ten")
        replies = self.surel.lmtp_replies(message("eleven", body()), "alice")
        self.assertEqual(replies[0][1], 452)
        self.browser.open("/mail/alice")
        self.assertIn("More than 95 %", self.browser.text)
        c = self.surel.imap("alice")
        with self.assertRaises(imaplib.IMAP4.error):
            if c.append("INBOX", None, None, message("more", body()))[0] != "OK":
                raise imaplib.IMAP4.error("over quota")
        c.logout()
        self.saved(quota__messages="house", quota__mib="house")
        self.deliver("eleven")

    def test_the_house_is_the_default_of_everybody_without_a_value(self):
        self.deliver("a")
        self.deliver("b", to="bob")
        self.saved(pop3__after_download="mark-read")
        self.saved("/mail", pop3__after_download="trash")
        self.assertEqual(self.get("pop3.after_download", "bob"), "trash")
        self.assertEqual(self.get("pop3.after_download"), "mark-read")
        self.browser.open("/mail/alice")
        self.assertIn("House default: Move it to Trash", self.browser.text)
        self.saved(pop3__after_download="house")
        self.assertEqual(self.get("pop3.after_download"), "trash")
        b = self.browser.open("/mail")
        b.set("owner", "bob")
        b.press("Show")
        self.assertEqual(b.path.split("?")[0], "/mail/bob")

    def test_nothing_changed_and_cancel(self):
        b = self.browser.open("/mail/alice")
        self.assertFalse(b.one("form[data-preview] .primary").is_enabled())
        b.set("imap.access", "no")
        self.assertTrue(b.one("form[data-preview] .primary").is_enabled())
        b.press("Cancel")
        self.assertEqual(b.value("imap.access"), "house")
        self.assertEqual(self.get("imap.access"), "yes")

    def test_nobody_is_not_found(self):
        self.browser.open("/mail/nobody")
        self.assertEqual(self.browser.title, "Page not found")

    def test_every_row_of_the_table_is_on_a_page(self):
        keys = {line.split(" = ")[0] for line in self.surel.run("get").splitlines() if " = " in line}
        keys -= {"pop3.from"}
        self.assertGreater(len(keys), 40)
        found = set()
        for page in ("/mail", "/settings"):
            self.browser.open(page)
            found |= {e.get_attribute("name") for e in self.browser.all("[name]")}
        self.assertEqual(keys - found, set())
        self.browser.open("/manual")
        self.assertEqual(keys - {e.text for e in self.browser.all("th code")}, set())


@unittest.skipIf(IS_SANITIZED, "a sanitizer must be loaded first")
class Ages(PageTest):
    """With another wall clock: weeks later, and on a board that starts in 1970."""

    def restart(self, days):
        shim = os.path.join(self.surel.dir, "shift_clock.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shift_clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source], check=True, timeout=60)
        self.surel.stop()
        with mock.patch.dict(os.environ, LD_PRELOAD=shim, SHIFT_CLOCK_S=str(days * 86400)):
            self.surel.start()
        self.browser.open("/login").fill(password=PASSWORD).submit("main form")

    def test_the_preview_counts_what_goes_and_saving_lets_it_go(self):
        self.deliver("one", "two", "three")
        self.download()
        c = self.surel.imap("alice")
        c.select()
        c.store("1", "+FLAGS", "\\Flagged")
        c.logout()
        self.restart(days=20)
        b = self.browser.open("/mail/alice")
        b.set("pop3.delete_after_days.n", "10")
        b.one("h1").click()
        b.wait(lambda: "Would delete 2 messages" in b.text)
        self.assertEqual(self.counts("INBOX"), [3])
        self.save("/mail", button="Preview", pop3__delete_after_days=30)
        self.assertIn("Nothing would be deleted now.", b.text)
        self.save("/mail", button="Preview", pop3__delete_after_days=19)
        self.assertIn("Would delete 2 messages", b.text)
        self.saved(pop3__delete_after_days=10)
        b.wait(lambda: self.counts("INBOX") == [1])

    def test_a_clock_that_is_not_right_deletes_nothing_and_says_so(self):
        self.deliver("one")
        self.download()
        self.restart(days=-20000)
        self.save(button="Preview", pop3__delete_after_days=1)
        self.assertIn("clock of this box is not right", self.browser.text)
        self.browser.press("Save changes")
        self.assertEqual(self.get("pop3.delete_after_days"), "1")
        self.assertEqual(self.counts("INBOX"), [1])


class WrongInput(PageTest):
    number, minutes = "must be a number from", "Write minutes"

    def test_the_message_stands_beside_the_field_and_nothing_is_saved(self):
        button = {"en": "Save changes", "id": "Simpan perubahan"}[self.language]
        for field, key, typed, said in (
                ("imap-folder-limit", "imap.folder_limit", "many", self.number),
                ("quota-mib", "quota.mib", "-3", self.number),
                ("pop3-delete-after-days", "pop3.delete_after_days", "99999999", self.number),
                ("pop3-login-delay-s", "pop3.login_delay_s", "1:75", self.minutes)):
            b = self.browser.open("/mail/alice")
            b.set("pop3.after_download", "delete")
            b.set(key, "n")
            b.set(key + ".n", typed)
            b.press(button)
            self.assertIn(said, b.errors()[field])
            self.assertEqual(len(b.errors()), 1)
            self.assertEqual(b.value(key + ".n"), typed)
            self.assertEqual(b.value("pop3.after_download"), "delete")
            self.assertEqual(len(b.all("[role=alert]")), 1)
            self.assertEqual(self.get("pop3.after_download"), "keep")
            b.audit()

    def test_of_the_settings(self):
        button = {"en": "Save changes", "id": "Simpan perubahan"}[self.language]
        b = self.browser.open("/settings")
        b.set("message.max_mib", "0")
        b.set("log.level", "debug")
        b.press(button)
        self.assertIn(self.number, b.errors()["message-max-mib"])
        self.assertEqual(b.value("message.max_mib"), "0")
        self.assertEqual(b.value("log.level"), "debug")
        self.assertEqual(self.get("log.level", None), "info")
        b.audit()


class WrongInputIndonesian(WrongInput):
    language = "id"
    number, minutes = "harus berupa angka dari", "Tulis menit"


class WithoutScript(PageTest):
    script = False

    def test_preview_and_save(self):
        b = self.browser
        self.save(button="Preview", pop3__delete_after_days=3, pop3__after_download="mark-read")
        self.assertIn("Nothing would be deleted now.", b.text)
        self.assertIn("What will happen once it is saved", b.text)
        self.assertEqual(b.value("pop3.delete_after_days.n"), "3")
        self.assertEqual(self.get("pop3.delete_after_days"), "0")
        b.press("Save changes")
        self.assertEqual(self.get("pop3.delete_after_days"), "3")
        self.assertEqual(self.get("pop3.after_download"), "mark-read")

    def test_owner_advice_and_settings(self):
        b = self.browser.open("/mail")
        b.set("owner", "alice")
        b.press("Show")
        self.assertEqual(b.path, "/mail/alice")
        b.open("/advice").fill(devices="2", network="0", space="0").press("Show the recommendation")
        self.assertIn("Use IMAP", b.text)
        b.open("/settings").fill(message__max_mib="17").press("Save changes")
        self.assertEqual(self.get("message.max_mib", None), "17")


if __name__ == "__main__":
    unittest.main()
