"""The page System of a board's own image: version, update, restart, factory reset, problems; the tool's
check of an update; and the rescue page."""

import glob
import json
import os
import re
import select
import socket
import subprocess
import tempfile
import unittest

from board import BOARD, SLOT_BYTES, SLOT_OFFSET, Board, Key, write
from browser import Browser
from surel import BINARY, Surel, message
from test_page import ADMIN, Client, see, set_up

LOOKS = (("en", 1280, False), ("id", 360, False), ("en", 360, True), ("id", 1280, True))


def form(update, boundary="xYzZy", field="update"):
    """As a browser sends it."""
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="a.update"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n").encode() + update + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).replace("&#39;", "'")


class BoardTest(unittest.TestCase):
    RUNNING = "a"

    def setUp(self):
        self.board = Board(self.RUNNING)
        self.addCleanup(self.board.close)
        self.board.start()
        self.client, reply = set_up(self.board)
        self.assertEqual(reply.status, 303)

    def upload(self, update, as_form=True):
        self.client.get("/system")
        body, headers = form(update) if as_form else (update, {"Content-Type": "application/octet-stream"})
        return self.client.ask("POST", "/system/update?csrf=" + self.client.token(), body=body, headers=headers)

    def status(self):
        self.client.get("/api/status")
        return json.loads(self.client.page)

    def page(self):
        self.client.get("/system")
        return plain(self.client.page)


