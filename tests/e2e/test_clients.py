"""Real mail programs against the real daemon: curl, mbsync, fetchmail, getmail, mutt."""

import glob
import os
import stat
import subprocess
import unittest

from surel import Surel, fetch_bodies, message, strip_trace


class Clients(unittest.TestCase):
    def setUp(self):
        self.surel = Surel(users=(("alice", "secret-a"), ("bob", "secret-b"))).start()
        self.home = os.path.join(self.surel.dir, "home")
        os.mkdir(self.home)
        self.sent = [message(f"m{i}", f"Message {i}\r\n.leading dot\r\n\r\nend\r\n") for i in range(5)]
        for m in self.sent:
            self.surel.deliver(m, "alice")

    def tearDown(self):
        self.assertEqual(self.surel.close(), 0)

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def client(self, *args, input=None, ok=(0,)):
        done = subprocess.run(args, input=input, capture_output=True, timeout=120, check=False,
                              cwd=self.home,
                              env={"HOME": self.home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "vt100",
                                   "FETCHMAILHOME": self.home, "TMPDIR": self.home,
                                   "SSL_CERT_FILE": self.surel.ca})
        self.assertIn(done.returncode, ok, (args, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def inbox(self, user="alice", mailbox="INBOX"):
        with self.surel.imap(user) as c:
            c.select(mailbox, readonly=True)
            return [strip_trace(b) for _, b in sorted(fetch_bodies(c).items())]

    # --- curl --------------------------------------------------------------------------------

    def curl(self, url, *args):
        return self.client("curl", "-sS", "--cacert", self.surel.ca, "-u", "alice:secret-a", *args, url)

    def test_curl_imaps(self):
        base = f"imaps://localhost:{self.surel.port('imaps')}"
        self.assertEqual(strip_trace(self.curl(base + "/INBOX;MAILINDEX=2")), self.sent[1])
        self.assertIn(b"* SEARCH 3", self.curl(base + "/INBOX?SUBJECT%20m2"))
        upload = self.write("up.eml", message("uploaded").decode())
        self.curl(base + "/INBOX", "-T", upload)
        self.assertEqual(len(self.inbox()), 6)
        self.curl(base + "/INBOX", "-X", "STORE 1 +FLAGS (\\Deleted)")
        self.curl(base + "/INBOX", "-X", "EXPUNGE")
        self.assertEqual(len(self.inbox()), 5)

    def test_curl_imap_starttls(self):
        url = f"imap://localhost:{self.surel.port('imap')}/INBOX;MAILINDEX=1"
        self.assertEqual(strip_trace(self.curl(url, "--ssl-reqd")), self.sent[0])

    def test_curl_pop3s(self):
        base = f"pop3s://localhost:{self.surel.port('pop3s')}"
        self.assertEqual(len(self.curl(base + "/").splitlines()), 5)
        self.assertEqual(strip_trace(self.curl(base + "/2")), self.sent[1])
        self.curl(base + "/1", "-X", "DELE", "-l")
        self.assertEqual(len(self.inbox()), 4)

    def test_curl_pop3_starttls_scram(self):
        url = f"pop3://localhost:{self.surel.port('pop3')}/3"
        self.assertEqual(strip_trace(self.curl(url, "--ssl-reqd")), self.sent[2])
        self.assertEqual(strip_trace(self.curl(url, "--ssl-reqd", "--login-options", "AUTH=PLAIN")),
                         self.sent[2])

    def test_curl_smtp(self):
        upload = self.write("up.eml", message("by curl").decode())
        self.curl(f"smtp://localhost:{self.surel.port('submission')}", "--ssl-reqd", "--mail-from",
                  "alice@example.org", "--mail-rcpt", "bob@example.org", "-T", upload)
        self.assertEqual(self.inbox("bob"), [message("by curl")])

    # --- mbsync ------------------------------------------------------------------------------

    def test_mbsync_both_ways(self):
        self.write(".mbsyncrc", f"""
IMAPStore far
Host localhost
Port {self.surel.port('imaps')}
User alice
Pass secret-a
SSLType IMAPS
CertificateFile {self.surel.ca}

MaildirStore near
Path {self.home}/mail/
Inbox {self.home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Remove Both
SyncState *
""")
        os.makedirs(self.home + "/mail")
        self.client("mbsync", "-a")

        def files(folder="INBOX"):
            return sorted(glob.glob(f"{self.home}/mail/{folder}/cur/*") +
                          glob.glob(f"{self.home}/mail/{folder}/new/*"))

        self.assertEqual(len(files()), 5)
        self.client("mbsync", "-a")
        self.assertEqual(len(files()), 5)
        # Near: one deleted, one flagged, one new, and a folder of its own. Far: one more.
        here = files()
        os.unlink(here[0])
        os.rename(here[1], here[1].replace("/new/", "/cur/").split(":2,")[0] + ":2,FS")
        with open(f"{self.home}/mail/INBOX/new/1700000000.1_1.near", "wb") as f:
            f.write(message("near").replace(b"\r\n", b"\n"))
        for part in ("cur", "new", "tmp"):
            os.makedirs(f"{self.home}/mail/Project/{part}")
        with open(f"{self.home}/mail/Project/new/1700000000.1_2.near", "wb") as f:
            f.write(message("project").replace(b"\r\n", b"\n"))
        self.surel.deliver(message("far"), "alice")
        self.client("mbsync", "-a")
        self.client("mbsync", "-a")
        self.assertEqual(len(files()), 6)
        self.assertEqual(len(self.inbox()), 6)
        self.assertIn(b"Subject: project", self.inbox(mailbox="Project")[0])
        with self.surel.imap() as c:
            c.select()
            self.assertEqual(len(c.search(None, "FLAGGED", "SEEN")[1][0].split()), 1)

    # --- fetchmail ---------------------------------------------------------------------------

    def fetchmail(self, protocol, port, *options, server=""):
        sink = self.write("sink.sh", "#!/bin/sh\ncat >>\"$HOME/sunk\"\necho >>\"$HOME/count\"\n", 0o700)
        rc = self.write("fetchmailrc", f"""
poll localhost protocol {protocol} service {self.surel.port(port)} no dns {server}
user alice password secret-a ssl sslcertfile {self.surel.ca} sslcertck
mda "{sink}" {' '.join(options)}
""", 0o600)
        os.chmod(self.home, stat.S_IRWXU)
        self.client("fetchmail", "-f", rc, "--pidfile", self.home + "/pid", "-v", "--nosyslog",
                    ok=(0, 1))
        try:
            with open(self.home + "/count", encoding="ascii") as f:
                return len(f.readlines())
        except FileNotFoundError:
            return 0

    def test_fetchmail_pop3_keep_then_delete(self):
        self.assertEqual(self.fetchmail("pop3", "pop3s", "keep", server="uidl"), 5)
        self.assertEqual(self.fetchmail("pop3", "pop3s", "keep", server="uidl"), 5)  # nothing twice
        self.surel.deliver(message("later"), "alice")
        self.assertEqual(self.fetchmail("pop3", "pop3s", "keep", server="uidl"), 6)
        self.assertEqual(len(self.inbox()), 6)
        self.fetchmail("pop3", "pop3s", "nokeep", "fetchall")
        self.assertEqual(self.inbox(), [])

    def test_fetchmail_imap_keep_then_delete(self):
        self.assertEqual(self.fetchmail("imap", "imaps", "keep"), 5)
        self.assertEqual(self.fetchmail("imap", "imaps", "keep"), 5)
        self.assertEqual(len(self.inbox()), 5)
        self.assertEqual(self.fetchmail("imap", "imaps", "nokeep", "fetchall"), 10)
        self.assertEqual(self.inbox(), [])

    # --- getmail -----------------------------------------------------------------------------

    def getmail(self, kind, port, delete):
        os.makedirs(f"{self.home}/got", exist_ok=True)
        # A program of ours takes the mail: getmail does not write Maildirs as root.
        sink = self.write("keep.sh", "#!/bin/sh\ncat >\"$(mktemp \"$HOME/got/XXXXXX\")\"\n", 0o700)
        self.write("getmailrc", f"""
[retriever]
type = {kind}
server = localhost
port = {self.surel.port(port)}
username = alice
password = secret-a
ca_certs = {self.surel.ca}

[destination]
type = MDA_external
path = {sink}
allow_root_commands = true

[options]
delete = {'true' if delete else 'false'}
read_all = false
delivered_to = false
received = false
""")
        self.client("getmail", "--getmaildir", self.home, "--rcfile", "getmailrc")
        return sorted(glob.glob(f"{self.home}/got/*"))

    def check_getmail(self, kind, port):
        got = self.getmail(kind, port, delete=False)
        self.assertEqual(len(got), 5)
        bodies = []
        for path in got:
            with open(path, "rb") as f:
                text = strip_trace(f.read().replace(b"\n", b"\r\n"))
            # getmail's own addition to the header.
            bodies.append(text.replace(b"X-getmail-retrieved-from-mailbox: INBOX\r\n", b""))
        self.assertEqual(sorted(bodies), sorted(self.sent))
        self.assertEqual(len(self.getmail(kind, port, delete=False)), 5)
        self.surel.deliver(message("later"), "alice")
        self.assertEqual(len(self.getmail(kind, port, delete=True)), 6)
        self.assertEqual(self.inbox(), [])

    def test_getmail_pop3(self):
        self.check_getmail("SimplePOP3SSLRetriever", "pop3s")

    def test_getmail_imap(self):
        self.check_getmail("SimpleIMAPSSLRetriever", "imaps")

    # --- mutt --------------------------------------------------------------------------------

    def test_mutt_in_batch(self):
        folder = f"imaps://alice@localhost:{self.surel.port('imaps')}/"
        rc = self.write("muttrc", f"""
set imap_user=alice imap_pass=secret-a
set certificate_file={self.surel.ca} ssl_usesystemcerts=no
set folder={folder} spoolfile={folder}INBOX
set delete=yes move=no confirmappend=no mail_check=0 sort=mailbox-order
set copy=no
push "<tag-pattern>~s m1<enter><tag-prefix><save-message>=Archive<enter>y<delete-pattern>~s m2<enter><sync-mailbox><exit>"
""")
        self.client("script", "-qec", f"stty rows 24 cols 80; mutt -n -F {rc}", "/dev/null", input=b"", ok=(0,))
        self.assertEqual([b for b in self.inbox() if b"Subject: m1" in b or b"Subject: m2" in b], [])
        self.assertEqual(self.inbox(mailbox="Archive"), [self.sent[1]])


if __name__ == "__main__":
    unittest.main()
