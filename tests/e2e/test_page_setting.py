"""The advice, the settings of the house, their manual and their JSON, in a browser and by hand."""

import http.client
import imaplib
import json
import socket
import unittest


from test_page_policy import PageTest


class Advice(PageTest):
    def test_one_click_saves_exactly_what_is_listed(self):
        b = self.browser.open("/advice")
        b.press("Show the recommendation")
        self.assertEqual(len(b.errors()), 3)
        b.audit()
        b.fill(devices="1", network="2", space="2").press("Show the recommendation")
        self.assertIn("Use POP3", b.text)
        self.assertIn("Each device gets every message", b.text)
        listed = [row.text for row in b.all("#advice tbody tr")]
        self.assertIn("When a message has been downloaded Move it to Trash", listed)
        b.audit()
        b.set("owner", "alice")
        before = self.surel.run("get", "--user", "bob")
        b.press("Save these settings")
        self.assertIn("recommended settings", b.notice())
        self.assertEqual(b.path.split("?")[0], "/mail/alice")
        for key, value in (("pop3.after_download", "trash"), ("pop3.devices", "own"),
                           ("pop3.client_delete", "follow"), ("trash.empty_days", "7")):
            self.assertEqual(self.get(key), value)
        self.assertEqual(self.surel.run("get", "--user", "bob"), before)
        self.deliver("one")
        self.pop3("alice+phone").quit()
        self.assertEqual(self.download("alice+laptop"), 1)
        self.assertEqual(self.counts("INBOX", "Trash"), [1, 0])
        self.assertEqual(self.download("alice+phone"), 1)
        self.assertEqual(self.counts("INBOX", "Trash"), [0, 1])

    def test_for_the_house_and_the_protocol_is_switched_on(self):
        self.surel.run("set", "imap.enabled", "no")
        b = self.browser.open("/advice?devices=2&network=1&space=1")
        self.assertIn("Use IMAP", b.text)
        b.press("Save these settings")
        self.assertEqual(b.path, "/mail?done=advice")
        self.assertEqual(self.get("imap.enabled", None), "yes")
        self.assertEqual(self.get("imap.folder_limit", "bob"), "5000")
        self.surel.imap("alice").logout()


class Settings(PageTest):
    def is_open(self, name):
        try:
            socket.create_connection(("127.0.0.1", self.surel.port(name)), timeout=10).close()
            return True
        except ConnectionRefusedError:
            return False

    def row(self, name):
        return next(r.text for r in self.browser.all("tbody tr") if r.text.startswith(name))

    def test_protocols_are_switched_off_and_on(self):
        b = self.browser
        imap, pop3 = self.surel.imap("alice"), self.pop3()
        b.open("/settings")
        self.assertIn(f"{self.surel.port('imap')}, {self.surel.port('imaps')} 1 listening", self.row("IMAP").replace("\n", " "))
        b.fill(imap__enabled="no", pop3__enabled="no").press("Save changes")
        self.assertIn("in force", b.notice())
        self.assertIn("closed", self.row("IMAP"))
        for name in ("imap", "imaps", "pop3", "pop3s"):
            self.assertFalse(self.is_open(name), name)
        with self.assertRaises(imaplib.IMAP4.abort) as raised:
            imap.noop()
        self.assertIn("BYE", str(imap.untagged_responses) + str(raised.exception))
        with self.assertRaises(Exception):
            pop3.noop()
            pop3.noop()
        self.deliver("still")
        b.open("/mail")
        self.assertIn("IMAP is switched off for the whole house", b.text)
        b.open("/settings").fill(imap__enabled="yes", pop3__enabled="yes").press("Save changes")
        self.assertEqual(self.offered(), 1)
        self.surel.imap("alice").logout()

    def test_a_row_takes_effect_at_once_and_one_says_that_it_waits(self):
        b = self.browser.open("/settings")
        b.fill(message__max_mib="1").press("Save changes")
        with self.surel.lmtp() as c:
            c.ehlo_or_helo_if_needed()
            self.assertEqual(c.esmtp_features["size"], str(1 << 20))
        b.fill(store__deflate="2").press("Save changes")
        self.assertIn("started again", b.notice())

    def test_the_manual_has_its_words_in_both_languages(self):
        b = self.browser.open("/manual")
        self.assertIn("Largest message accepted, MiB", b.text)
        self.assertIn("a number from 1 to 1024, default 64", b.text)
        b.press("Bahasa Indonesia")
        self.assertIn("Email terbesar yang diterima, MiB", b.text)
        self.assertIn("Panduan semua setelan", b.title)


