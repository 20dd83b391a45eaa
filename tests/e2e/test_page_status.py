"""The status page, the log, backups and restore in a browser; quotas that fill up."""

import html
import http.client
import io
import json
import mailbox
import os
import tarfile
import tempfile
import unittest

from browser import Browser
from surel import IS_SANITIZED, Surel, message
from test_page import ADMIN, Client, see, set_up

LOOKS = (("en", 1280, False), ("id", 360, False), ("en", 360, True), ("id", 1280, True))
BUTTON = {"en": "Log in", "id": "Masuk"}
MB = 1 << 20


def multipart(fields, archive, boundary="xYzZy"):
    """A form as a browser sends it; the archive comes last."""
    body = b""
    for name, value in fields.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += (f'--{boundary}\r\nContent-Disposition: form-data; name="archive"; filename="b.tar"\r\n'
             "Content-Type: application/x-tar\r\n\r\n").encode() + archive + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class Page(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=())
        self.addCleanup(self.surel.close)
        self.surel.start()
        self.client, reply = set_up(self.surel)
        self.assertEqual(reply.status, 303)
        self.surel.run("user", "add", "budi", input="budi-secret\n")
        self.surel.passwords["budi"] = "budi-secret"

    def raw(self, path, method="GET", body=None, headers=()):
        """Status, fields and octets of the answer, as this administrator."""
        c = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=60)
        fields = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.client.cookies.items())}
        fields.update(headers)
        c.request(method, path, body, fields)
        reply = c.getresponse()
        octets = reply.read()
        c.close()
        return reply.status, reply.headers, octets

    def status(self):
        return json.loads(self.raw("/api/status")[2])

    def look(self, path, name):
        with Browser(self.surel.url()) as b:
            b.open("/login").fill(password=ADMIN).submit("main form")
            for language, width, dark in LOOKS:
                b.become(language, width, dark).open(path)
                see(b, name)

    def fill(self):
        for i in range(4):
            self.surel.deliver(message(f"m{i}", "x" * 70 + "\r\n"), "anna")
        self.surel.deliver(message("From the bank", "From here on\r\n.\r\nbye\r\n"), "budi")
        c = self.surel.imap("anna")
        c.append("Sent", r"(\Seen \Answered)", '"17-Jul-1996 02:44:25 -0700"', message("sent"))
        c.logout()

    # --- status ------------------------------------------------------------------------------

    def test_status_tells_what_is_true(self):
        self.fill()
        self.surel.run("set", "imap.enabled", "no")
        s = self.status()
        self.assertEqual({u["name"]: u["messages"] for u in s["users"]}, {"anna": 5, "budi": 1})
        self.assertEqual([d["to"] for d in s["deliveries"]], ["budi"] + ["anna"] * 4)
        self.assertEqual({d["result"] for d in s["deliveries"]}, {"OK"})
        self.assertEqual({d["from_domain"] for d in s["deliveries"]}, {"example.net"})
        services = s["services"]
        self.assertTrue(services["pop3"]["listening"] and services["http"]["listening"])
        self.assertFalse(services["imap"]["listening"] or services["imap"]["enabled"])
        self.assertEqual(services["imap"]["logins"], 1)
        self.assertGreater(s["flash"]["bytes_today"], 1000)
        self.assertGreaterEqual(s["flash"]["month_projection"], s["flash"]["bytes_month"])
        self.assertGreater(s["certificate_days"], 100)
        self.assertTrue(s["clock_sane"] and s["running"])
        self.assertEqual(s["warnings"], [])
        told = json.loads(self.surel.run("status", "--json"))
        for key in ("services", "store", "deliveries", "users"):
            self.assertIn(key, told)
        page = self.raw("/")[2].decode()
        for word in ("POP3", "switched off", "example.net", "anna", "budi", "written today"):
            self.assertIn(word, page)
        self.assertNotIn("{{", page)
        self.assertNotIn("From the bank", page)  # no subjects

    def test_what_was_refused_is_told_too(self):
        s = self.surel
        s.run("set", "quota.messages", "1")
        s.deliver(message("m"), "anna")
        self.assertEqual(s.lmtp_replies(message("n"), "anna"), [("anna", 452)])
        newest = self.status()["deliveries"][0]
        self.assertEqual((newest["to"], newest["result"], newest["served"]), ("anna", "QUOTA", 0))
        self.assertIn("no room in the mailbox", self.raw("/")[2].decode())

    def test_nobody_else_sees_it(self):
        stranger = Client(self.surel)
        for path in ("/", "/log", "/backup", "/backup/surel-backup.tar", "/backup/anna.mbox"):
            reply = stranger.get(path)
            self.assertEqual(reply.status, 303, path)
            self.assertTrue(reply.headers["Location"].startswith("/login"), path)
        self.assertEqual(stranger.get("/api/status").status, 401)

    def test_the_script_keeps_it_fresh(self):
        with Browser(self.surel.url()) as b:
            b.open("/login").fill(password=ADMIN).submit("main form")
            b.open("/")
            self.assertEqual(b.one("[data-live=delivered]").text, "0")
            self.surel.deliver(message("now"), "anna")
            b.wait(lambda: b.one("[data-live=delivered]").text == "1")

    def test_without_script_it_is_whole(self):
        self.fill()
        with Browser(self.surel.url(), script=False) as b:
            b.open("/login").fill(password=ADMIN).submit("main form")
            b.open("/")
            self.assertIn("example.net", b.text)

    def test_looks(self):
        self.fill()
        self.surel.run("set", "quota.mib", "1")
        self.surel.deliver(message("big", ("y" * 70 + "\r\n") * (MB * 83 // 7200)), "budi")
        self.look("/", "status")
        self.look("/log", "log")
        self.look("/backup", "backup")

    def test_what_was_written_is_remembered(self):
        self.fill()
        before = self.status()["flash"]
        self.surel.stop()
        with open(os.path.join(self.surel.data, "history"), encoding="ascii") as f:
            self.assertIn("month_bytes = ", f.read())
        self.surel.start()
        self.client.log_in()
        after = self.status()["flash"]
        self.assertGreaterEqual(after["bytes_today"], before["bytes_today"])
        self.assertEqual(after["since"], before["since"])
        self.surel.stop()
        with open(os.path.join(self.surel.data, "history"), "w", encoding="ascii") as f:
            f.write("saved = yesterday\n")
        self.surel.start()
        self.assertIn("history is ignored", self.surel.log())

    # --- quotas ------------------------------------------------------------------------------

    def subjects(self, user):
        c = self.surel.imap(user)
        if c.select("INBOX", readonly=True)[1] == [b"0"]:
            return []
        _, data = c.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        c.logout()
        return [d[1].split(b": ")[1].split(b"\r")[0].decode() for d in data if isinstance(d, tuple)]

    def wait_for_subject(self, user, subject):
        """The notice is delivered beside what called for it."""
        for _ in range(500):
            if subject in self.subjects(user):
                return
        self.fail(f"{subject} does not come: {self.subjects(user)}")

    def test_a_mailbox_that_fills_up_says_so_once(self):
        s = self.surel
        s.run("set", "quota.messages", "100")
        for i in range(80):
            s.deliver(message(f"m{i}"), "anna")
        self.wait_for_subject("anna", "Your mailbox is 80 % full")
        for i in range(9):  # the notice is one, too
            s.deliver(message(f"n{i}"), "anna")
        self.wait_for_subject("anna", "Your mailbox is 90 % full")
        self.assertEqual(sum("full" in t for t in self.subjects("anna")), 2)
        user = [u for u in self.status()["users"] if u["name"] == "anna"][0]
        self.assertEqual((user["level"], user["percent"], user["tag"]), (90, 91, "bad"))
        for i in range(8):
            s.deliver(message(f"o{i}"), "anna")
        self.wait_for_subject("anna", "Your mailbox is 95 % full")
        self.assertEqual(s.lmtp_replies(message("too much"), "anna")[0][1], 452)
        c = s.imap("anna")
        c.select("INBOX")
        c.store("1:50", "+FLAGS", r"(\Deleted)")
        c.expunge()
        c.logout()
        s.run("set", "web.language", "id")
        for i in range(30):
            s.deliver(message(f"p{i}"), "anna")
        self.wait_for_subject("anna", "Kotak surat Anda terisi 80 %")
        self.assertEqual(self.subjects("budi"), [])

    def test_a_restart_does_not_tell_it_again(self):
        s = self.surel
        s.run("set", "quota.messages", "20")
        for i in range(17):
            s.deliver(message(f"m{i}"), "budi")
        self.wait_for_subject("budi", "Your mailbox is 80 % full")
        s.stop()
        s.start()
        c = s.imap("budi")
        c.select("INBOX")
        c.store("1:2", "+FLAGS", r"(\Deleted)")
        c.expunge()
        c.logout()
        s.deliver(message("m17"), "budi")
        self.assertEqual(sum("80 %" in t for t in self.subjects("budi")), 1)

    # --- downloads ---------------------------------------------------------------------------

    def test_an_mbox_that_python_reads(self):
        self.fill()
        status, headers, octets = self.raw("/backup/anna.mbox")
        self.assertEqual(status, 200)
        self.assertRegex(headers["Content-Disposition"], r'^attachment; filename="anna-\d{4}-\d\d-\d\d\.mbox"$')
        with tempfile.NamedTemporaryFile(suffix=".mbox") as f:
            f.write(octets)
            f.flush()
            box = mailbox.mbox(f.name, create=False)
            self.assertEqual(sorted(m["Subject"] for m in box), ["m0", "m1", "m2", "m3", "sent"])
            self.assertEqual([m.get_flags() for m in box if m["Subject"] == "sent"], ["ROA"])
        self.assertEqual(self.raw("/backup/anna.mbox?folder=Sent")[2].count(b"\nSubject: "), 1)
        self.assertIn(b"\n>From here on\n", self.raw("/backup/budi.mbox")[2])
        c = self.surel.imap("anna")
        c.create('"Kerja/100% \\"lama\\""')
        c.append('"Kerja/100% \\"lama\\""', "", None, message("old"))
        c.logout()
        page = self.raw("/backup")[2].decode()
        links = [part.split('"')[0] for part in page.split('href="')[1:]]
        links = [html.unescape(link) for link in links if "folder=Kerja" in link]
        self.assertEqual(len(links), 1)
        self.assertEqual(self.raw(links[0])[2].count(b"\nSubject: old\n"), 1)
        for path in ("/backup/nobody.mbox", "/backup/anna", "/backup/../etc/passwd", "/backup/.mbox"):
            self.assertIn(self.raw(path)[0], (400, 404), path)

    def test_the_archive_is_a_tar(self):
        self.fill()
        octets = self.raw("/backup/surel-backup.tar")[2]
        with tarfile.open(fileobj=io.BytesIO(octets)) as t:
            names = t.getnames()
            one = t.extractfile("surel-backup/mail/budi/INBOX/0000000001.eml").read()
        self.assertIn(b"Subject: From the bank\r\n", one)
        self.assertEqual(sum(n.endswith(".eml") for n in names), 6)
        only = self.raw("/backup/surel-backup.tar?user=budi")[2]
        with tarfile.open(fileobj=io.BytesIO(only)) as t:
            self.assertFalse([n for n in t.getnames() if "anna" in n or "conf" in n])
        self.assertEqual(self.raw("/backup/surel-backup.tar?user=x")[0], 404)

    def test_a_large_mailbox_goes_out_while_others_work(self):
        text = message("large", ("z" * 76 + "\r\n") * 40000)
        for _ in range(8):
            self.surel.deliver(text, "budi")
        c = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=60)
        fields = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.client.cookies.items())}
        c.request("GET", "/backup/surel-backup.tar", headers=fields)
        reply = c.getresponse()
        read = len(reply.read(100000))
        self.surel.imap("anna").logout()
        self.surel.run("user", "del", "budi")  # in the middle of it
        with self.assertRaises(http.client.HTTPException):
            reply.read()
        self.assertEqual(read, 100000)
        c.close()
        if not IS_SANITIZED:
            self.assertLess(self.surel.memory_kib(), 60000)
        self.surel.imap("anna").logout()

    # --- restore -----------------------------------------------------------------------------

    def restore(self, body, headers, query=""):
        self.client.get("/backup")
        token = self.client.page.split("csrf=")[1].split('"')[0]
        return self.raw(f"/backup/restore?csrf={token}{query}", "POST", body, headers)

    def uidls(self, user):
        c = self.surel.pop3(user)
        found = [line.split()[1] for line in c.uidl()[1]]
        c.quit()
        return found

    def test_restore_brings_back_what_is_missing(self):
        self.fill()
        archive = self.raw("/backup/surel-backup.tar")[2]
        before = self.uidls("anna"), self.uidls("budi")
        self.surel.run("user", "del", "budi")
        c = self.surel.imap("anna")
        c.select("INBOX")
        c.store("1:2", "+FLAGS", r"(\Deleted)")
        c.expunge()
        c.logout()
        status, _, page = self.restore(*multipart({}, archive))
        self.assertEqual(status, 200, page)
        self.assertIn("<dt>Messages restored</dt><dd>3</dd>", page.decode())
        self.assertIn("<dt>There already</dt><dd>3</dd>", page.decode())
        self.assertIn("<dt>Users created</dt><dd>1</dd>", page.decode())
        self.assertEqual((sorted(self.uidls("anna")), self.uidls("budi")), (sorted(before[0]), before[1]))
        status, _, page = self.restore(archive, {"Content-Type": "application/x-tar"})
        self.assertEqual(status, 200, page)
        self.assertIn("<dt>Messages restored</dt><dd>0</dd>", page.decode())

    def test_settings_come_only_when_asked(self):
        self.surel.run("set", "rcpt.max" if "rcpt.max" in self.surel.run("get") else "quota.mib", "77")
        archive = self.raw("/backup/surel-backup.tar")[2]
        told = self.surel.run("get")
        self.surel.run("set", "quota.messages", "5000")
        self.restore(*multipart({}, archive))
        self.assertNotEqual(self.surel.run("get"), told)
        page = self.restore(*multipart({"settings": "yes"}, archive))[2].decode()
        self.assertIn("Settings restored", page)
        self.assertEqual(self.surel.run("get"), told)

    def test_settings_that_do_not_fit_are_told_and_stay_out(self):
        self.surel.run("set", "quota.messages", "5000")
        archive = self.raw("/backup/surel-backup.tar")[2]
        self.surel.run("set", "quota.messages", "6000")
        broken = archive.replace(b"quota.messages = 5000", b"quota.massages = 5000")
        page = self.restore(*multipart({"settings": "yes"}, broken))[2].decode()
        self.assertRegex(page, r'role="alert">.* stay as they were: <code>line \d+: unknown key')
        self.assertNotIn("Settings taken over", page)
        self.assertEqual(self.surel.run("get", "quota.messages").strip(), "6000")
        path = os.path.join(self.surel.dir, "broken.tar")
        with open(path, "wb") as f:
            f.write(broken)
        self.assertIn("settings are not taken over: line",
                      self.surel.run("restore", path, "--settings"))

    def test_bad_uploads_get_a_sentence(self):
        self.fill()
        archive = self.raw("/backup/surel-backup.tar")[2]
        self.surel.run("user", "del", "budi")
        for body, headers, sentence in (
                (*multipart({}, archive[:-5000]), "damaged or cut short"),
                (*multipart({}, b""), "No archive arrived"),
                (*multipart({}, b"\0" * 4096), "not a backup made by Surel"),
                (*multipart({}, os.urandom(MB)), "not a backup made by Surel"),
                (b"", {"Content-Type": "application/x-tar"}, "No archive arrived"),
                (b"nonsense", {"Content-Type": "multipart/form-data"}, "No archive arrived"),
                (b"--x\r\nContent-", {"Content-Type": "multipart/form-data; boundary=x"}, "No archive")):
            status, _, page = self.restore(body, headers)
            self.assertEqual(status, 422, sentence)
            self.assertIn(sentence, page.decode())
        status, _, _ = self.raw("/backup/restore?csrf=0", "POST", *multipart({}, archive))
        self.assertEqual(status, 403)
        self.assertEqual(self.raw("/backup/restore")[1]["Location"], "/backup")

    def test_an_upload_that_breaks_off_keeps_what_was_whole(self):
        for i in range(30):
            self.surel.deliver(message(f"m{i}", "x" * 4000 + "\r\n"), "budi")
        archive = self.raw("/backup/surel-backup.tar")[2]
        self.surel.run("user", "del", "budi")
        self.client.get("/backup")
        token = self.client.page.split("csrf=")[1].split('"')[0]
        body, fields = multipart({}, archive)
        c = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=60)
        c.putrequest("POST", f"/backup/restore?csrf={token}")
        c.putheader("Cookie", "; ".join(f"{k}={v}" for k, v in self.client.cookies.items()))
        c.putheader("Content-Length", str(len(body)))
        for name, value in fields.items():
            c.putheader(name, value)
        c.endheaders(body[:len(body) * 2 // 3])
        c.close()
        status, _, page = self.restore(*multipart({}, archive))
        self.assertEqual(status, 200)
        self.assertEqual(len(self.uidls("budi")), 30)
        self.assertIn("There already", page.decode())

    def test_restore_in_the_browser(self):
        self.fill()
        with tempfile.NamedTemporaryFile(suffix=".tar") as f:
            f.write(self.raw("/backup/surel-backup.tar")[2])
            f.flush()
            self.surel.run("user", "del", "budi")
            with Browser(self.surel.url()) as b:
                b.open("/login").fill(password=ADMIN).submit("main form")
                b.open("/backup").walk()
                for language, width, dark in LOOKS:
                    b.become(language, width, dark).open("/backup")
                    b.one("[name=archive]").send_keys(f.name)
                    b.submit("main form")
                    see(b, "restored")
        self.assertEqual(len(self.uidls("budi")), 1)


if __name__ == "__main__":
    unittest.main()
