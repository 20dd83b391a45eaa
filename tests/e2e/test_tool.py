"""The command line: users, settings, status, import, check; with and without a running daemon."""

import hashlib
import imaplib
import json
import mailbox
import os
import poplib
import pty
import signal
import socket
import subprocess
import termios
import unittest

from surel import BINARY, Surel, fetch_bodies, message


def netstring(octets):
    return str(len(octets)).encode() + b":" + octets + b","


class Tool(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=())
        self.addCleanup(self.surel.close)

    def make_mbox(self, count=5):
        path = os.path.join(self.surel.dir, "mbox")
        box = mailbox.mbox(path)
        for i in range(count):
            box.add(mailbox.mboxMessage(message(f"m{i}").replace(b"\r\n", b"\n")))
        box.close()
        return path

    def test_users_offline_and_online_are_the_same(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw-b\n")
        s.start()
        s.run("user", "add", "carol", input="pw-c\n")
        self.assertEqual(s.run("user", "list"), "bob\ncarol\n")
        s.passwords = {"bob": "pw-b", "carol": "pw-c"}
        for user in s.passwords:
            s.imap(user).logout()
        s.run("user", "passwd", "bob", input="new\n")
        with self.assertRaises(imaplib.IMAP4.error):
            s.imap("bob")
        s.passwords["bob"] = "new"
        s.imap("bob").logout()
        s.run("user", "del", "bob")
        with self.assertRaises(imaplib.IMAP4.error):
            s.imap("bob")
        self.assertEqual(s.run("user", "list"), "carol\n")

    def test_a_mistyped_option_deletes_nobodys_mail(self):
        s = self.surel
        for name in ("bob", "carol"):
            s.run("user", "add", name, input="pw\n")
        for args in (("bob", "--keepmail"), ("bob", "carol"), ("bob", "--keep-mail", "carol")):
            done = s.tool("user", "del", *args)
            self.assertEqual(done.returncode, 2, (args, done.stderr))
        self.assertEqual(s.run("user", "list"), "bob\ncarol\n")
        self.assertEqual(s.tool("status", "--jsno").returncode, 2)
        s.run("user", "del", "bob", "--keep-mail")
        self.assertEqual(s.run("user", "list"), "carol\n")

    def test_bob_with_a_capital_letter_is_bob(self):
        s = self.surel
        self.assertEqual(s.run("user", "add", "Bob", input="pw\n"), "user bob added\n")
        self.assertEqual(s.tool("user", "add", "bob", input="pw\n").returncode, 1)
        s.run("user", "passwd", "BOB", input="pw2\n")
        s.passwords = {"bob": "pw2"}
        path = self.make_mbox(2)
        s.run("import", "mbox", path, "--user", "BOB")
        self.assertEqual(json.loads(s.run("status", "--json"))["users"][0]["messages"], 2)
        s.start()
        self.assertEqual(s.run("import", "mbox", path, "--user", "Bob"),
                         "0 imported, 2 there already\n")
        self.assertEqual(json.loads(s.run("status", "--json"))["store"]["accounts"], 1)
        s.imap("bob").logout()

    def test_passwords_as_people_type_them(self):
        s = self.surel.start()
        for password, code in (("p\u00e4ssw\u00f6rd \u2603", 0), ("  spaces  ", 0), ("x" * 512, 0),
                               ("x" * 513, 1), ("x" * 100000, 1), ("a\0b", 1), ("a\rb", 1),
                               ("a\tb", 1), ("", 1)):
            done = s.tool("user", "add", "bob", input=password + "\n")
            self.assertEqual(done.returncode, code, (password[:20], done.stderr))
            self.assertEqual(done.stderr.count("\n"), code, done.stderr)
            if not code:
                c = s.imap(None)
                c.authenticate("PLAIN", lambda _, p=password: b"\0bob\0" + p.encode())
                c.logout()
                s.run("user", "del", "bob")
        s.run("user", "add", "bob", input="from a DOS file\r\n")
        s.passwords = {"bob": "from a DOS file"}
        s.imap("bob").logout()

    def test_the_rounds_that_are_set_are_taken(self):
        s = self.surel
        s.run("set", "auth.iterations", "5000")
        s.run("user", "add", "bob", input="pw\n")
        s.start()
        s.run("set", "auth.iterations", "6000")
        s.run("user", "add", "carol", input="pw\n")
        with open(os.path.join(s.data, "users"), encoding="ascii") as f:
            text = f.read()
        self.assertRegex(text, r"bob SCRAM-SHA-256\$5000:")
        self.assertRegex(text, r"carol SCRAM-SHA-256\$6000:")

    def test_ctrl_c_at_the_password_leaves_the_terminal_as_it_was(self):
        terminal, tool_side = pty.openpty()
        before = termios.tcgetattr(tool_side)
        # What a shell starts in the background ignores SIGINT, and so would its children.
        tool = subprocess.Popen([BINARY, "user", "add", "bob", "--data", self.surel.data],
                                stdin=tool_side, stdout=tool_side, stderr=tool_side,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        said = b""
        while b"Password: " not in said:
            said += os.read(terminal, 100)
        while termios.tcgetattr(tool_side)[3] & termios.ECHO:
            pass
        tool.send_signal(signal.SIGINT)
        self.assertEqual(tool.wait(30), -signal.SIGINT)
        self.assertEqual(termios.tcgetattr(tool_side), before)
        os.close(terminal)
        os.close(tool_side)

    def test_nothing_listens_before_there_is_a_user(self):
        s = self.surel.start()
        with self.assertRaises(OSError):
            s.imap(None)
        s.run("user", "add", "bob", input="pw\n")
        self.assertIn(b"IMAP4rev1", s.imap(None).welcome + b" ".join(
            c.encode() for c in s.imap(None).capabilities))

    def test_wrong_use_is_explained(self):
        for args, code in ((("user", "add", "Bad Name"), 2), (("user", "list", "--data"), 2),
                           (("daemon", "--listen", "nowhere"), 2), (("user", "add"), 2), (("nonsense",), 2),
                           (("set", "nosuch.key", "1"), 1), (("set", "message.max_mib", "0"), 1),
                           (("get", "nosuch.key"), 1), (("user", "del", "nobody"), 1),
                           (("import", "mbox", "/nonexistent", "--user", "bob"), 1)):
            done = self.surel.tool(*args, input="pw\n")
            self.assertEqual(done.returncode, code, (args, done.stderr))
            self.assertTrue(done.stderr.strip(), args)
        self.assertFalse(os.path.exists("--data"), "an option was taken for a value")
        self.assertIn("1 to 1024", self.surel.tool("set", "message.max_mib", "0").stderr)

    def test_settings_last_and_a_broken_file_is_refused_with_its_line(self):
        s = self.surel
        s.run("set", "message.max_mib", "7")
        self.assertEqual(s.run("get", "message.max_mib"), "7\n")
        s.start()
        self.assertEqual(s.run("get", "message.max_mib"), "7\n")
        s.run("set", "message.max_mib", "8")
        s.stop()
        self.assertEqual(s.run("get", "message.max_mib"), "8\n")
        with open(os.path.join(s.data, "surel.conf"), "a", encoding="utf-8") as f:
            f.write("\nmessage.max_mib = many\n")
        done = s.tool("get")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"line \d+: message.max_mib must be a number")

    def test_the_login_delay_that_is_announced_is_kept(self):
        s = self.surel
        s.passwords = {"bob": "pw"}
        s.run("user", "add", "bob", input="pw\n")
        s.start()
        s.run("set", "pop3.login_delay_s", "3600")
        for _ in range(3):  # two may come early: sending and receiving twice works
            c = s.pop3("bob")
            self.assertEqual(c.capa()["LOGIN-DELAY"], ["3600"])
            c.quit()
        with self.assertRaises(poplib.error_proto) as refused:
            s.pop3("bob")
        self.assertIn("[LOGIN-DELAY]", str(refused.exception))
        s.imap("bob").logout()  # POP3's delay is nobody else's
        s.run("set", "pop3.login_delay_s", "0")
        s.pop3("bob").quit()

    def test_status_tells(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        self.assertFalse(json.loads(s.run("status", "--json"))["running"])
        s.start()
        s.deliver(message("x"), "bob")
        status = json.loads(s.run("status", "--json"))
        self.assertTrue(status["running"])
        self.assertEqual(status["delivered"], 1)
        self.assertEqual(status["users"][0]["messages"], 1)
        self.assertIn("bob", s.run("status"))

    def check_import(self, online):
        s = self.surel
        s.passwords = {"bob": "pw"}
        s.run("user", "add", "bob", input="pw\n")
        path = self.make_mbox()
        if online:
            s.start()
        self.assertEqual(s.run("import", "mbox", path, "--user", "bob", "--mailbox", "Old/2026"),
                         "5 imported, 0 there already\n")
        self.assertEqual(s.run("import", "mbox", path, "--user", "bob", "--mailbox", "Old/2026"),
                         "0 imported, 5 there already\n")
        if not online:
            s.start()
        with s.imap("bob") as c:
            c.select("Old/2026", readonly=True)
            bodies = fetch_bodies(c)
        self.assertEqual(sorted(bodies.values()), sorted(message(f"m{i}") for i in range(5)))

    def test_import_offline(self):
        self.check_import(online=False)

    def test_import_online(self):
        self.check_import(online=True)

    def import_session(self, user="bob"):
        """What the tool says to the daemon, spoken by hand: (send, receive)."""
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.settimeout(30)
        s.connect(os.path.join(self.surel.data, "control"))
        f = s.makefile("rb")
        self.addCleanup(f.close)

        def receive():
            length = b""
            while not length.endswith(b":"):
                byte = f.read(1)
                if not byte:
                    return None
                length += byte
            return f.read(int(length[:-1]) + 1)[:-1].decode()

        s.sendall(netstring(b"2") + netstring(b"import") + netstring(user.encode()))
        return s.sendall, receive

    @staticmethod
    def import_header(body, date=1000000000, box="INBOX"):
        sha = hashlib.sha256(body).hexdigest()
        return netstring(f"{date} {len(body)} 0 0 {sha} {box}".encode())

    def test_the_daemon_stops_in_the_middle_of_imports(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        s.start()
        half_send, half_receive = self.import_session()
        half_send(self.import_header(message("half")))
        self.assertEqual(half_receive(), "want")
        half_send(message("half")[:50])
        send, receive = self.import_session()
        for i in range(100):
            body = message(f"m{i}")
            send(self.import_header(body))
            self.assertEqual(receive(), "want")
            send(body)
        self.assertEqual(s.stop(), 0, s.log())
        self.assertNotIn("jobs were running", s.log())
        self.assertEqual(half_receive(), "error the daemon stops")
        s.start()
        count = json.loads(s.run("status", "--json"))["users"][0]["messages"]
        self.assertIn(count, (99, 100))  # of the last one the daemon may have seen the header only

    def test_an_import_repeated_at_once_makes_no_doubles(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        s.start()
        for attempt in range(5):
            send, receive = self.import_session()
            for i in range(20):
                send(self.import_header(message(f"m{i}")))
                self.assertEqual(receive(), "have" if attempt else "want")
                if not attempt:
                    send(message(f"m{i}"))
            if not attempt:
                send(self.import_header(message("last")))  # the answer comes behind the commit
                self.assertEqual(receive(), "want")
        self.assertEqual(json.loads(s.run("status", "--json"))["users"][0]["messages"], 20)

    def test_a_user_is_deleted_while_his_mail_is_imported(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        s.start()
        send, receive = self.import_session("BOB")
        send(self.import_header(message("x")))
        self.assertEqual(receive(), "want")
        send(message("x")[:20])
        s.run("user", "del", "bob")
        self.assertEqual(receive(), "error the user was deleted")
        _, receive = self.import_session()
        self.assertEqual(receive(), "error no such user")

    def test_an_import_that_cannot_be_says_why(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        path = self.make_mbox(3)
        for online in (False, True):
            if online:
                s.start()
            for args, said in (
                    (("mbox", s.dir, "--user", "bob"), "not a file"),
                    (("maildir", s.dir, "--user", "bob"), "not a Maildir"),
                    (("mbox", path, "--user", "nobody"), "no .*user"),
                    (("mbox", "/nonexistent", "--user", "bob"), "not found")):
                done = s.tool("import", *args)
                self.assertEqual((done.returncode, done.stdout), (1, ""), args)
                self.assertRegex(done.stderr, said)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        s.run("set", "quota.messages", "1")
        done = s.tool("import", "mbox", path, "--user", "bob")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "surel: import stopped: over quota; repeat it to go on\n")

    def test_import_maildir_with_flags_dates_and_folders(self):
        s = self.surel
        s.passwords = {"bob": "pw"}
        s.run("user", "add", "bob", input="pw\n")
        root = os.path.join(s.dir, "Maildir")
        for folder in (root, os.path.join(root, ".Work.Old")):
            for part in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(folder, part))
        for name, flags in (("1.a.host", "S"), ("2.b.host", "FR"), ("3.c.host", "")):
            path = os.path.join(root, "cur", f"{name}:2,{flags}")
            with open(path, "wb") as f:
                f.write(message(name).replace(b"\r\n", b"\n"))
            os.utime(path, (1000000000, 1000000000 + int(name[0])))
        with open(os.path.join(root, ".Work.Old", "new", "4.d.host"), "wb") as f:
            f.write(message("deep"))
        s.run("import", "maildir", root, "--user", "bob")
        s.start()
        with s.imap("bob") as c:
            self.assertEqual(c.select("Work/Old", readonly=True)[1], [b"1"])
            c.select("INBOX", readonly=True)
            _, data = c.fetch("1:3", "(FLAGS INTERNALDATE)")
            text = b"\n".join(data)
            self.assertIn(rb"FLAGS (\Seen", text)
            self.assertIn(rb"\Flagged", text)
            self.assertIn(rb"\Answered", text)
            self.assertIn(b'"09-Sep-2001 01:46:41 +0000"', text.replace(b'" 9-', b'"09-'))

    def test_check_finds_a_whole_store_whole(self):
        s = self.surel
        s.run("user", "add", "bob", input="pw\n")
        with s:
            s.deliver(message("x"), "bob")
            self.assertEqual(s.tool("check").returncode, 0)
            s.stop()
            self.assertEqual(s.tool("check").returncode, 0)
            s.start()

    def test_a_thousand_users_fit_into_an_answer(self):
        s = self.surel
        s.run("user", "add", "user0", input="pw\n")
        path = os.path.join(s.data, "users")
        with open(path, encoding="ascii") as f:
            verifier = f.readlines()[-1].split()[1]
        name = "u" * 56 + "%04d"
        with open(path, "a", encoding="ascii") as f:
            f.writelines(f"{name % i} {verifier}\n" for i in range(1, 1000))
        for online in (False, True):
            if online:
                s.start()
            self.assertEqual(len(s.run("user", "list").split()), 1000)
            status = json.loads(s.run("status", "--json"))
            self.assertEqual(len(status["users"]), 1000)
            self.assertIn(name % 999, s.run("status"))
            self.assertIn("limit", s.tool("user", "add", "one-more", input="pw\n").stderr)

    def test_very_long_words_are_refused_in_words(self):
        s = self.surel.start()
        done = s.tool("set", "mail.domains", "a" * 100000)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        done = s.tool("set", "mail.domains", "a" * 1000)
        self.assertEqual(done.returncode, 1)
        self.assertIn("at most 255 bytes", done.stderr)
        c = socket.socket(socket.AF_UNIX)
        self.addCleanup(c.close)
        c.settimeout(30)
        c.connect(os.path.join(s.data, "control"))
        c.sendall(netstring(b"3") + 3 * netstring(b"a" * 30000))
        with c.makefile("rb") as f:
            self.assertIn(b"too long", f.read())

    def test_the_tour_of_the_readme_is_true(self):
        top = os.path.join(os.path.dirname(__file__), "..", "..")
        with open(os.path.join(top, "README.md"), encoding="utf-8") as f:
            tour = f.read().split("## Five minutes with a mail program", 1)[1].split("\nOr with", 1)[0]
        steps = [line[4:] for line in tour.splitlines() if line.startswith("    ")]
        self.assertGreater(len(steps), 5)
        s = self.surel.start()
        script = "set -e\n" + "\n".join(steps)
        for number in ("10025", "10993", "10995"):
            self.assertIn(number, script)
            script = script.replace(number, str(s.base + int(number) - 10000))
        script = (script.replace("PATH=$PWD/build/host:$PATH", "")
                  .replace("./var", s.data).replace("var/tls", s.data + "/tls")
                  .replace("surel user add alice", f"echo pw | {BINARY} user add alice")
                  .replace("\nsurel ", f"\n{BINARY} ").replace("-u alice", "-sS -u alice:pw"))
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("It works."), 2, done.stdout)

    def test_version_and_help(self):
        self.assertRegex(self.surel.run("version"), r"^surel \d+\.\d+")
        self.assertEqual(self.surel.run("--version"), self.surel.run("version"))
        self.assertEqual(self.surel.run("-h"), self.surel.run("help"))
        self.assertIn("surel user add", self.surel.run("help"))
        self.assertIn("Largest message", self.surel.run("set", "--help", "message.max_mib"))


if __name__ == "__main__":
    unittest.main()
