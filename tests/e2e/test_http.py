"""HTTP as rude clients and proxies speak it, against the real daemon: every bad request gets a status and a
sentence, nothing changes by it, and mail goes on meanwhile. What the pages say is not looked at here."""

import io
import re
import select
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.request

from surel import IS_SANITIZED, Surel, free_port_base

HOST = b"Host: localhost\r\n"


def get(path=b"/", fields=HOST, version=b"HTTP/1.1"):
    return b"GET " + path + b" " + version + b"\r\n" + fields + b"\r\n"


def post(fields, body=b"", path=b"/"):
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body


class Duplex(io.RawIOBase):
    """Reads a socket, and sends in between what there is to send: a server may answer and close before
    it has heard all. One thread, for two must not use one TLS connection."""

    def __init__(self, s, unsent):
        super().__init__()
        self.socket, self.unsent = s, unsent
        s.setblocking(False)

    def readable(self):
        return True

    def send_some(self):
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent[:16384]):]
            return True
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:
            self.unsent = b""  # it has answered and closed
            return True

    def readinto(self, into):
        while True:
            try:
                got = self.socket.recv(len(into))
                into[:len(got)] = got
                return len(got)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            if self.unsent and self.send_some():
                continue
            ready = select.select([self.socket], [self.socket] if self.unsent else [], [], 30)
            if not any(ready):
                raise TimeoutError


class Reply:
    """One reply out of a stream of them."""

    def __init__(self, file, to_head=False):
        line = file.readline()
        if not line:
            raise EOFError
        version, status, self.reason = line.decode().rstrip("\r\n").split(" ", 2)
        assert version == "HTTP/1.1", line
        self.status, self.fields = int(status), {}
        while (line := file.readline()) not in (b"\r\n", b""):
            assert line.endswith(b"\r\n"), line
            name, value = line.decode().split(":", 1)
            assert name.lower() not in self.fields, "twice: " + name
            self.fields[name.lower()] = value.strip()
        assert line == b"\r\n", "the head is cut off"
        self.body = b""
        if to_head or self.status in (204, 304) or self.status < 200:
            return
        if self.fields.get("transfer-encoding") == "chunked":
            while size := int(file.readline(), 16):
                self.body += file.read(size)
                assert file.readline() == b"\r\n"
            assert file.readline() == b"\r\n"
        elif "content-length" in self.fields:
            self.body = file.read(int(self.fields["content-length"]))
            assert len(self.body) == int(self.fields["content-length"])
        else:
            self.body = file.read()

    @property
    def closes(self):
        return self.fields.get("connection") == "close"


