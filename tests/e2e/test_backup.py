"""Backup, restore and export by the tool, with and without a running daemon."""

import mailbox
import os
import random
import tarfile
import unittest

from surel import Surel, append_exactly, fetch_bodies, message

WEIRD = "a&AOQ-\u00e4/..x/50% \"quoted\""  # as a name that people gave, in UTF-8


def utf7(name):
    """IMAP's modified UTF-7."""
    out, run = "", ""
    for c in name + "\0":
        if c != "\0" and (ord(c) < 32 or ord(c) > 126):
            run += c
            continue
        if run:
            out += "&" + run.encode("utf-7").decode()[1:-1].replace("/", ",") + "-"
            run = ""
        out += "&-" if c == "&" else c.rstrip("\0")
    return out


def quoted(name):
    return '"' + utf7(name).replace("\\", "\\\\").replace('"', '\\"') + '"'


class Backup(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=(("alice", "pw-a"), ("bob", "pw-b")))
        self.addCleanup(self.surel.close)
        self.archive = os.path.join(self.surel.dir, "backup.tar")

    def fill(self, surel):
        """Mail with flags, keywords, dates, in odd mailboxes; large, 8-bit, without a line end."""
        for i in range(7):
            surel.deliver(message(f"m{i}"), "alice")
        surel.deliver(message("large", "x" * 70 + "\r\n" + "From here\r\n>From there\r\n" * 5000), "bob")
        c = surel.imap("alice")
        self.assertEqual(c.create(quoted(WEIRD))[0], "OK")
        c.subscribe('"only subscribed"')
        c.append("Sent", r"(\Seen $Forwarded)", '"17-Jul-1996 02:44:25 -0700"', message("sent"))
        append_exactly(c, quoted(WEIRD), b"A: 1\r\n\r\n\xff\xfe no end")
        append_exactly(c, quoted(WEIRD), b"\r\n")
        c.select("INBOX")
        c.store("1:3", "+FLAGS", r"(\Seen)")
        c.store("2", "+FLAGS", r"(\Flagged my-keyword)")
        c.uid("MOVE", "5", "Archive")
        c.logout()

    def uidls(self, surel, user):
        c = surel.pop3(user)
        lines = [line.split()[1] for line in c.uidl()[1]]
        c.quit()
        return lines

    def everything(self, surel):
        """What a client sees of all mailboxes of both users."""
        seen = {}
        for user in ("alice", "bob"):
            c = surel.imap(user)
            names = [line.split(b' "/" ')[1].decode() for line in c.list()[1]]
            seen[user, "subscribed"] = sorted(line.split(b' "/" ')[1] for line in c.lsub()[1])
            for name in names:
                if c.select(name, readonly=True)[1] == [b"0"]:
                    seen[user, name] = ()
                    continue
                _, data = c.fetch("1:*", "(FLAGS INTERNALDATE RFC822.SIZE)")
                flags = [d.split(b"(", 1)[1].replace(rb" \Recent", b"").replace(rb"\Recent", b"")
                         for d in data if d]
                bodies = [body for _, body in sorted(fetch_bodies(c).items())]
                seen[user, name] = ([sorted(f.split(b" ")) for f in flags], bodies)
            c.logout()
        return seen

    def other(self):
        other = Surel(users=())
        self.addCleanup(other.close)
        other.passwords = dict(self.surel.passwords)
        return other

    def test_an_empty_box_becomes_what_the_other_was(self):
        s = self.surel.start()
        self.fill(s)
        before, uidls = self.everything(s), [self.uidls(s, u) for u in s.passwords]
        online = s.tool("backup", self.archive)
        self.assertEqual(online.returncode, 0, online.stderr)
        self.assertIn("11 messages of 2 users", online.stderr)
        s.stop()
        offline = os.path.join(s.dir, "offline.tar")
        s.run("backup", offline)
        with tarfile.open(self.archive) as one, tarfile.open(offline) as two:
            self.assertEqual([m.name for m in one], [m.name for m in two])
        for is_online in (False, True):
            with self.subTest(is_online=is_online):
                other = self.other()
                if is_online:
                    other.start()
                said = other.run("restore", self.archive)
                self.assertIn("11 messages restored, 0 there already\n2 users", said)
                if not is_online:
                    other.start()
                self.assertEqual(self.everything(other), before)
                self.assertEqual([self.uidls(other, u) for u in s.passwords], uidls)
                again = other.run("restore", self.archive)
                self.assertIn("0 messages restored, 11 there already\n0 users and 0 mail", again)
                self.assertEqual(self.everything(other), before)

    def test_nothing_that_is_there_changes(self):
        s = self.surel.start()
        self.fill(s)
        s.run("backup", self.archive)
        s.run("user", "passwd", "alice", input="new-a\n")
        s.passwords["alice"] = "new-a"
        c = s.imap("alice")
        c.select("INBOX")
        c.store("1:2", "+FLAGS", r"(\Deleted)")
        c.expunge()
        c.store("1", "+FLAGS", r"(\Answered)")
        c.logout()
        s.deliver(message("later"), "alice")
        self.assertIn("2 messages restored, 9 there already", s.run("restore", self.archive))
        c = s.imap("alice")
        c.select("INBOX", readonly=True)
        _, data = c.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        subjects = [d[1].split(b": ")[1].split(b"\r")[0] for d in data if isinstance(d, tuple)]
        self.assertEqual(sorted(subjects), [b"later", b"m0", b"m1", b"m2", b"m3", b"m5", b"m6"])
        self.assertIn(rb"\Answered", data[0][0])
        c.logout()

    def test_what_is_whole_of_a_cut_archive_is_kept(self):
        s = self.surel.start()
        self.fill(s)
        before = self.everything(s)
        s.run("backup", self.archive)
        with open(self.archive, "rb") as f:
            whole = f.read()
        rng = random.Random(4)
        other = self.other().start()
        kept = 0
        for cut in sorted(rng.sample(range(1500, len(whole) - 1024), 12)):
            done = other.tool("restore", "-", input=None) if cut < 0 else None
            path = os.path.join(s.dir, "cut.tar")
            with open(path, "wb") as f:
                f.write(whole[:cut])
            done = other.tool("restore", path)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stdout, r"the archive ends at octet \d+")
            self.assertIn("cut short", done.stdout)
            kept += int(done.stdout.split(" ")[0])
        self.assertGreater(kept, 3)
        last = other.run("restore", self.archive)
        self.assertIn(f"{11 - kept} messages restored, {kept} there already", last)
        self.assertEqual(self.everything(other), before)

    def test_what_is_no_archive_is_refused_with_a_reason(self):
        s = self.surel.start()
        s.run("backup", self.archive)
        with open(self.archive, "rb") as f:
            whole = f.read()
        foreign = os.path.join(s.dir, "foreign.tar")
        with tarfile.open(foreign, "w") as t:
            t.add(s.log_path, "x")
        for name, octets, why in (("empty", b"", "cut short"), ("noise", b"x" * 5000, "no archive"),
                                  ("later", whole.replace(b"format = 1", b"format = 7"), "another version"),
                                  ("foreign", open(foreign, "rb").read(), "no backup made by Surel")):
            path = os.path.join(s.dir, name)
            with open(path, "wb") as f:
                f.write(octets)
            done = s.tool("restore", path)
            self.assertEqual(done.returncode, 1, name)
            self.assertIn(why, done.stdout, name)
        self.assertEqual(s.tool("restore", "/nonexistent").returncode, 1)
        self.assertEqual(s.tool("backup", self.archive, "--user", "nobody").returncode, 1)
        self.assertEqual(s.tool("backup").returncode, 2)
        s.imap("alice").logout()

    def test_one_users_mail_alone(self):
        s = self.surel.start()
        self.fill(s)
        s.run("backup", self.archive, "--user", "bob")
        with tarfile.open(self.archive) as t:
            self.assertFalse([m.name for m in t if "alice" in m.name or "conf" in m.name])
        other = self.other().start()
        self.assertIn("1 messages restored", other.run("restore", self.archive))
        self.assertEqual(other.run("user", "list"), "bob\n")
        other.imap("bob").logout()

    def test_export_is_read_by_others(self):
        s = self.surel.start()
        self.fill(s)
        c = s.imap("alice")
        c.select(quoted(WEIRD), readonly=True)
        weird = list(fetch_bodies(c).values())
        c.select("INBOX", readonly=True)
        inbox = [b for _, b in sorted(fetch_bodies(c).items())]
        c.logout()
        boxes = os.path.join(s.dir, "mbox")
        self.assertEqual(s.run("export", "mbox", boxes), "11 messages exported\n")
        box = mailbox.mbox(os.path.join(boxes, "alice", "INBOX.mbox"), create=False)
        self.assertEqual(len(box), 6)
        self.assertEqual([m.get_flags() for m in box], ["RO", "ROF", "RO", "O", "O", "O"])
        self.assertEqual(box[1]["X-Keywords"], "my-keyword")
        self.assertEqual(box[0]["Subject"], "m0")
        for exported, original in zip(box, inbox):
            self.assertEqual(exported.get_payload(), original.decode().split("\r\n\r\n", 1)[1]
                             .replace("\r\n", "\n"))
        large = mailbox.mbox(os.path.join(boxes, "bob", "INBOX.mbox"), create=False)
        self.assertEqual(len(large), 1)
        found = os.path.join(boxes, "alice", "a&AOQ-\u00e4", "%2e.x", "50%25 \"quoted\".mbox")
        self.assertTrue(os.path.exists(found), os.listdir(os.path.join(boxes, "alice")))
        self.assertEqual(s.tool("export", "mbox", boxes).returncode, 1)
        folders = os.path.join(s.dir, "maildir")
        s.run("export", "maildir", folders, "--user", "alice")
        md = mailbox.Maildir(os.path.join(folders, "alice"), create=False)
        self.assertEqual(len(md), 6)
        self.assertEqual(sorted(m.get_flags() for m in md), ["", "", "", "FS", "S", "S"])
        self.assertIn("Archive", md.list_folders())
        sent = next(iter(md.get_folder("Sent")))
        self.assertEqual((sent.get_flags(), int(sent.get_date())), ("PS", 837596665))
        other = self.other()
        other.run("user", "add", "alice", input="pw-a\n")
        other.run("import", "maildir", os.path.join(folders, "alice"), "--user", "alice")
        other.run("user", "add", "bob", input="pw-b\n")
        other.run("import", "mbox", os.path.join(boxes, "bob", "INBOX.mbox"), "--user", "bob",
                  "--mboxrd")
        other.start()
        self.assertEqual(len(weird), 2)
        c, d = s.imap("bob"), other.imap("bob")
        for client in (c, d):
            client.select("INBOX", readonly=True)
        one, two = list(fetch_bodies(c).values())[0], list(fetch_bodies(d).values())[0]
        self.assertTrue(two.endswith(one.split(b"\r\n", 1)[1]))
        c.logout()
        d.logout()

    def test_settings_come_back_when_asked(self):
        s = self.surel
        s.run("set", "rcpt.max" if "rcpt.max" in s.run("get") else "log.level", "debug"
              if "rcpt.max" not in s.run("get") else "77")
        s.run("backup", self.archive)
        other = self.other()
        before = other.run("get")
        other.run("restore", self.archive)
        self.assertEqual(other.run("get"), before)
        self.assertIn("settings taken over", other.run("restore", self.archive, "--settings"))
        self.assertEqual(other.run("get"), s.run("get"))

    def test_quota_refuses_and_the_rest_goes_on(self):
        s = self.surel.start()
        self.fill(s)
        s.run("backup", self.archive)
        other = self.other()
        other.run("set", "quota.messages", "3")
        other.start()
        said = other.run("restore", self.archive)
        self.assertIn("4 messages restored", said)
        self.assertIn("7 messages had no room", said)


if __name__ == "__main__":
    unittest.main()
