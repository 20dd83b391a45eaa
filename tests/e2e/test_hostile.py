"""Strange messages and rude clients: stored whole or refused politely, and nobody else notices."""

import json
import socket
import threading
import time
import unittest

from surel import IS_SANITIZED, Surel, append_exactly, fetch_bodies


def nested(depth):
    """message/rfc822 in message/rfc822 in ..."""
    return b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(depth)) + \
        b"Subject: core\r\n\r\nbody\r\n"


def nested_multiparts(depth):
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i)
                    for i in range(depth))
    return b"Subject: deep\r\nMIME-Version: 1.0\r\n" + head + b"\r\nx\r\n" + \
        b"".join(b"--b%d--\r\n" % i for i in reversed(range(depth)))


def many_parts(count):
    return b"Subject: wide\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + \
        b"".join(b"--x\r\n\r\n%d\r\n" % i for i in range(count)) + b"--x--\r\n"


STRANGE = {
    "one octet": b"x",
    "only an empty line": b"\r\n",
    "no header": b"\r\nonly a body\r\n",
    "no body": b"Subject: x\r\n",
    "no line end": b"Subject: x\r\n\r\nno end",
    "a line of 1 MiB": b"Subject: long\r\n\r\n" + b"y" * (1 << 20) + b"\r\n",
    "a header field of 1 MiB": b"Subject: " + b"z" * (1 << 20) + b"\r\n\r\nbody\r\n",
    "10,000 header fields": b"".join(b"X-%d: y\r\n" % i for i in range(10000)) + b"\r\nbody\r\n",
    "10,000 parts": many_parts(10000),
    "1,000 messages deep": nested(1000),
    "1,000 multiparts deep": nested_multiparts(1000),
    "bare CR": b"Subject: cr\r\n\r\na\rb\rc\r\n",
    "8-bit everywhere": b"Subject: \xff\xfe\xe9\r\nX-\xe9: \xc3\x28\r\n\r\n" + bytes(range(128, 256)) + b"\r\n",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n",
    "an unfinished multipart": b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\npart",
    "an empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    "a comment without end": b"From: (((((((((\\\r\nTo: <<<<>>>,,,;;:@\r\n\r\nx\r\n",
}


class Descriptors(unittest.TestCase):
    def test_connections_leave_descriptors_to_the_store(self):
        with Surel(settings=(("net.connections", 5000), ("net.per_address", 5000)), files=300) as s:
            crowd = []
            self.addCleanup(lambda: [c.close() for c in crowd])
            for _ in range(320):
                crowd.append(socket.create_connection(("127.0.0.1", s.port("imap")), timeout=30))
            status = json.loads(s.run("status", "--json"))
            self.assertEqual(status["connections_max"], 300 - 128)
            self.assertFalse(status["store"]["read_only"])
            self.assertEqual(s.log().count("out of file descriptors"), 0)


class Strange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.surel = Surel().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def empty(self):
        with self.surel.imap() as c:
            c.select()
            c.uid("STORE", "1:*", "+FLAGS", "(\\Deleted)")
            c.expunge()

    def test_append_gives_every_octet_back_by_both_protocols(self):
        self.empty()
        for name, text in STRANGE.items():
            with self.subTest(name):
                with self.surel.imap() as c:
                    self.assertEqual(append_exactly(c, "INBOX", text)[0], "OK")
                    c.select()
                    bodies = fetch_bodies(c)
                    self.assertEqual(bodies[max(bodies)], text)
                    # Every item of it can be asked for, and the connection lives on.
                    typ, _ = c.fetch("*", "(ENVELOPE BODY BODYSTRUCTURE RFC822.SIZE BODY.PEEK[HEADER] "
                                     "BODY.PEEK[TEXT]<0.100> BODY.PEEK[1] BODY.PEEK[1.MIME])")
                    self.assertEqual(typ, "OK")
                    self.assertEqual(c.search(None, "TEXT", "x")[0], "OK")
                    self.assertEqual(c.noop()[0], "OK")
        c = self.surel.pop3()
        sizes = [int(line.split()[1]) for line in c.list()[1]]
        self.assertEqual(sizes, [len(t) for t in STRANGE.values()])
        c.quit()
        self.check_pop3_octets()

    def check_pop3_octets(self):
        """poplib limits lines, so the octets are read from the socket."""
        s, f = self.surel.socket("pop3")
        with s:
            f = s.makefile("rwb")
            for line in (b"USER alice", b"PASS secret-a"):
                f.write(line + b"\r\n")
                f.flush()
                self.assertTrue(f.readline().startswith(b"+OK"))
            for n, text in enumerate(STRANGE.values(), 1):
                f.write(b"RETR %d\r\n" % n)
                f.flush()
                self.assertTrue(f.readline().startswith(b"+OK"))
                got = b""
                while True:
                    line = f.readline()
                    if line == b".\r\n":
                        break
                    got += line[1:] if line.startswith(b".") else line
                wanted = text if text.endswith(b"\r\n") else text + b"\r\n"
                self.assertEqual(got, wanted)
            f.write(b"QUIT\r\n")
            f.flush()
            self.assertTrue(f.readline().startswith(b"+OK"))

    def test_nul_octets_are_kept_or_refused(self):
        text = b"Subject: nul\r\n\r\na\0b\r\n"
        with self.surel.imap() as c:
            c.create("nul")
            try:
                typ, _ = append_exactly(c, "nul", text)
            except c.error:
                typ = "NO"
            if typ == "OK":
                c.select("nul")
                self.assertEqual(list(fetch_bodies(c).values()), [text])
            self.assertEqual(c.noop()[0], "OK")

    def test_an_empty_message_is_kept_or_refused(self):
        s, f = self.surel.socket("imap")
        with s:
            f.write(b"a LOGIN alice secret-a\r\nb CREATE zero\r\nc APPEND zero {0+}\r\n\r\n"
                    b"d STATUS zero (MESSAGES)\r\ne LOGOUT\r\n")
            text = b""
            while chunk := s.recv(4096):
                text += chunk
        self.assertRegex(text, rb"c (OK|NO)")
        self.assertRegex(text, rb"d OK")

    def test_fifty_mebibytes(self):
        text = b"Subject: huge\r\n\r\n" + (b"0123456789abcdef" * 4 + b"\r\n") * (50 * 1024 * 1024 // 66)
        with self.surel.imap() as c:
            c.create("huge")
            before = self.surel.memory_kib("Private_Dirty")
            self.assertEqual(c.append("huge", None, None, text)[0], "OK")
            c.select("huge")
            _, data = c.fetch("1", "(BODY.PEEK[])")
            self.assertEqual(data[0][1], text)
            if not IS_SANITIZED:
                self.assertLess(self.surel.memory_kib("Private_Dirty") - before, 8 * 1024)
            c.store("1", "+FLAGS", "\\Deleted")
            c.expunge()


class Rude(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.surel = Surel().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def converse(self, port, sent):
        """Everything the server says to these octets until it closes."""
        s, _ = self.surel.socket(port, greeting=False)
        with s:
            def send():
                try:
                    s.sendall(sent)
                    s.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # it said goodbye before we had finished
            thread = threading.Thread(target=send)
            thread.start()
            got = b""
            try:
                while chunk := s.recv(65536):
                    got += chunk
            except ConnectionResetError:
                pass
            thread.join()
        return got

    def alive(self):
        with self.surel.imap() as c:
            self.assertEqual(c.noop()[0], "OK")
        c = self.surel.pop3()
        c.noop()
        c.quit()

    def test_garbage_gets_errors_and_then_goodbye(self):
        for port, goodbye in (("imap", b"* BYE"), ("pop3", b"-ERR"), ("smtp", b"421"), ("lmtp", b"421")):
            with self.subTest(port):
                self.assertIn(goodbye, self.converse(port, b"\x00\xff nonsense\r\n" * 1000))
        self.alive()

    def test_endless_lines_are_cut_off(self):
        for port in ("imap", "pop3", "smtp", "lmtp"):
            with self.subTest(port):
                self.assertTrue(self.converse(port, b"A" * (4 << 20)))
        self.alive()

    def test_literals_before_login_are_small(self):
        got = self.converse("imap", b"a LOGIN {999999999}\r\nb NOOP\r\n")
        self.assertRegex(got, rb"a (NO|BAD)|\* BYE")
        self.alive()

    def test_parentheses_before_login(self):
        self.assertTrue(self.converse("imap", b"a LOGIN " + b"(" * 100000 + b"\r\n"))
        self.alive()

    def test_a_half_closed_client_still_gets_its_answers(self):
        got = self.converse("imap", b"a LOGIN alice secret-a\r\nb SELECT INBOX\r\nc LOGOUT\r\n")
        self.assertIn(b"c OK", got)
        got = self.converse("pop3", b"USER alice\r\nPASS secret-a\r\nSTAT\r\nQUIT\r\n")
        self.assertEqual(got.count(b"+OK"), 5)

    def test_plaintext_before_starttls_is_not_taken_over(self):
        for port, start in (("imap", b"a STARTTLS\r\n"), ("pop3", b"STLS\r\n"),
                            ("smtp", b"EHLO x\r\nSTARTTLS\r\n")):
            with self.subTest(port):
                got = self.converse(port, start + b"b NOOP\r\nRSET\r\n")
                self.assertNotIn(b"b OK", got)
        self.alive()

    def test_many_silent_connections_do_not_keep_others_out(self):
        silent = [self.surel.socket("imap")[0] for _ in range(100)]
        try:
            self.alive()
        finally:
            for s in silent:
                s.close()

    def test_a_client_that_never_reads_is_let_go(self):
        with self.surel.imap() as c:
            c.create("big")
            c.append("big", None, None, b"Subject: x\r\n\r\n" + b"y" * (8 << 20))
        s, f = self.surel.socket("imap")
        with s:
            f.write(b"a LOGIN alice secret-a\r\nb SELECT big\r\n")
            for i in range(50):
                f.write(b"c%d FETCH 1 BODY.PEEK[]\r\n" % i)
            began = time.monotonic()
            self.alive()  # while it is stuck
            self.assertLess(time.monotonic() - began, 10)
            if not IS_SANITIZED:
                self.assertLess(self.surel.memory_kib("Private_Dirty"), 64 * 1024)


if __name__ == "__main__":
    unittest.main()