class Update(BoardTest):
    def has_open(self, path):
        fds = f"/proc/{self.board.process.pid}/fd"
        return os.path.realpath(path) in [os.path.realpath(os.path.join(fds, fd)) for fd in os.listdir(fds)]

    def test_it_lies_in_the_other_slot_and_starts_next(self):
        b = self.board
        b.put("a", "good", 4, b.key.update("0.1.0"))
        update = b.key.update("9.1.0", kernel=os.urandom(5000))
        for as_form in (True, False):
            reply = self.upload(update, as_form)
            self.assertEqual(reply.status, 200, plain(self.client.page))
            self.assertIn("Version 9.1.0 was checked and is ready", plain(self.client.page))
            self.assertNotIn("older", self.client.page)
            self.assertEqual(b.container("b", len(update)), update)
            self.assertEqual(b.record("b")[0], "new")
            self.assertEqual(b.record("a"), ("good", 4), "what runs is not touched")
        self.assertGreater(b.record("b")[1], 4)
        code, said = b.verify(b.device("b"), "--offset", str(SLOT_OFFSET))
        self.assertEqual(code, 0, said)
        self.assertIn("version=9.1.0\n", said)
        self.assertIn(f"root_offset={SLOT_OFFSET + 1024 + 5000}\nroot_size=300000\n", said)
        self.assertIn("Version 9.1.0 is ready and starts with the next restart", self.page())
        self.assertEqual(b.requests(), [])
        self.assertEqual(self.client.post("/system/restart").status, 200)
        self.assertEqual(b.requests(), ["restart"])
        self.assertIn("restarts now", plain(self.client.page))

    def test_an_older_or_the_same_one_is_taken_and_said(self):
        version = subprocess.run([BINARY, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual(self.upload(self.board.key.update("0.0.9")).status, 200)
        self.assertIn("older than the version that runs", plain(self.client.page))
        self.assertEqual(self.upload(self.board.key.update(version)).status, 200)
        self.assertIn("It is the version that runs now", plain(self.client.page))

    def test_what_is_refused_by_its_header_changes_nothing(self):
        b = self.board
        old = b.key.update("0.5.0")
        b.put("b", "good", 3, old)
        right = b.key.update()
        stranger = Key(b.dir, "stranger")
        cases = {
            "is not an update for Surel": [b"", b"MZ" + os.urandom(5000), b"\x1f\x8b" * 10000],
            "not signed with the key of this box": [
                stranger.update(), right.replace(b"version=9.0.0", b"version=9.9.9"),
                right[:300].replace(b"root_size=300000", b"root_size=300001") + right[300:]],
            "is for another board (qemu-mips)": [b.key.update(board="qemu-mips")],
            "too old: it could not read": [b.key.update(store_format=1)],
            "larger than the slot": [b.key.update(root=bytes(SLOT_BYTES))],
            "The update is damaged": [
                b.key.head("surel-update 1\nboard=qemu-aarch64\n") + bytes(100),
                right[:1000] + b"x" + right[1001:]],
            "did not arrive whole": [right[:700]],
        }
        for sentence, updates in cases.items():
            for update in updates:
                with self.subTest(sentence=sentence, size=len(update)):
                    reply = self.upload(update)
                    self.assertEqual(reply.status, 422)
                    self.assertIn(sentence, plain(self.client.page))
                    self.assertNotIn("Restart now", self.client.page)
                    self.assertEqual(b.record("b"), ("good", 3))
                    self.assertEqual(b.container("b", len(old)), old)
        self.assertEqual(self.upload(right).status, 200)

    def test_what_is_cut_or_damaged_is_never_started(self):
        b = self.board
        right = b.key.update()
        self.upload(right)
        self.page()
        self.assertFalse(self.has_open(b.device("b")))
        for update, sentence in ((right[:-1], "did not arrive whole"), (right[:200_000], "did not arrive whole"),
                                 (right + b"\0", "arrived damaged"),
                                 (right[:50_000] + bytes([right[50_000] ^ 1]) + right[50_001:], "arrived damaged")):
            for as_form in (True, False):
                self.assertEqual(self.upload(update, as_form).status, 422)
                self.assertIn(sentence, plain(self.client.page))
                self.assertEqual(b.record("b")[0], "empty")
        self.assertIn("B – empty", self.page())
        while "update" in self.status():
            pass
        self.assertFalse(self.has_open(b.device("b")))

    def test_an_upload_that_breaks_off_leaves_an_empty_slot_and_the_next_works(self):
        b = self.board
        update = b.key.update(root=os.urandom(3_000_000))
        self.client.get("/system")
        token = self.client.token()
        cookies = "; ".join(f"{k}={v}" for k, v in self.client.cookies.items())
        with socket.create_connection(("127.0.0.1", b.port("http")), timeout=30) as s:
            s.sendall((f"POST /system/update?csrf={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n"
                       f"Content-Type: application/octet-stream\r\nContent-Length: {len(update)}\r\n\r\n").encode())
            s.sendall(update[:1_000_000])
            while self.status().get("update", {}).get("bytes", 0) < 900_000:
                pass
            # Mail and the page go on; a second upload is told to wait.
            b.deliver(message("meanwhile"), "anna")
            self.assertEqual(self.upload(update).status, 409)
            self.assertIn("Another update is just being uploaded", plain(self.client.page))
            # It is read to its end first, or its sender might see a broken connection instead.
            with socket.create_connection(("127.0.0.1", b.port("http")), timeout=30) as late:
                late.sendall((f"POST /system/update?csrf={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n"
                              "Content-Type: application/octet-stream\r\nContent-Length: 100000\r\n\r\n").encode())
                late.sendall(update[:99_999])
                self.status()
                self.assertEqual(select.select([late], [], [], 0)[0], [])
                late.sendall(b"x")
                self.assertIn(b" 409 ", late.recv(100))
        while "update" in self.status():
            pass
        self.assertEqual(b.record("b")[0], "empty")
        self.assertEqual(self.upload(update).status, 200)
        self.assertEqual(b.container("b", len(update)), update)

    def test_only_the_administrator_and_only_from_our_own_form(self):
        update, headers = self.board.key.update(), {"Content-Type": "application/octet-stream"}
        stranger = Client(self.board)
        for path in ("/system", "/system/update", "/system/restart", "/system/reset"):
            self.assertEqual(stranger.get(path).headers["Location"], f"/login?next={path}")
        for path in ("/system/update", "/system/restart", "/system/reset"):
            reply = stranger.ask("POST", path, body=update, headers=headers)
            self.assertIn("/login", reply.headers["Location"], path)
            self.client.get("/system")
            for query in ("", "?csrf=", "?csrf=" + "0" * 64):
                reply = self.client.ask("POST", path + query, body=b"what=all&password=x", headers=headers)
                self.assertEqual(reply.status, 403, path + query)
        self.assertEqual(self.board.record("b"), ("empty", 0))
        self.assertEqual(self.board.requests(), [])
        self.assertIsNone(self.board.reset_word())

    def test_a_device_that_is_gone_or_cannot_be_written(self):
        b = self.board
        os.unlink(os.path.join(b.system, "slot-b"))
        self.assertEqual(self.upload(b.key.update()).status, 422)
        self.assertIn("The slot cannot be written", plain(self.client.page))
        os.symlink("/dev/full", os.path.join(b.system, "slot-b"))
        self.assertEqual(self.upload(b.key.update()).status, 422)
        os.unlink(os.path.join(b.system, "update.pub"))
        self.assertEqual(self.upload(b.key.update()).status, 422)
        self.assertIn("has no key", plain(self.client.page))


class States(BoardTest):
    RUNNING = "b"

    def test_what_the_page_and_the_tool_tell(self):
        b = self.board
        b.put("a", "failed", 7, b.key.update("0.7.0"))
        b.put("b", "good", 6, b.key.update("0.6.0"))
        b.tell("problems", "slot-failed=0.7.0\nno-network\ndisk-errors\nsomething-else=42\n")
        page = self.page()
        for text in (BOARD, "the update in slot B", "A 0.7.0 did not start", "B 0.6.0 good",
                     "Version 0.7.0 did not start; the previous one runs.", "There is no network",
                     "The system reports: something-else 42"):
            self.assertIn(text, page)
        self.client.get("/")
        self.assertIn("Version 0.7.0 did not start; the previous one runs.", plain(self.client.page))
        self.client.get("/", headers={"Accept-Language": "id"})
        self.assertIn("Versi 0.7.0 gagal dimulai", self.client.page)
        status = self.status()
        self.assertEqual([p["key"] for p in status["problems"]],
                         ["slot-failed", "no-network", "disk-errors", "something-else"])
        self.assertEqual(status["problems"][0]["detail"], "0.7.0")
        self.assertEqual(status["system"], {"board": BOARD, "running": "b"})
        self.assertRegex(status["version"], r"^\d+\.\d+")
        said = b.run("system", "--system", b.system)
        self.assertIn(f"board={BOARD}\n", said)
        self.assertIn("running=b\nslot-a=failed 0.7.0\nslot-b=good 0.6.0\n", said)
        self.assertIn("problem=slot-failed 0.7.0\n", said)

    def test_every_problem_has_a_sentence_in_both_languages(self):
        keys = set()
        for path in glob.glob("firmware/overlay/**", recursive=True):
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, encoding="utf-8") as f:
                    keys.update(re.findall(r"\b(?:problem|note) \"?([a-z]+-[a-z-]+)", f.read()))
        self.assertLessEqual({"data-unmountable", "slot-failed", "no-network", "disk-errors"}, keys)
        for language in ("en", "id"):
            with open(f"web/text/system.{language}", encoding="utf-8") as f, \
                 open(f"web/text/status.{language}", encoding="utf-8") as g:
                text = f.read() + g.read()
            said = set(re.findall(r"^problem\.([a-z-]+) = ", text, re.M))
            self.assertEqual(said, keys | {"start-failed", "other"})  # the daemon's own

    def test_odd_files_of_the_system_are_no_harm(self):
        b = self.board
        for problems in (b"\xff\xfe\n=\n\n", b"x" * 100_000, b"a=" + b"y" * 1500 + b"\n", b"<script>=<b>\n"):
            write(os.path.join(b.system, "problems"), problems)
            self.assertEqual(self.client.get("/system").status, 200)
            self.assertNotIn("<script>=", self.client.page)
            self.assertEqual(self.client.get("/api/status").status, 200)
        for name in ("board", "running", "problems", "update.pub"):
            os.unlink(os.path.join(b.system, name))
            self.assertEqual(self.client.get("/system").status, 200)
        for slot in "ab":
            write(b.device(slot), os.urandom(SLOT_BYTES))
        self.assertIn("empty", self.page())
        for slot in "ab":
            write(b.device(slot), b"")
        self.assertIn("has no place for updates", self.page())


class Reset(BoardTest):
    def reset(self, what="all", password=ADMIN):
        self.client.get("/system")
        return self.client.post("/system/reset", {"what": what, "password": password})

    def test_it_asks_for_the_password_and_for_what(self):
        for what, password, wrong in (("all", "", "password"), ("all", "wrong", "password"), ("", ADMIN, "what"),
                                      ("everything", ADMIN, "what")):
            self.assertEqual(self.reset(what, password).status, 422, (what, password))
            self.assertEqual(re.findall(r'id="(\w+)-error"', self.client.page), [wrong])
        self.assertIsNone(self.board.reset_word())
        self.assertEqual(self.board.requests(), [])
        for what in ("keep-mail", "all"):
            self.assertEqual(self.reset(what).status, 200)
            self.assertEqual(self.board.reset_word(), what)
            self.assertEqual(self.board.requests(), ["restart"])
            self.assertIn("is reset and restarts", plain(self.client.page))

    def test_without_somebody_to_restart_it_nothing_is_asked_for(self):
        self.board.deafen()
        self.assertEqual(self.reset().status, 503)
        self.assertIn("cannot be restarted from here", plain(self.client.page))
        self.assertIsNone(self.board.reset_word())
        self.client.get("/system")
        self.assertEqual(self.client.post("/system/restart").status, 503)

    def test_a_data_partition_that_cannot_be_written_is_told(self):
        os.mkdir(os.path.join(self.board.data, "factory-reset"))
        self.assertEqual(self.reset("keep-mail").status, 503)
        self.assertIn("could not be written", plain(self.client.page))
        self.assertEqual(self.board.requests(), [])
        self.assertEqual(self.reset("all").status, 200)
        self.assertEqual(self.board.requests(), ["wipe"])


class Elsewhere(unittest.TestCase):
    def test_without_an_image_the_page_says_whose_business_it_is(self):
        with Surel(users=()) as s:
            c, _ = set_up(s)
            self.assertEqual(c.get("/system").status, 200)
            self.assertIn("a system of somebody else", plain(c.page))
            self.assertNotIn("/system/reset", c.page)
            c.get("/api/status")
            self.assertNotIn("problems", json.loads(c.page))
            for path in ("/system/update", "/system/restart", "/system/reset"):
                c.get("/system")
                reply = c.ask("POST", path + "?csrf=" + c.token(), body={"csrf": c.token()})
                self.assertEqual(reply.status, 404, path)


class Verify(unittest.TestCase):
    def setUp(self):
        self.board = Board()
        self.addCleanup(self.board.close)

    def check(self, update, *more, **options):
        path = os.path.join(self.board.dir, "file")
        write(path, update)
        return self.board.verify(path, *more, **options)

    def test_openssl_and_the_tool_understand_each_other(self):
        key, update = self.board.key, self.board.key.update(kernel=b"k" * 77)
        code, said = self.check(update)
        self.assertEqual((code, said), (0, "version=9.0.0\nstore_format=2\nkernel_offset=1024\nkernel_size=77\n"
                                           "root_offset=1101\nroot_size=300000\n"))
        code, said = self.check(bytes(4096) + update + b"rest of a device", "--offset", "4096")
        self.assertIn("root_offset=5197\n", said)
        for wrong, options, sentence in (
                (update[:-1], {}, "ends early"), (update[:-1] + b"!" + b"", {}, "not what was signed"),
                (update, {"board": "box"}, "another board"), (update, {"key": Key(self.board.dir, "k2")}, "signature"),
                (b"", {}, "no update"), (update[:500], {}, "ends early")):
            code, said = self.check(wrong, **options)
            self.assertEqual(code, 1)
            self.assertIn(sentence, said)
            self.assertEqual(said.count("\n"), 1, "one sentence")
        self.assertEqual(self.check(key.head("surel-update 1\nextra=1\n" + update[15:].split(b"signature")[0].decode())
                                    + update[1024:])[0], 0)

    def test_wrong_use(self):
        for args in ((), ("file",), ("file", "--key", "k"), ("file", "--board", "b"), ("file", "--offset", "x"),
                     ("a", "b", "--key", "k", "--board", "c"), ("file", "--key", "k", "--board")):
            done = subprocess.run([BINARY, "system", "verify", *args], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, args)
        done = subprocess.run([BINARY, "system", "verify", "/nowhere", "--key", "/nowhere", "--board", "b"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)


class Rescue(unittest.TestCase):
    """No data partition, and nothing at all to write to."""

    def setUp(self):
        self.board = Board()
        self.addCleanup(self.board.close)
        self.board.tell("problems", "data-unmountable\n")
        self.board.options += ["--rescue"]
        self.board.data = os.path.join(self.board.dir, "no", "such", "place")
        self.board.start()
        self.client = Client(self.board)

    def test_it_serves_a_page_and_no_mail(self):
        self.assertEqual(self.client.get("/").status, 200)
        self.assertIn("The data partition cannot be read", plain(self.client.page))
        self.assertEqual(self.client.get("/system").headers["Location"], "/")
        self.assertEqual(self.client.get("/style.css").status, 200)
        self.assertEqual(self.client.get("/login").headers["Location"], "/")
        for port in ("imap", "pop3", "smtp", "submission", "lmtp", "https"):
            with socket.socket() as s:
                self.assertNotEqual(s.connect_ex(("127.0.0.1", self.board.port(port))), 0, port)
        self.assertFalse(os.path.exists(self.board.data))
        self.board.process.send_signal(1)  # SIGHUP: there is nothing to read again
        self.assertEqual(self.client.get("/").status, 200)
        self.assertNotIn("set-up code", self.board.log())

    def test_restart_and_wipe(self):
        self.client.get("/")
        self.assertEqual(self.client.post("/restart").status, 200)
        self.assertEqual(self.board.requests(), ["restart"])
        for word in ("", "erase everything", "yes", "rm"):
            self.client.get("/")
            self.assertEqual(self.client.post("/wipe", {"word": word}).status, 422, word)
            self.assertIn('id="word-error"', self.client.page)
        self.assertEqual(self.board.requests(), [])
        for word in ("ERASE", " erase ", "hapus"):
            self.client.get("/")
            self.assertEqual(self.client.post("/wipe", {"word": word}).status, 200, word)
            self.assertEqual(self.board.requests(), ["wipe"])

    def test_other_sites_cannot_ask_for_it(self):
        self.client.get("/")
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            reply = self.client.post("/wipe", {"word": "ERASE"}, headers=headers)
            self.assertEqual(reply.status, 403, headers)
        self.assertEqual(self.client.post("/wipe", {"word": "ERASE"}, token=None).status, 403)
        self.assertEqual(self.client.get("/", host="evil.example").status, 421)
        self.assertEqual(self.board.requests(), [])

    def test_looks(self):
        with Browser(self.board.url()) as b:
            for _ in b.every_look():
                see(b.open("/"), "rescue")
            b.walk()
            b.become("id", 360).open("/").fill(word="x").submit("form[action='/wipe']")
            self.assertEqual(set(b.errors()), {"word"})
            see(b, "rescue-wrong")
            b.fill(word="HAPUS").submit("form[action='/wipe']")
            see(b, "rescue-wiped")
        self.assertEqual(self.board.requests(), ["wipe"])


class Browsers(BoardTest):
    def test_an_update_in_a_browser(self):
        b = self.board
        b.put("a", "good", 4, b.key.update("0.1.0"))
        b.tell("problems", "slot-failed=0.7.0\ndisk-errors\n")
        with tempfile.NamedTemporaryFile(suffix=".update") as f, Browser(b.url()) as browser:
            f.write(b.key.update("9.1.0"))
            f.flush()
            browser.open("/login").fill(password=ADMIN).submit()
            for language, width, dark in LOOKS:
                browser.become(language, width, dark).open("/system")
                see(browser, "system")
                browser.one("[name=update]").send_keys(f.name)
                browser.submit("form[action^='/system/update']")
                see(browser, "updated")
            browser.walk()
            browser.open("/system").walk()
            see(browser, "system-waiting")
            browser.open("/system").press("Mulai ulang sekarang")
            see(browser, "restarting")
            browser.become().open("/system").press("Restart now")
        self.assertEqual(b.requests(), ["restart", "restart"])

    def test_a_reset_in_a_browser_without_script(self):
        with Browser(self.board.url(), script=False) as b:
            b.open("/login").fill(password=ADMIN).submit()
            b.open("/system")
            b.fill(what="keep-mail", password="wrong").submit("form[action='/system/reset']")
            self.assertEqual(set(b.errors()), {"password"})
            self.assertEqual(b.value("what"), "keep-mail")
            see(b, "system-wrong")
            b.fill(password=ADMIN).submit("form[action='/system/reset']")
            see(b, "reset")
        self.assertEqual(self.board.reset_word(), "keep-mail")


if __name__ == "__main__":
    unittest.main()
