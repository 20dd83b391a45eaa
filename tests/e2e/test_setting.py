"""Settings of the house and of users, in force at once; app passwords; the administrator's password."""

import base64
import hashlib
import hmac
import imaplib
import json
import os
import poplib
import re
import signal
import unittest

from surel import Surel, message


def scram(password):
    """An authobject for imaplib that speaks SCRAM-SHA-256 (RFC 5802), and proves the server, too."""
    def make(user):
        state = {}

        def first():
            state["bare"] = f"n={user},r=client-nonce"
            return ("n,," + state["bare"]).encode()

        def final(server):
            fields = dict(f.split("=", 1) for f in server.split(","))
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]),
                                         int(fields["i"]))
            key = hmac.digest(salted, b"Client Key", "sha256")
            without = f"c={base64.b64encode(b'n,,').decode()},r={fields['r']}"
            signed = f"{state['bare']},{server},{without}".encode()
            signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
            state["v"] = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
            proof = bytes(a ^ b for a, b in zip(key, signature))
            return f"{without},p={base64.b64encode(proof).decode()}".encode()

        def step(challenge):
            text = challenge.decode()
            if not text:
                return first()
            if text.startswith("v="):
                assert base64.b64decode(text[2:]) == state["v"]
                return b""
            return final(text)
        return step
    return make


