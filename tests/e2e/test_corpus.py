"""Mail that people wrote, in and out: byte for byte over POP3 and IMAP, structure against Python's email.

The archive is the test corpus of Debian's notmuch source package (some three hundred messages of
public mailing lists), fetched and verified by apt. Structure is worked out here from the raw bytes
and from Python's email package, which shares no code with the daemon. Where the two may differ for
a reason, the reason stands at the place.
"""

import email
import email.policy
import email.utils
import glob
import os
import re
import subprocess
import unittest

from imap_reply import fetch_items
from surel import Surel

# Envelopes where the two readings differ for a reason.
EXPLAINED = {
    "broken/broken-cc": "two Cc fields, against RFC 5322 3.6: the daemon lists both, this test the first",
}
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def corpus():
    """[(file name, message with CRLF line ends)]"""
    done = subprocess.run(["sh", "board/common/debian-source.sh", "notmuch", "0.*"], cwd=ROOT,
                          capture_output=True, text=True, check=True, timeout=600)
    top = os.path.join(done.stdout.split("\n")[0].strip(), "test", "corpora")
    found = []
    for path in sorted(glob.glob(top + "/**/*", recursive=True)):
        if os.path.isfile(path) and os.path.basename(path) != "README":
            with open(path, "rb") as f:
                text = f.read()
            found.append((os.path.relpath(path, top),
                          re.sub(rb"\r?\n", b"\r\n", text)))
    return found


# --- what the structure should be ------------------------------------------------------------------

def unfold(value):
    """RFC 5322 2.2.3: a line break before white space goes; outer white space is not content."""
    return re.sub(rb"\r?\n(?=[ \t])", b"", value).strip(b" \t\r\n")


def raw_fields(head):
    """[(lower-case name, unfolded value)] of a raw header block."""
    fields = []
    for line in re.split(rb"\r\n(?![ \t])", head):
        m = re.match(rb"([!-9;-~]+)[ \t]*:(.*)", line, re.S)
        if m:
            fields.append((m[1].lower(), unfold(m[2])))
    return fields


def split_head(text):
    """(header block with its last line end, body)"""
    if text.startswith(b"\r\n"):
        return b"", text[2:]
    at = text.find(b"\r\n\r\n")
    return (text, b"") if at < 0 else (text[:at + 2], text[at + 4:])


def field(fields, name):
    return next((v for n, v in fields if n == name), None)


def addresses(value):
    """[(name, local@domain)] as Python reads them, comparable."""
    return [(n, a) for n, a in email.utils.getaddresses([value.decode("utf-8", "surrogateescape")])
            if a]


def addresses_of_envelope(items):
    out = []
    for name, _, local, domain in items or []:
        if domain is None:  # group markers
            continue
        # An address without a domain may not have NIL for it (that marks a group): it gets a word.
        address = (local or b"") + (b"" if domain == b"MISSING_DOMAIN" else b"@" + domain)
        out.append(((name or b"").decode("utf-8", "surrogateescape"),
                    address.decode("utf-8", "surrogateescape")))
    return out


def squeeze(text):
    return re.sub(r"[\s\"\\]+", "", text)


