"""A data directory with something of everything in it, and all that can be seen of one from outside.

For tests that open what another machine or another version wrote, and for tests/data/keep.py, which keeps
such directories. Two users, a device, an administrator, settings of the house and of one user; mailboxes,
flags, keywords, dates, copies, gaps, long and odd bodies; and what POP3 clients took, which is kept as notes.
"""

import hashlib
import http.cookiejar
import imaplib
import re
import urllib.parse
import urllib.request

from surel import append_exactly, message

NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME
USERS = {"alice": "secret-alice", "bob": "secret-bob"}
ADMIN = "the keys of the house"
DEVICE = "alice+phone"
SETTINGS = (("hostname", "box.example"), ("store.deflate", 2), ("auth.iterations", 4096), ("net.per_user", 9),
            ("trash.empty_days", 0), ("junk.empty_days", 0))
OF_ALICE = (("pop3.devices", "own"), ("pop3.show_again", "no"), ("pop3.client_delete", "hide"),
            ("pop3.after_download", "mark-read"))
BOXES = ("Family", "Family/2026", "Lists &- more", "Entw&APw-rfe")

MULTIPART = (b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: alice@example.org\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n"
             b"Date: Tue, 24 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
             b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"
             b"--b\r\nContent-Type: application/octet-stream; name=data\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n"
             b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\nSubject: within\r\n\r\ntext\r\n--b--\r\n")


def furnish(surel):
    """Into a directory that is empty; the daemon runs afterwards."""
    surel.passwords = dict(USERS)
    for key, value in SETTINGS:
        surel.run("set", key, str(value))
    for name, password in USERS.items():
        surel.run("user", "add", name, input=password + "\n")
    for key, value in OF_ALICE:
        surel.run("set", key, str(value), "--user", "alice")
    surel.passwords[DEVICE] = surel.run("user", "device", "add", *DEVICE.split("+")).split()[0]
    surel.run("admin", "passwd", input=ADMIN + "\n")
    surel.start()
    for i in range(24):
        body = "A line of text, and one more.\r\n" * (1 if i % 7 else 40 * i)
        surel.deliver(message(f"letter-{i}", body), *(("alice",) if i % 3 else ("alice", "bob")))
    arrange(surel.imap())
    for login in ("alice", DEVICE):
        take(surel, login, ("letter-4", "letter-9"))
    take(surel, "alice", ("letter-10",), dele=("letter-11",))


def done(reply):
    """What the server said, which was OK."""
    if reply[0] != "OK":
        raise AssertionError(reply)
    return reply[1]


def arrange(c):
    for name in BOXES:
        done(c.create(f'"{name}"'))
    done(c.subscribe('"only subscribed"'))
    done(c.append("Sent", r"(\Seen $Forwarded)", '"17-Jul-1996 02:44:25 -0700"', message("sent")))
    done(c.append("Drafts", r"(\Draft)", '"01-Jan-2038 00:00:00 +0000"', message("before the end of 32 bits")))
    done(c.append('"Lists &- more"', r"(\Flagged my-keyword)", '" 8-Feb-2106 06:28:16 +0000"', MULTIPART))
    done(append_exactly(c, '"Entw&APw-rfe"', b"A: 1\r\n\r\n\xff\xfe no end"))
    done(append_exactly(c, '"Entw&APw-rfe"', b"\r\n"))
    done(c.select("INBOX"))
    done(c.store("1:5", "+FLAGS", r"(\Seen $Label1)"))
    done(c.store("2:4", "+FLAGS", r"(\Answered \Flagged)"))
    done(c.uid("MOVE", "6:8", "Archive"))
    done(c.uid("COPY", "2:3,9", '"Family/2026"'))
    done(c.uid("MOVE", "13", "Trash"))
    done(c.store("4", "+FLAGS", r"(\Deleted)"))
    done(c.expunge())
    c.logout()


def take(surel, login, subjects, dele=()):
    """Downloads some by POP3 and deletes others."""
    c = surel.pop3(login)
    for n in range(1, c.stat()[0] + 1):
        head = b"\n".join(c.top(n, 0)[1])
        subject = re.search(rb"^Subject: (.*)$", head, re.M)[1].decode()
        if subject in subjects:
            c.retr(n)
        if subject in dele:
            c.dele(n)
    c.quit()


def live_on(surel, mark):
    """A little more of everything, with names of its own."""
    surel.deliver(message(f"since-{mark}", f"{mark}\r\n" * 700), "alice", "bob")
    surel.deliver(message(f"taken-{mark}"), "alice")
    c = surel.imap("alice")
    done(c.create(f"Of/{mark}"))
    done(c.append(f"Of/{mark}", f"(\\Flagged kept-{mark})", None, MULTIPART))
    done(c.select("INBOX"))
    done(c.uid("STORE", "*", "+FLAGS", f"(\\Seen by-{mark})"))
    done(c.uid("COPY", "*", f"Of/{mark}"))
    c.logout()
    take(surel, DEVICE, (f"taken-{mark}",))
    surel.run("set", "pop3.login_delay_s", str(len(mark)), "--user", "bob")


# --- what can be seen -----------------------------------------------------------------------------

def digest(octets):
    return hashlib.sha256(octets).hexdigest()[:32]


def mail_of(surel, user):
    """Mailboxes and messages by IMAP, a line each; structures and bodies as their digests."""
    lines = []
    c = surel.imap(user)
    lines += sorted(f"{user} subscribed {row.decode()}" for row in c.lsub()[1])
    for row in sorted(c.list()[1]):
        name = row.split(b' "/" ')[1].decode()
        status = c.status(name, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)")[1][0].decode()
        lines.append(f"{user} {row.decode()} {status[status.index('('):]}")
        if c.select(name, readonly=True)[1] == [b"0"]:
            continue
        for item in c.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")[1]:
            if isinstance(item, tuple):
                what = re.search(r"\((.*) BODY\[\]", item[0].decode())[1].replace("\\Recent ", "").replace("\\Recent", "")
                lines.append(f"  {what.replace(' )', ')')} {digest(item[1])}")
        seen = c.uid("FETCH", "1:*", "(ENVELOPE BODYSTRUCTURE EMAILID)")[1]
        lines.append("  structures " + digest(repr(seen).encode()))
    c.logout()
    return lines


def shown_by_pop3(surel, login):
    c = surel.pop3(login)
    lines = [f"{login} is shown {row.split()[1].decode()}" for row in c.uidl()[1]]
    c.quit()
    return lines


def house(surel):
    """What was set, who there is, and who vouches for the house."""
    lines = [f"{key} = {surel.run('get', key).strip()}" for key, _ in SETTINGS]
    lines += [f"{user}: {key} = {surel.run('get', key, '--user', user).strip()}" for key, _ in OF_ALICE for user in USERS]
    lines += surel.run("user", "list").splitlines()
    lines += [row.split()[0] for row in surel.run("user", "device", "list", "alice").splitlines()]
    with open(surel.ca, "rb") as f:
        lines.append("ca.pem " + digest(f.read()))
    return lines


def describe(surel, users=tuple(USERS)):
    """All that clients and the tool see of the house and of these users."""
    lines = house(surel)
    for user in users:
        lines += mail_of(surel, user)
    for login in ("alice", DEVICE, "bob"):
        if login.split("+")[0] in users:
            lines += shown_by_pop3(surel, login)
    return "\n".join(lines) + "\n"


def lets_the_administrator_in(surel):
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)
    page = browser.open(surel.url("/login"), timeout=30).read().decode()
    form = {"password": ADMIN, "csrf": re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]}
    reply = browser.open(surel.url("/login"), urllib.parse.urlencode(form).encode(), timeout=30)
    return urllib.parse.urlparse(reply.url).path != "/login"


def lets_tls_in(surel):
    """With the certificate authority that the directory holds, whatever this machine's clock says."""
    context = surel.ssl()
    context.verify_flags |= NO_CHECK_TIME
    with imaplib.IMAP4_SSL("localhost", surel.port("imaps"), ssl_context=context, timeout=30) as c:
        return c.login("alice", surel.passwords["alice"])[0] == "OK"