class SettingTest(unittest.TestCase):
    def setUp(self):
        self.surel = Surel()
        self.addCleanup(self.surel.close)

    def conf(self):
        with open(os.path.join(self.surel.data, "surel.conf"), encoding="utf-8") as f:
            return f.read()

    def write_conf(self, text):
        with open(os.path.join(self.surel.data, "surel.conf"), "w", encoding="utf-8") as f:
            f.write(text)

    def reload(self):
        """SIGHUP, and waits until the log has said something about it."""
        before = len(self.surel.log())
        self.surel.process.send_signal(signal.SIGHUP)
        while not re.search("settings (read again|stay as they were)", self.surel.log()[before:]):
            self.surel.run("status")  # a round through the loop, which takes signals in turn
        return self.surel.log()[before:]

    def assert_ended(self, client, words):
        """The other side has said so and closed."""
        self.assertIn(words, client.file.read())

    # --- values ------------------------------------------------------------------------------

    def test_a_user_has_values_of_his_own(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        for online in (False, True):
            if online:
                s.start()
            s.run("set", "pop3.after_download", "trash")
            s.run("set", "pop3.after_download", "archive", "--user", "Alice")
            self.assertEqual(s.run("get", "pop3.after_download"), "trash\n")
            self.assertEqual(s.run("get", "pop3.after_download", "--user=alice"), "archive\n")
            self.assertEqual(s.run("get", "pop3.after_download", "--user", "bob"), "trash\n")
            self.assertIn("[user alice]\npop3.after_download = archive\n", self.conf())
            self.assertIn("quota.mib = 0\n", s.run("get", "--user", "bob"))
            self.assertNotIn("hostname", s.run("get", "--user", "bob"))
            s.run("set", "--unset", "pop3.after_download", "--user", "alice")
            self.assertEqual(s.run("get", "pop3.after_download", "--user", "alice"), "trash\n")
            s.run("set", "--unset", "pop3.after_download")
            self.assertEqual(s.run("get", "pop3.after_download"), "keep\n")
            for args, said in ((("hostname", "x", "--user", "alice"), "whole house"),
                               (("quota.mib", "1", "--user", "nobody"), "no user nobody"),
                               (("pop3.from", "1"), "kept by Surel"),
                               (("quota.mib", "many", "--user", "alice"), "must be a number")):
                done = s.tool("set", *args)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), args)
                self.assertIn(said, done.stderr)

    def test_a_user_who_goes_takes_his_settings_along(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        for online in (False, True):
            if online:
                s.start()
                s.run("user", "add", "bob", input="pw\n")
            s.run("set", "quota.mib", "5", "--user", "bob")
            s.run("user", "device", "add", "bob", "phone")
            s.run("user", "del", "bob")
            self.assertNotIn("bob", self.conf())
            with open(os.path.join(s.data, "users"), encoding="ascii") as f:
                self.assertNotIn("bob", f.read())

    def test_a_quota_of_his_own_counts_at_once(self):
        s = self.surel.start()
        s.deliver(message("one"))
        s.run("set", "quota.messages", "1", "--user", "alice")
        self.assertEqual(s.lmtp_replies(message("two"), "alice"), [("alice", 452)])
        s.run("set", "quota.messages", "2", "--user", "alice")
        s.deliver(message("two"))

    # --- the file ----------------------------------------------------------------------------

    def test_a_broken_file_is_refused_and_the_last_good_one_counts(self):
        s = self.surel
        s.run("set", "message.max_mib", "7")
        s.start()
        for text, said in (
                ("message.max_mib = 9\nmessage.max_mib = many\n", "line 2: message.max_mib must be a number"),
                ("message.max_mib = 9\n[user alice]\nhostname = x\n", "line 3: hostname belongs to"),
                ("message.max_mib = 9\n[user alice\n", "line 2: expected `[user NAME]`"),
                ("message.max_mib = 9\n[user a b]\n", "line 2: this is no name"),
                ("message.max_mib = 9\n\nno.such = 1\n", "line 3: unknown key")):
            self.write_conf(text)
            self.assertIn(said, self.reload())
            self.assertIn(b"SIZE 7340032", self.ehlo())
            s.pop3().quit()
        self.write_conf("message.max_mib = 9\n[user nobody]\nquota.mib = 1\n")
        log = self.reload()
        self.assertIn("nobody, who is no user", log)
        self.assertIn(b"SIZE 9437184", self.ehlo())
        s.run("set", "quota.mib", "3", "--user", "alice")
        self.assertIn("[user nobody]\nquota.mib = 1\n", self.conf())  # kept
        s.stop()
        self.write_conf("[user alice]\npop3.access = maybe\n")
        with self.assertRaises(RuntimeError) as refused:
            s.start()
        self.assertIn("line 2: pop3.access must be one of", str(refused.exception))
        s.process = None

    def ehlo(self):
        with self.surel.smtp() as c:
            return c.ehlo()[1]

    def test_a_changed_file_counts_as_a_changed_setting_does(self):
        s = self.surel.start()
        c = s.pop3()
        self.write_conf("pop3.enabled = no\n[user alice]\npop3.access = from-now-on\n")
        self.reload()
        self.assert_ended(c, b"-ERR")
        self.assertRaises(ConnectionRefusedError, s.socket, "pop3")
        self.assertRegex(self.conf(), r"pop3.from = \d{9,}\n")

    # --- in force at once --------------------------------------------------------------------

    def test_protocols_are_switched_while_they_are_used(self):
        s = self.surel.start()
        for protocol, names, words in (("imap", ("imap", "imaps"), b"* BYE"),
                                       ("pop3", ("pop3", "pop3s"), b"-ERR"),
                                       ("smtp", ("smtp",), b"421"), ("lmtp", ("lmtp",), b"421"),
                                       ("submission", ("submission",), b"421")):
            sock, f = s.socket(names[0])
            other, g = s.socket("lmtp" if protocol != "lmtp" else "smtp")
            s.run("set", protocol + ".enabled", "no")
            self.assertTrue(f.read().startswith(words), protocol)
            sock.close()
            for name in names:
                with self.assertRaises(OSError):
                    s.socket(name)
            g.write(b"NOOP\r\n")
            self.assertTrue(g.readline().startswith(b"250"))
            other.close()
            s.run("set", protocol + ".enabled", "yes")
            s.socket(names[0])[0].close()
        self.assertTrue(s.imap(tls=True).logout())

    def test_encryption_and_the_name_are_switched_while_it_runs(self):
        s = self.surel.start()
        s.run("set", "hostname", "post.example")
        with s.smtp() as c:
            self.assertIn(b"post.example", c.ehlo()[1])
        context = s.ssl()
        with imaplib.IMAP4_SSL("localhost", s.port("imaps"), ssl_context=context) as c:
            names = [n for _, n in c.socket().getpeercert()["subjectAltName"]]
            self.assertIn("post.example", names)
        s.run("set", "tls.enabled", "no")
        self.assertRaises(ConnectionRefusedError, s.socket, "imaps")
        self.assertNotIn("STARTTLS", s.imap(None).capabilities)
        s.run("set", "tls.enabled", "yes")
        s.imap(tls=True).logout()

    def test_a_changed_policy_ends_the_sessions_it_concerns(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        s.passwords["bob"] = "pw"
        s.start()
        alice, bob, imap = s.pop3(), s.pop3("bob"), s.imap()
        s.run("set", "pop3.after_download", "archive", "--user", "alice")
        self.assert_ended(alice, b"-ERR")
        bob.noop()
        imap.noop()
        s.run("set", "imap.access", "no", "--user", "alice")
        self.assert_ended(imap, b"* BYE")
        with self.assertRaises(imaplib.IMAP4.error):
            s.imap()
        s.imap("bob").logout()
        s.run("set", "pop3.access", "off")
        self.assert_ended(bob, b"-ERR")
        with self.assertRaises(poplib.error_proto):
            s.pop3("bob")
        s.run("set", "pop3.access", "all", "--user", "bob")
        s.pop3("bob").quit()

    def test_capa_tells_the_strictest_before_login_and_the_own_after_it(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        s.passwords["bob"] = "pw"
        s.start()
        self.assertEqual(s.pop3(None).capa()["EXPIRE"], ["NEVER"])
        s.run("set", "pop3.delete_after_days", "30", "--user", "alice")
        self.assertEqual(s.pop3(None).capa()["EXPIRE"], ["30", "USER"])
        s.run("set", "pop3.after_download", "delete", "--user", "bob")
        self.assertEqual(s.pop3(None).capa()["EXPIRE"], ["0", "USER"])
        self.assertEqual(s.pop3("bob").capa()["EXPIRE"], ["0"])
        self.assertEqual(s.pop3().capa()["EXPIRE"], ["30"])
        s.run("user", "del", "bob")
        self.assertEqual(s.pop3(None).capa()["EXPIRE"], ["30", "USER"])

    # --- app passwords -----------------------------------------------------------------------

    def pop3_as(self, user, password):
        c = poplib.POP3("127.0.0.1", self.surel.port("pop3"), timeout=30)
        c.user(user)
        c.pass_(password)
        return c

    def imap_as(self, user, password):
        c = self.surel.imap(None)
        c.login(user, password)
        return c

    def scram_as(self, user, password):
        c = self.surel.imap(None)
        c.authenticate("SCRAM-SHA-256", scram(password)(user))
        return c

    def test_an_app_password_lets_one_device_in_until_it_is_revoked(self):
        s = self.surel
        offline = s.run("user", "device", "add", "alice", "Tablet").strip()
        s.start()
        phone = s.run("user", "device", "add", "alice", "phone").strip()
        for secret in (phone, offline):
            self.assertRegex(secret, r"^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$")
        self.assertNotEqual(phone, offline)
        self.assertRegex(s.run("user", "device", "list", "alice"),
                         r"^tablet\t\d{4}-\d\d-\d\d\nphone\t\d{4}-\d\d-\d\d\n$")
        for login in (self.pop3_as, self.imap_as):
            for _ in range(2):  # the second time it is recalled
                login("alice", phone)
                login("alice+phone", phone)
                login("alice+tablet", offline)
                login("alice+phone", "secret-a")
                login("alice", "secret-a")
            for user, password in (("alice+tablet", phone), ("alice+phone", offline),
                                   ("alice", phone.upper()), ("bob", phone)):
                with self.assertRaises((imaplib.IMAP4.error, poplib.error_proto)):
                    login(user, password)
        self.scram_as("alice+phone", phone).noop()
        self.scram_as("alice+tablet", offline)
        self.scram_as("alice", "secret-a")
        self.scram_as("alice+other", "secret-a")
        for user, password in (("alice", phone), ("alice+tablet", phone), ("alice+phone", "secret-a")):
            with self.assertRaises(imaplib.IMAP4.error):
                self.scram_as(user, password)

        kept, lost = self.imap_as("alice", offline), self.imap_as("alice", phone)
        s.run("user", "device", "del", "alice", "Phone")
        self.assert_ended(lost, b"* BYE")
        kept.noop()
        for login, user in ((self.pop3_as, "alice"), (self.imap_as, "alice+phone"),
                            (self.scram_as, "alice+phone")):
            with self.assertRaises((imaplib.IMAP4.error, poplib.error_proto)):
                login(user, phone)
        s.stop()
        s.start()
        self.imap_as("alice", offline)

    def test_wrong_use_of_devices_is_explained(self):
        s = self.surel
        s.run("user", "device", "add", "alice", "phone")
        for args, code in ((("add", "alice", "my phone"), 2), (("add", "alice", "x" * 33), 2),
                           (("add", "alice", "PHONE"), 1), (("add", "nobody", "x"), 1),
                           (("del", "alice", "x"), 1), (("list", "nobody"), 1), (("list",), 2),
                           (("frob", "alice"), 2)):
            done = s.tool("user", "device", *args)
            self.assertEqual((done.returncode, done.stdout), (code, ""), args)
            self.assertTrue(done.stderr.strip(), args)
        for i in range(15):
            s.run("user", "device", "add", "alice", f"d{i}")
        self.assertIn("at most 16", s.tool("user", "device", "add", "alice", "d16").stderr)

    def test_the_administrators_password_is_kept_as_a_verifier(self):
        s = self.surel
        path = os.path.join(s.data, "admin")
        for online in (False, True):
            if online:
                s.start()
            s.run("admin", "passwd", input=f"the boss {online}\n")
            with open(path, encoding="ascii") as f:
                self.assertRegex(f.read(), r"^SCRAM-SHA-256\$\d+:\S+\$\S+:\S+\n$")
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(s.tool("admin", "passwd", input="\n").returncode, 1)
        s.stop()
        with open(path, "w", encoding="ascii") as f:
            f.write("damaged")
        self.assertRaises(RuntimeError, s.start)  # never as if there were none
        s.process = None

    # --- last logins -------------------------------------------------------------------------

    def test_last_logins_are_kept_over_a_stop(self):
        s = self.surel.start()
        secret = s.run("user", "device", "add", "alice", "phone").strip()
        c = s.imap(None)
        c.xatom("ID", '("name" "Tb" "version" "1.2")')
        c.login("alice", "secret-a")
        for _ in range(3):
            self.pop3_as("alice", secret).quit()
        self.assertEqual(s.stop(), 0)
        with open(os.path.join(s.data, "logins"), encoding="utf-8") as f:
            rows = [line.split("\t") for line in f.read().splitlines()]
        self.assertEqual([(r[0], r[2], r[4], r[5], r[6], r[7]) for r in rows],
                         [("alice", "1", "3", "127.0.0.1", "phone", ""),
                          ("alice", "0", "1", "127.0.0.1", "", "Tb 1.2")])
        with open(os.path.join(s.data, "logins"), "w", encoding="utf-8") as f:
            f.write("damaged")
        s.start()
        self.assertIn("begins anew", s.log())
        self.assertTrue(json.loads(s.run("status", "--json"))["running"])


if __name__ == "__main__":
    unittest.main()