class Node:
    """A MIME part by Python's parser, with its raw bytes found by boundaries."""

    def __init__(self, parsed, raw):
        self.parsed = parsed
        self.head, self.body = split_head(raw)
        self.type = parsed.get_content_maintype(), parsed.get_content_subtype()
        self.children = []
        if self.type == ("message", "rfc822") and parsed.is_multipart():
            self.children = [Node(parsed.get_payload(0), self.body)]
        elif parsed.is_multipart():
            boundary = re.escape(parsed.get_boundary().encode("utf-8", "surrogateescape"))
            pieces = re.split(rb"(?:\A|\r\n)--" + boundary + rb"(--)?[ \t]*(?=\r\n|\Z)", self.body)
            raws = []
            for i in range(1, len(pieces) - 1, 2):
                if pieces[i]:
                    break
                raws.append(pieces[i + 1][2:])
            self.children = [Node(p, r) for p, r in zip(parsed.get_payload(), raws)]


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.messages = corpus()
        cls.surel = Surel()
        cls.maildir = os.path.join(cls.surel.dir, "Maildir")
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(cls.maildir, part))
        for i, (_, text) in enumerate(cls.messages):
            path = os.path.join(cls.maildir, "cur", f"{i:06}.corpus:2,")
            with open(path, "wb") as f:
                f.write(text.replace(b"\r\n", b"\n"))
            os.utime(path, (1000000000 + i, 1000000000 + i))
        said = cls.surel.run("import", "maildir", cls.maildir, "--user", "alice")
        assert said == f"{len(cls.messages)} imported, 0 there already\n", said
        cls.surel.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def test_there_are_hundreds(self):
        self.assertGreater(len(self.messages), 250)

    def test_imap_gives_every_byte_back(self):
        with self.surel.imap(tls=True) as c:
            c.select(readonly=True)
            items = fetch_items(c.fetch("1:*", "(RFC822.SIZE BODY.PEEK[])")[1])
            self.assertEqual(len(items), len(self.messages))
            for n, (name, text) in enumerate(self.messages, 1):
                self.assertEqual(items[n]["BODY[]"], text, name)
                self.assertEqual(items[n]["RFC822.SIZE"], len(text), name)

    def test_pop3_gives_every_byte_back(self):
        s, _ = self.surel.socket("pop3", greeting=False)
        with s:
            f = s.makefile("rwb")
            f.readline()
            f.write(b"USER alice\r\nPASS secret-a\r\n")
            f.flush()
            self.assertTrue(f.readline().startswith(b"+OK"))
            self.assertTrue(f.readline().startswith(b"+OK"))
            for n, (name, text) in enumerate(self.messages, 1):
                f.write(b"RETR %d\r\n" % n)
                f.flush()
                self.assertTrue(f.readline().startswith(b"+OK"), name)
                lines = []
                while (line := f.readline()) != b".\r\n":
                    lines.append(line[1:] if line.startswith(b".") else line)
                self.assertEqual(b"".join(lines), text if text.endswith(b"\r\n") else text + b"\r\n",
                                 name)
            f.write(b"QUIT\r\n")
            f.flush()

    def test_sections_are_where_they_should_be(self):
        with self.surel.imap() as c:
            c.select(readonly=True)
            items = fetch_items(c.fetch("1:*", "(BODY.PEEK[HEADER] BODY.PEEK[TEXT])")[1])
            for n, (name, text) in enumerate(self.messages, 1):
                self.assertEqual(items[n]["BODY[HEADER]"] + items[n]["BODY[TEXT]"], text, name)

    def test_envelopes(self):
        with self.surel.imap() as c:
            c.select(readonly=True)
            items = fetch_items(c.fetch("1:*", "(ENVELOPE)")[1])
        for n, (name, text) in enumerate(self.messages, 1):
            if name in EXPLAINED:
                continue
            with self.subTest(name):
                self.check_envelope(items[n]["ENVELOPE"], raw_fields(split_head(text)[0]))

    def check_envelope(self, got, fields):
        for at, header in ((0, b"date"), (1, b"subject"), (8, b"in-reply-to"), (9, b"message-id")):
            wanted = field(fields, header)
            self.assertEqual(squeeze((got[at] or b"").decode("utf-8", "replace")),
                             squeeze((wanted or b"").decode("utf-8", "replace")), header)
        author = field(fields, b"from")
        for at, header in ((2, b"from"), (3, b"sender"), (4, b"reply-to"), (5, b"to"), (6, b"cc"),
                           (7, b"bcc")):
            value = field(fields, header)
            if at in (3, 4) and not value:
                value = author
            wanted = addresses(value) if value else []
            found = addresses_of_envelope(got[at])
            self.assertEqual([squeeze(a).lower() for _, a in found],
                             [squeeze(a).lower() for _, a in wanted], header)
            self.assertEqual([squeeze(a) for a, _ in found], [squeeze(a) for a, _ in wanted], header)

    def test_structures(self):
        with self.surel.imap() as c:
            c.select(readonly=True)
            items = fetch_items(c.fetch("1:*", "(BODYSTRUCTURE)")[1])
            for n, (name, text) in enumerate(self.messages, 1):
                with self.subTest(name):
                    node = Node(email.message_from_bytes(text, policy=email.policy.compat32), text)
                    self.check_structure(items[n]["BODYSTRUCTURE"], node)
                    self.check_parts(c, n, node, "")

    def check_structure(self, got, node):
        if node.type[0] == "multipart" and node.children:
            children = [item for item in got if isinstance(item, list)][:len(node.children)]
            self.assertEqual(got[len(node.children)].lower().decode(), node.type[1])
            for item, child in zip(children, node.children, strict=True):
                self.check_structure(item, child)
            return
        self.assertEqual((got[0].lower().decode(), got[1].lower().decode()), node.type)
        params = dict(zip(*[iter(p.lower() if isinstance(p, bytes) else p for p in got[2] or [])] * 2))
        charset = node.parsed.get_content_charset()
        if charset and node.parsed.get_param("charset") and isinstance(node.parsed.get_param("charset"), str):
            self.assertEqual(params.get(b"charset", b"us-ascii").decode(), charset)
        encoding = (node.parsed.get("content-transfer-encoding") or "7bit").strip().lower()
        self.assertEqual(got[5].lower().decode(), encoding)
        self.assertEqual(got[6], len(node.body))
        if node.type == ("message", "rfc822") and node.children:
            self.check_structure(got[8], node.children[0])
            self.assertEqual(got[9], node.body.count(b"\n"))
        elif node.type[0] == "text":
            self.assertEqual(got[7], node.body.count(b"\n"))

    def check_parts(self, c, n, node, path):
        """Every leaf's BODY[path] is its raw bytes, BODY[path.MIME] its header."""
        for i, child in enumerate(node.children, 1):
            if node.type == ("message", "rfc822"):
                if child.type[0] != "multipart":
                    continue  # numbered as the child's own part 1
                self.check_parts(c, n, child, path)
                return
            here = f"{path}.{i}" if path else str(i)
            items = fetch_items(c.fetch(str(n), f"(BODY.PEEK[{here}] BODY.PEEK[{here}.MIME])")[1])[n]
            self.assertEqual(items[f"BODY[{here}]"], child.body, here)
            self.assertEqual((items[f"BODY[{here}.MIME]"] or b"").rstrip(b"\r\n"),
                             child.head.rstrip(b"\r\n"), here)
            self.check_parts(c, n, child, here)


if __name__ == "__main__":
    unittest.main()