# What is sent, and the statuses that will do: of this layer, whatever the site behind it is.
BAD = {
    "no Host": (get(fields=b""), {400}),
    "two Hosts": (get(fields=HOST + b"Host: localhost\r\n"), {400}),
    "two different Hosts": (get(fields=HOST + b"Host: evil.example\r\n"), {400}),
    "a Host with a path": (get(fields=b"Host: localhost/x\r\n"), {400}),
    "a Host with a user": (get(fields=b"Host: a@localhost\r\n"), {400}),
    "a blank before the colon": (get(fields=b"Host : localhost\r\n"), {400}),
    "a folded field": (get(fields=HOST + b"X: a\r\n b\r\n"), {400}),
    "a bare LF": (get(fields=b"Host: localhost\nX: y\r\n"), {400}),
    "only bare LF": (b"GET / HTTP/1.1\nHost: localhost\n\n", {400}),
    "a bare CR": (get(fields=HOST + b"X: a\rb\r\n"), {400}),
    "a NUL in a field": (get(fields=HOST + b"X: a\0b\r\n"), {400}),
    "a NUL in the path": (get(b"/a\0b"), {400}),
    "a field without a colon": (get(fields=HOST + b"nonsense\r\n"), {400}),
    "a field without a name": (get(fields=HOST + b": x\r\n"), {400}),
    "CL and TE": (post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nG"), {400}),
    "TE and CL": (post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\nG"), {400}),
    "TE x": (post(b"Transfer-Encoding: x\r\n", b"0\r\n\r\n"), {400}),
    "TE xchunked": (post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), {400}),
    "TE gzip, chunked": (post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), {400}),
    "TE twice": (post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"), {400}),
    "TE with a tab": (post(b"Transfer-Encoding\t: chunked\r\n", b"0\r\n\r\n"), {400}),
    "TE with a vertical tab": (post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), {400}),
    "TE in HTTP/1.0": (b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "two CLs": (post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"abcdef"), {400}),
    "two equal CLs": (post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"abcde"), {400}),
    "a CL that is a list": (post(b"Content-Length: 5, 5\r\n", b"abcde"), {400}),
    "a CL with a sign": (post(b"Content-Length: +5\r\n", b"abcde"), {400}),
    "a negative CL": (post(b"Content-Length: -5\r\n", b"abcde"), {400}),
    "a CL with a blank": (post(b"Content-Length: 5 5\r\n", b"abcde"), {400}),
    "a CL in hex": (post(b"Content-Length: 0x5\r\n", b"abcde"), {400}),
    "an endless CL": (post(b"Content-Length: " + b"9" * 40 + b"\r\n"), {413}),
    "absolute form of elsewhere": (get(b"http://evil.example/"), {400}),
    "absolute form with a user": (get(b"http://localhost@evil.example/"), {400}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    "CONNECT": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", {400}),
    "authority form": (get(b"localhost:80"), {400}),
    "dots": (get(b"/../../etc/passwd"), {400}),
    "encoded dots": (get(b"/%2e%2e/%2e%2e/etc/passwd"), {400}),
    "half encoded dots": (get(b"/.%2e/etc/passwd"), {400}),
    "an encoded NUL": (get(b"/style.css%00.html"), {400}),
    "an encoded slash": (get(b"/..%2f..%2fetc"), {400}),
    "a backslash": (get(b"/..\\..\\etc"), {400}),
    "an encoded backslash": (get(b"/..%5c..%5cetc"), {400}),
    "overlong UTF-8": (get(b"/%c0%ae%c0%ae/etc"), {400}),
    "broken UTF-8": (get(b"/%ff"), {400}),
    "raw UTF-8": (get("/é".encode()), {400}),
    "a broken escape": (get(b"/%zz"), {400}),
    "an encoded line end": (get(b"/%0d%0aSet-Cookie:x"), {400}),
    "two blanks": (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    "HTTP/2": (get(version=b"HTTP/2.0"), {400}),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", {400}),
    "HTTP/0.9": (b"GET /\r\n\r\n", {400}),
    "HTTP/1.10": (get(version=b"HTTP/1.10"), {400}),
    "another protocol": (b"EHLO example.net\r\n\r\n", {400}),
    "octets": (bytes(range(256)) * 4, {400}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x99" * 200, {400}),
    "100 fields": (get(fields=HOST + b"X: y\r\n" * 100), {431}),
    "a long field": (get(fields=HOST + b"X: " + b"y" * 20000 + b"\r\n"), {431}),
    "a long target": (get(b"/" + b"y" * 20000), {431}),
    "an endless line": (b"G" * (1 << 20), {431}),
}


class Base(unittest.TestCase):
    def dial(self, tls=False):
        s, _ = self.surel.socket("https" if tls else "http", greeting=False)
        if tls:
            s = self.surel.ssl().wrap_socket(s, server_hostname="localhost")
        self.addCleanup(s.close)
        return s

    def talk(self, sent, count=1, tls=False):
        """So many replies, and whether the server then closes."""
        s = self.dial(tls)
        file = io.BufferedReader(Duplex(s, sent))
        replies = [Reply(file) for _ in range(count)]
        if replies[-1].closes:
            try:
                self.assertEqual(file.read(), b"")
            except (ConnectionResetError, ssl.SSLError):
                pass
        return replies

    def check_mail(self):
        with self.surel.imap() as c:
            self.assertEqual(c.noop()[0], "OK")
        c = self.surel.pop3()
        c.noop()
        c.quit()


class Requests(Base):
    @classmethod
    def setUpClass(cls):
        cls.surel = Surel().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def check_bad(self, tls):
        for name, (sent, statuses) in BAD.items():
            if tls and name == "TLS":
                continue
            with self.subTest(name):
                # What is pipelined behind it must not be answered.
                reply, = self.talk(sent + get() * 2, tls=tls)
                self.assertIn(reply.status, statuses)
                self.assertTrue(reply.closes)
                self.assertGreater(len(reply.body), 10)
                self.assertIn("no-store", reply.fields.get("cache-control", "no-store"))
        self.check_mail()

    def test_bad_requests_over_plain_http(self):
        self.check_bad(False)

    def test_bad_requests_over_tls(self):
        self.check_bad(True)

    def test_every_bad_chunk(self):
        for chunks in (b"x\r\n", b"3 \r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"0x3\r\nabc\r\n", b"3\nabc\n0\n\n",
                       b"3\r\nabcd\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFF1\r\n"):
            with self.subTest(chunks):
                reply, = self.talk(post(b"Transfer-Encoding: chunked\r\n", chunks, b"/login") + get())
                self.assertGreaterEqual(reply.status, 300)
                self.assertTrue(reply.closes)

    def test_a_body_nobody_wants_ends_the_connection(self):
        reply, = self.talk(post(b"Content-Length: 1000000000\r\n", b"x" * 100000, b"/nowhere") + get())
        self.assertGreaterEqual(reply.status, 300)
        self.assertTrue(reply.closes)

    def test_keep_alive_and_pipelining(self):
        for tls in (False, True):
            replies = self.talk(get() * 20 + get(fields=HOST + b"Connection: close\r\n"), 21, tls)
            self.assertEqual([r.closes for r in replies], [False] * 20 + [True])
            self.assertEqual(len({(r.status, r.body) for r in replies}), 1)

    def test_octet_by_octet(self):
        s = self.dial()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in get() + get():
            s.send(bytes([octet]))
        file = s.makefile("rb")
        self.assertEqual(Reply(file).status, Reply(file).status)

    def test_head_is_get_without_a_body(self):
        s = self.dial()
        s.sendall(get() + b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n" + get())
        file = s.makefile("rb")
        whole, head, again = Reply(file), Reply(file, to_head=True), Reply(file)
        self.assertEqual(whole.status, head.status)
        self.assertEqual(whole.fields.get("content-length"), head.fields.get("content-length"))
        self.assertEqual(again.status, whole.status)

    def test_http_1_0(self):
        reply, = self.talk(get(version=b"HTTP/1.0"))
        self.assertTrue(reply.closes)
        reply, = self.talk(get(version=b"HTTP/1.0", fields=HOST + b"Connection: keep-alive\r\n"))
        self.assertEqual(reply.fields["connection"], "keep-alive")

    def test_half_closed_and_truncated(self):
        for sent, status in ((get(), None), (b"GET / HT", 400), (get()[:-2], 400)):
            s = self.dial()
            s.sendall(sent)
            s.shutdown(socket.SHUT_WR)
            file = s.makefile("rb")
            reply = Reply(file)
            self.assertTrue(status in (None, reply.status))
            self.assertEqual(file.read(), b"")

    def test_other_methods(self):
        for method in (b"PUT", b"DELETE", b"PATCH", b"TRACE", b"PROPFIND", b"get", b"X-Y"):
            reply, = self.talk(method + b" / HTTP/1.1\r\n" + HOST + b"\r\n")
            self.assertGreaterEqual(reply.status, 300, method)
            if reply.status == 405:
                self.assertIn("GET", reply.fields["allow"])

    def test_curl(self):
        url = f"http://localhost:{self.surel.port('http')}"
        done = subprocess.run(["curl", "-sSv", "--resolve", f"localhost:{self.surel.port('http')}:127.0.0.1",
                               url + "/", url + "/nowhere", "-o", "/dev/null", "-o", "/dev/null"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(re.findall("^[*] Re-?using existing .*connection", done.stderr, re.M | re.I)), 1, done.stderr)
        url = f"https://localhost:{self.surel.port('https')}"
        done = subprocess.run(["curl", "-sS", "--cacert", self.surel.ca, "-I", url + "/"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("HTTP/1.1 "))

    def test_curl_waits_for_continue_only_where_it_comes(self):
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect: 100-continue",
                               "--data-binary", "@-", f"http://127.0.0.1:{self.surel.port('http')}/nowhere"],
                              input="x" * 100000, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(int(done.stdout), 300)


class Elsewhere(unittest.TestCase):
    def test_the_page_has_ports_of_its_own(self):
        other = free_port_base()
        with Surel(options=("--page-port", str(other + 80), "--page-tls-port", str(other + 443))) as s:
            self.assertIn(f":{other + 80}/setup", s.log())
            with urllib.request.urlopen(f"http://127.0.0.1:{other + 80}/style.css", timeout=30) as answer:
                self.assertEqual(answer.status, 200)
            with urllib.request.urlopen(f"https://localhost:{other + 443}/style.css", context=s.ssl(), timeout=30) as answer:
                self.assertEqual(answer.status, 200)
            with self.assertRaises(ConnectionRefusedError):
                s.socket("http", greeting=False)
            s.imap().logout()


class Crowds(Base):
    """A limit of connections that is small enough to be reached, large enough for the test's own."""

    @classmethod
    def setUpClass(cls):
        cls.surel = Surel(settings=(("net.connections", 400), ("net.per_address", 400))).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.surel.close() == 0

    def test_a_thousand_connections_leave_room_for_mail(self):
        crowd = []
        self.addCleanup(lambda: [c.close() for c in crowd])
        for i in range(1000):
            s = socket.create_connection(("127.0.0.1", self.surel.port("http")), timeout=30)
            if i % 2:
                s.sendall(b"GET / HTTP/1.1\r\nX: ")  # and never more
            crowd.append(s)
            if i % 250 == 249:
                self.check_mail()
        busy = 0
        for s in crowd:
            s.settimeout(0)
            try:
                text = s.recv(4096)
            except BlockingIOError:
                busy += 1
                continue
            except ConnectionResetError:
                continue
            if text:
                self.assertTrue(text.startswith(b"HTTP/1.1 503 "), text)
                self.assertIn(b"\r\nRetry-After: ", text)
                self.assertIn(b"\r\nConnection: close\r\n", text)
        self.assertTrue(30 <= busy <= 400 // 8, busy)
        self.check_mail()
        for s in crowd:
            s.close()
        # As soon as they are gone somebody else is served.
        for _ in range(1000):
            try:
                reply, = self.talk(get(fields=HOST + b"Connection: close\r\n"))
            except (EOFError, ConnectionResetError):
                continue
            if "retry-after" not in reply.fields:
                return
        self.fail("still refused")

    def test_idle_connections_make_room(self):
        """Five browsers that hold a dozen connections each do not keep the sixth out."""
        crowd, gone = [], 0
        for _ in range(60):
            s = self.dial()
            s.sendall(get())
            reply = Reply(s.makefile("rb"))
            self.assertNotIn("retry-after", reply.fields)
            crowd.append(s)
            # As a browser does: what the server has ended is closed. It says nothing before.
            ended, _, _ = select.select(crowd, [], [], 0)
            for s in ended:
                self.assertEqual(s.recv(100), b"")
                s.close()
                crowd.remove(s)
            gone += len(ended)
        self.assertTrue(60 - 400 // 8 <= gone <= 30, gone)
        crowd[-1].sendall(get())
        self.assertEqual(Reply(crowd[-1].makefile("rb")).status, reply.status)
        for s in crowd:
            s.close()

    def test_idle_connections_are_small(self):
        crowd = [self.dial() for _ in range(30)]
        files = [s.makefile("rb") for s in crowd]
        for s, f in zip(crowd, files):
            s.sendall(get())
            Reply(f)
        before = self.surel.memory_kib("Private_Dirty")
        for _ in range(20):
            for s, f in zip(crowd, files):
                s.sendall(get())
                Reply(f)
        if not IS_SANITIZED:
            self.assertLess(self.surel.memory_kib("Private_Dirty") - before, 256)


class Slow(Base):
    """In real time: what has to wait for a deadline waits once, all together."""

    def test_slow_clients_are_let_go(self):
        with Surel() as self.surel:
            silent, asked, dripping = self.dial(), self.dial(), self.dial()
            asked.sendall(get())
            asked_file = asked.makefile("rb")
            Reply(asked_file)
            dripping.sendall(b"GET / HTTP/1.1\r\nX: ")
            began = time.monotonic()
            stop = threading.Event()

            def drip():
                while not stop.wait(0.5):
                    try:
                        dripping.sendall(b"x")
                    except OSError:
                        return

            thread = threading.Thread(target=drip)
            thread.start()
            try:
                for s in (silent, asked, dripping):
                    s.settimeout(60)
                self.assertEqual(silent.recv(100), b"")
                self.assertEqual(asked_file.read(), b"")
                self.assertLess(time.monotonic() - began, 20)
                self.check_mail()
                reply = Reply(dripping.makefile("rb"))
                self.assertEqual(reply.status, 408)
                self.assertTrue(25 < time.monotonic() - began < 40)
            finally:
                stop.set()
                thread.join()


if __name__ == "__main__":
    unittest.main()