class Api(PageTest):
    script = False

    def call(self, method, path, data=None, token=True, raw=None):
        b = self.browser
        cookies = "; ".join(f"{c['name']}={c['value']}" for c in b.driver.get_cookies())
        fields = {"Cookie": cookies, "Content-Type": "application/json", "Accept": "application/json",
                  "Origin": self.surel.url()}
        if token:
            fields["X-CSRF-Token"] = b.one("input[name=csrf]").get_attribute("value")
        c = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=30)
        c.request(method, path, raw if raw is not None else data and json.dumps(data), fields)
        reply = c.getresponse()
        text = reply.read()
        c.close()
        return reply.status, json.loads(text) if text.startswith(b"{") else text

    def setUp(self):
        super().setUp()
        self.browser.open("/settings")

    def test_reads_and_writes_the_same_rows(self):
        status, all_rows = self.call("GET", "/api/settings")
        self.assertEqual(status, 200)
        self.assertEqual(all_rows["settings"]["message.max_mib"]["value"], 64)
        self.assertEqual(all_rows["settings"]["pop3.access"]["choices"], ["all", "from-now-on", "off"])
        status, said = self.call("POST", "/api/settings", {
            "settings": {"message.max_mib": 12, "imap.access": False, "pop3.after_download": "archive"}})
        self.assertEqual((status, said["saved"], said["changed"]), (200, True, 3))
        self.assertEqual(self.get("message.max_mib", None), "12")
        self.assertEqual(self.get("imap.access"), "no")
        status, said = self.call("POST", "/api/settings", {"user": "alice", "settings": {"imap.access": True}})
        self.assertEqual(status, 200)
        self.assertEqual((self.get("imap.access"), self.get("imap.access", "bob")), ("yes", "no"))
        status, mine = self.call("GET", "/api/settings?user=alice")
        self.assertTrue(mine["settings"]["imap.access"]["own"])
        self.assertFalse(mine["settings"]["pop3.after_download"]["own"])
        self.assertNotIn("message.max_mib", mine["settings"])
        status, said = self.call("POST", "/api/settings?user=alice", {"imap.access": None})
        self.assertEqual((status, self.get("imap.access")), (200, "no"))

    def test_refuses_all_or_nothing_with_the_words_of_the_page(self):
        status, said = self.call("POST", "/api/settings", {
            "message.max_mib": 5, "imap.keepalive_min": 1, "pop3.access": "perhaps", "no.such": 1, "smtp.timeout_min": 2.5})
        self.assertEqual(status, 422)
        self.assertEqual(set(said["fields"]), {"imap.keepalive_min", "pop3.access", "no.such", "smtp.timeout_min"})
        self.assertIn("must be a number from 2 to 29", said["fields"]["imap.keepalive_min"])
        self.assertEqual(self.get("message.max_mib", None), "64")
        status, said = self.call("POST", "/api/settings?user=alice", {"message.max_mib": 5})
        self.assertEqual((status, list(said["fields"])), (422, ["message.max_mib"]))
        self.assertEqual(self.call("POST", "/api/settings", {"pop3.from": 5})[0], 422)
        self.assertEqual(self.call("POST", "/api/settings?user=nobody", {"imap.access": True})[0], 404)

    def test_refuses_what_is_not_json_and_who_has_no_token(self):
        for raw in (b"", b"[", b"[1]", b"5", b"null", b'"x"', b'{"settings": 5}', b'{"user": 5}', b"{" * 2000, b"\xff\xfe",
                    b'{"imap.access": false}x', b'{"imap.access": false}{}', b'{"web.hosts": "a\\u0000b"}',
                    b'{"user": "", "imap.access": false}'):
            self.assertEqual(self.call("POST", "/api/settings", raw=raw)[0], 400, raw[:20])
        for value in ([], {}, [1], -1, 1e300, "\u0001", "x" * 5000):
            self.assertEqual(self.call("POST", "/api/settings", {"imap.hide_capabilities": value})[0], 422, value)
        self.assertEqual(self.call("POST", "/api/settings", {"message.max_mib": 5}, token=False)[0], 403)
        self.browser.command("Network.clearBrowserCookies")
        self.assertEqual(self.call("GET", "/api/settings")[0], 401)
        self.assertEqual(self.get("message.max_mib", None), "64")


class Looks(PageTest):
    """Every page in this language at both widths: accessible, and a picture for people to look at."""

    pages = {"mail": "/mail", "mail-owner": "/mail/alice", "advice": "/advice?devices=1&network=1&space=2",
             "settings": "/settings", "manual": "/manual"}

    def test_every_page(self):
        self.deliver(*(f"m{i}" for i in range(8)))
        self.download("alice+phone")
        for setting in (("pop3.access", "from-now-on"), ("pop3.after_download", "trash"), ("quota.messages", "9"),
                        ("quota.mib", "5"), ("imap.hide_capabilities", "IDLE X-OTHER")):
            self.surel.run("set", *setting, "--user", "alice")
        b = self.browser
        self.addCleanup(b.become, self.language, self.width)
        for width, dark in ((1280, False), (360, False), (360, True)):
            b.become(self.language, width, dark)
            for name, path in self.pages.items():
                b.open(path)
                b.screenshot("policy-" + name)
                b.audit()
                if width == 1280:
                    b.walk()

    def test_what_is_typed_is_never_markup(self):
        evil = "\"><script>alert(1)</script>{{csrf}}&amp;"
        c = self.surel.imap("alice")
        c.create('"<b>x</b>"')
        c.logout()
        self.browser.open("/settings").fill(mail__domains=evil).submit("form[data-dirty]")
        self.assertEqual(self.browser.value("mail.domains"), evil)
        self.browser.open("/mail/alice").set("imap.hide_capabilities__house".replace("__", "."), "no")
        self.browser.set("imap.hide_capabilities", evil)
        self.browser.submit("form[data-preview]")
        self.assertEqual(self.browser.value("imap.hide_capabilities"), evil)
        self.assertIn("<b>x</b>", [o.text for o in self.browser.all("[name='pop3.folder'] option")])
        self.assertEqual(self.browser.all("script:not([src])"), [])


class LooksIndonesian(Looks):
    language = "id"


if __name__ == "__main__":
    unittest.main()
