"""The page: first visit, login, its guards against other web sites, both languages, and its weight.

Screenshots of what is tried here are in build/test/screenshots.
"""

import concurrent.futures
import glob
import gzip
import http.client
import os
import re
import socket
import unittest
import urllib.parse

from board import Board
from browser import Browser
from surel import BINARY, Surel, message

ADMIN = "admin-secret"
WEB = "web"
BUDGET_BYTES = 40 * 1024


class Client:
    """HTTP without a browser's manners: cookies are kept, nothing is followed."""

    def __init__(self, surel, tls=False):
        self.surel, self.tls = surel, tls
        self.cookies = {}
        self.page = ""

    def ask(self, method, path, body=None, headers=(), host=None):
        port = self.surel.port("https" if self.tls else "http")
        name = "localhost" if self.tls else "127.0.0.1"
        if self.tls:
            c = http.client.HTTPSConnection(name, port, timeout=30, context=self.surel.ssl())
        else:
            c = http.client.HTTPConnection(name, port, timeout=30)
        fields = {"Host": host or f"{name}:{port}"}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        fields.update(headers)
        c.request(method, path, body, fields)
        reply = c.getresponse()
        self.page = reply.read().decode()
        for field in reply.headers.get_all("Set-Cookie") or []:
            name, value = field.split(";")[0].split("=", 1)
            self.cookies[name] = value
        c.close()
        return reply

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def token(self):
        return re.search(r'name="csrf" value="([0-9a-f]+)"', self.page)[1]

    def post(self, path, form=(), token=True, **more):
        form = dict(form)
        if token is True:
            form["csrf"] = self.token()
        elif token:
            form["csrf"] = token
        return self.ask("POST", path, body=form, **more)

    def log_in(self, password=ADMIN):
        self.get("/login")
        return self.post("/login", {"password": password})

    def is_in(self):
        return self.get("/welcome").status == 200


def set_up(surel, user="anna", secret="anna-secret", **more):
    c = Client(surel)
    c.get("/setup")
    form = {"code": surel.setup_code(), "password": ADMIN, "password_again": ADMIN, "user": user,
            "user_password": secret, "language": "auto", "zone": ""}
    form.update(more)
    reply = c.post("/setup", form)
    if reply.status == 303 and user:
        surel.passwords[user] = secret
    return c, reply


def see(browser, page):
    """Looks at the page with every eye."""
    browser.audit()
    browser.screenshot(page)


class SetUp(unittest.TestCase):
    """A fresh box."""

    def setUp(self):
        self.surel = Surel(users=())
        self.surel.start()

    def tearDown(self):
        self.surel.close()

    def refused(self, port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.surel.port(port))) != 0

    def test_as_a_new_user(self):
        with Browser(self.surel.url()) as b:
            for _ in b.every_look():
                see(b.open("/"), "setup")
        self.assertTrue(self.refused("imap") and self.refused("pop3") and self.refused("smtp"))
        with Browser(self.surel.url(), "id", 360) as b:
            b.open("/").walk()
            self.assertEqual(b.path, "/setup")
            self.assertEqual(b.title, "Selamat datang di Surel")
            b.fill(code="0000-0000", password=ADMIN, password_again=ADMIN, user="anna",
                   user_password="anna-secret")
            b.submit()
            self.assertIn("code", b.errors())
            self.assertEqual(b.value("user"), "anna", "what was typed stays")
            b.fill(code=self.surel.setup_code(), password_again="something else", user="Anna Maria",
                   user_password=ADMIN)
            b.submit()
            self.assertEqual(set(b.errors()), {"password_again", "user", "user_password"})
            see(b, "setup-wrong")
            b.fill(password=ADMIN, password_again=ADMIN, user="anna", user_password="anna-secret",
                   language="id", zone="WIB-7")
            b.submit()
            self.assertEqual(b.title, "Kotak Anda siap")
            see(b, "welcome")
            b.walk()
        self.surel.passwords["anna"] = "anna-secret"
        self.assertEqual(self.surel.imap("anna").select()[0], "OK")
        self.assertEqual(self.surel.pop3("anna").stat(), (0, 0))
        self.assertEqual(self.surel.run("get", "time.zone").strip(), "WIB-7")
        self.assertEqual(self.surel.run("get", "web.language").strip(), "id")
        # For good: also after a power cut at this very moment.
        self.surel.kill()
        self.surel.start()
        c = Client(self.surel)
        self.assertEqual(c.get("/setup").headers["Location"], "/")
        self.assertEqual(c.log_in().status, 303)
        self.assertTrue(c.is_in())

    def test_without_script(self):
        with Browser(self.surel.url(), script=False) as b:
            b.open("/")
            self.assertEqual(b.value("zone"), "", "no script has guessed")
            b.fill(code=self.surel.setup_code().replace("-", " "), password=ADMIN, password_again=ADMIN,
                   user="anna", user_password="anna-secret")
            b.submit()
            self.assertEqual(b.path, "/welcome?user=anna")
            b.press("Log out")
            self.assertEqual(b.notice(), "You are logged out.")
            b.fill(password=ADMIN).press("Log in")
            b.press("Bahasa Indonesia")
            self.assertEqual(b.one("html").get_attribute("lang"), "id")

    def test_the_code_is_needed_and_guessing_is_slow(self):
        self.assertIn("set-up code", self.surel.log())
        c, reply = set_up(self.surel, code="")
        self.assertEqual(reply.status, 422)
        c, reply = set_up(self.surel, code="1234-567")
        self.assertEqual(reply.status, 422)
        self.assertEqual(re.findall(r'id="(\w+)-error"', c.page), ["code"], "and nothing else is told")
        self.assertTrue(self.refused("imap"))
        self.assertIn("wrong set-up code from 127.0.0.1", self.surel.log())
        _, reply = set_up(self.surel)
        self.assertEqual(reply.status, 303)
        reply = c.post("/setup", {"code": self.surel.setup_code(), "password": ADMIN, "user": "eve"}, token=None,
                       headers={"Origin": self.surel.url()})
        self.assertEqual((reply.status, reply.headers["Location"]), (303, "/"), "once only")

    def test_guesses_of_the_code_are_made_one_by_one(self):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            replies = list(pool.map(lambda _: set_up(self.surel, code="0000-0000")[1].status, range(6)))
        self.assertEqual(set(replies), {422, 429})
        self.assertEqual(set_up(self.surel)[1].status, 303)

    def test_every_page_leads_to_it(self):
        c = Client(self.surel)
        for path in ("/", "/login", "/mail", "/nowhere", "/welcome"):
            self.assertEqual(c.get(path).headers["Location"], "/setup", path)
        c.get("/setup")
        self.assertEqual(c.post("/login", {"password": ""}).status, 403)

    def test_no_password_is_too_weak_or_empty(self):
        for more, field in (({"password": "", "password_again": ""}, "password"),
                            ({"password": "seven77", "password_again": "seven77"}, "password"),
                            ({"user_password": ""}, "user_password"),
                            ({"user": ""}, "user"),
                            ({"language": "xx"}, "language"),
                            ({"zone": "not a zone"}, "zone")):
            c, reply = set_up(self.surel, **more)
            self.assertEqual(reply.status, 422, more)
            self.assertIn(f'id="{field}-error"', c.page)
        self.assertTrue(self.refused("imap"))

    def test_all_or_nothing(self):
        """The last of its three files cannot be written: the first two are as before."""
        obstacle = os.path.join(self.surel.data, "admin")
        os.mkdir(obstacle)
        _, reply = set_up(self.surel, zone="WIB-7", language="id")
        self.assertEqual(reply.status, 500)
        self.assertEqual(self.surel.run("user", "list"), "")
        self.assertEqual(self.surel.run("get", "time.zone").strip(), "")
        self.assertEqual(self.surel.run("get", "web.language").strip(), "auto")
        self.assertTrue(self.refused("imap"))
        os.rmdir(obstacle)
        _, reply = set_up(self.surel)
        self.assertEqual(reply.status, 303)

    def test_a_user_of_the_tool_counts(self):
        self.surel.run("user", "add", "bob", input="bob-secret\n")
        self.surel.passwords["bob"] = "bob-secret"
        self.assertEqual(self.surel.pop3("bob").stat(), (0, 0))
        c = Client(self.surel)
        self.assertEqual(c.get("/").headers["Location"], "/setup")
        c, reply = set_up(self.surel, user="bob", secret="bob-secret-2")
        self.assertEqual(reply.status, 422, "nobody takes a mailbox over")
        _, reply = set_up(self.surel, user="", secret="")
        self.assertEqual(reply.headers["Location"], "/welcome")
        self.assertEqual(self.surel.run("user", "list").split()[0], "bob")


class Doors(unittest.TestCase):
    """A box that is set up."""

    @classmethod
    def setUpClass(cls):
        cls.surel = Surel(users=())
        cls.surel.start()
        _, reply = set_up(cls.surel)
        assert reply.status == 303, reply.status

    @classmethod
    def tearDownClass(cls):
        cls.surel.close()

    def setUp(self):
        self.client = Client(self.surel)

    def test_login_in_a_browser(self):
        with Browser(self.surel.url()) as b:
            for _ in b.every_look():
                b.open("/welcome?user=anna")
                see(b, "login")
            b.walk()
            b.fill(password="wrong").submit()
            self.assertEqual(set(b.errors()), {"password"})
            see(b, "login-wrong")
            b.fill(password=ADMIN).submit()
            for _ in b.every_look():
                see(b.open("/welcome?user=anna"), "welcome")
                see(b.open("/nowhere"), "not-found")
            b.walk()

    def test_a_wrong_password(self):
        reply = self.client.log_in("wrong")
        self.assertEqual(reply.status, 422)
        self.assertNotIn("surel", self.client.cookies)
        self.assertFalse(self.client.is_in())

    def test_logout_ends_it_on_the_server(self):
        self.client.log_in()
        stolen = dict(self.client.cookies)
        self.client.get("/welcome")
        self.client.post("/logout")
        self.client.cookies = stolen
        self.assertFalse(self.client.is_in())

    def test_back_to_where_one_was(self):
        location = self.client.get("/welcome").headers["Location"]
        self.assertEqual(location, "/login?next=/welcome")
        self.client.get(location)
        form = {"password": ADMIN, "next": "/welcome"}
        self.assertEqual(self.client.post("/login", form).headers["Location"], "/welcome")
        for evil in ("//evil.example/", "https://evil.example/", "/\\evil.example", "/a\r\nX: y", "javascript:1"):
            c = Client(self.surel)
            c.get("/login")
            reply = c.post("/login", {"password": ADMIN, "next": evil})
            self.assertEqual(reply.headers["Location"], "/", evil)
            self.assertIsNone(reply.headers["X"])

    def test_cookies(self):
        reply = self.client.log_in()
        field = [f for f in reply.headers.get_all("Set-Cookie") if f.startswith("surel=")][0]
        self.assertIn("HttpOnly", field)
        self.assertIn("SameSite=Strict", field)
        self.assertGreaterEqual(len(self.client.cookies["surel"]), 32)
        over_tls = Client(self.surel, tls=True)
        reply = over_tls.log_in()
        field = [f for f in reply.headers.get_all("Set-Cookie") if f.startswith("__Host-surel=")][0]
        for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, field)
        self.assertTrue(over_tls.is_in())
        # What was won without TLS is worth nothing with it.
        over_tls.cookies["__Host-surel"] = self.client.cookies["surel"]
        self.assertFalse(over_tls.is_in())
        self.assertTrue(self.client.is_in())

    def test_a_login_makes_a_new_cookie(self):
        self.client.cookies["surel"] = "a" * 64
        self.client.log_in()
        first = self.client.cookies["surel"]
        self.assertNotEqual(first, "a" * 64)
        self.client.get("/welcome")
        self.client.post("/login", {"password": ADMIN})
        self.assertNotEqual(self.client.cookies["surel"], first)

    def test_forged_forms_are_refused(self):
        self.client.log_in()
        self.client.get("/welcome")
        right = self.client.token()
        port = self.surel.port("http")
        ours = f"http://127.0.0.1:{port}"
        for token, headers in (
                (None, {}), ("", {}), ("0" * 64, {}), (right[:-1], {}), (right + "0", {}),
                (None, {"Origin": ours}), (None, {"Sec-Fetch-Site": "same-origin"}),
                (right, {"Origin": "http://evil.example"}), (right, {"Origin": "null"}),
                (right, {"Origin": f"https://127.0.0.1:{port}"}), (right, {"Origin": "http://127.0.0.1"}),
                (right, {"Origin": ours + ".evil.example"}),
                (right, {"Sec-Fetch-Site": "cross-site"}), (right, {"Sec-Fetch-Site": "same-site"})):
            reply = self.client.post("/logout", token=token, headers=headers)
            self.assertEqual(reply.status, 403, (token, headers))
            self.assertTrue(self.client.is_in(), (token, headers))
        self.client.get("/welcome")
        self.assertEqual(self.client.post("/logout", headers={"Origin": ours}).status, 303)

    def test_nobody_is_logged_in_by_another_site(self):
        ours = f"http://127.0.0.1:{self.surel.port('http')}"
        for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            reply = self.client.post("/login", {"password": ADMIN}, token=None, headers=headers)
            self.assertEqual(reply.status, 403, headers)
        self.assertEqual(self.client.post("/login", {"password": ADMIN}, token=None,
                                          headers={"Origin": ours}).status, 303)
        # A token is good for the browser that it was made for.
        one, other = Client(self.surel), Client(self.surel)
        one.get("/login")
        other.get("/login")
        self.assertEqual(other.post("/login", {"password": ADMIN}, token=one.token()).status, 403)

    def test_names_of_others_are_not_answered(self):
        port = self.surel.port("http")
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example",
                     "xn--surel-.local", "8.8.8.8"):
            for path in ("/", "/login", "/nowhere", "/api/status", "/setup"):
                reply = self.client.get(path, host=host)
                self.assertEqual(reply.status, 421, (host, path))
                self.assertNotIn("Set-Cookie", reply.headers)
            self.assertEqual(self.client.get("/style.css", host=host).status, 200, "for the page that says so")
            self.assertEqual(self.client.post("/login", {"password": ADMIN}, token=None, host=host,
                                              headers={"Origin": "http://" + host}).status, 421)
        for host in (f"localhost:{port}", "surel.local", "SUREL.local.", f"127.0.0.1:{port}", socket.gethostname()):
            self.assertEqual(self.client.get("/login", host=host).status, 200, host)
        self.surel.run("set", "web.hosts", "surat.example.org")
        self.assertEqual(self.client.get("/login", host="surat.example.org").status, 200)

    def test_looking_changes_nothing(self):
        self.client.log_in()
        for path in ("/logout", "/language", "/language?lang=id"):
            self.assertEqual(self.client.get(path).status, 405, path)
        self.assertTrue(self.client.is_in())

    def test_fields_of_every_answer(self):
        self.client.log_in()
        for path in ("/login", "/welcome", "/nowhere", "/style.css", "/logout", "/setup"):
            fields = self.client.get(path).headers
            policy = fields["Content-Security-Policy"]
            for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
                         "base-uri 'none'", "frame-ancestors 'none'"):
                self.assertIn(part, policy, path)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(fields["X-Content-Type-Options"], "nosniff")
            self.assertIn(fields["Referrer-Policy"], ("same-origin", "no-referrer"))
            self.assertEqual(fields["Cross-Origin-Opener-Policy"], "same-origin")
            self.assertEqual(fields["Cache-Control"], "no-cache" if path == "/style.css" else "no-store")
            self.assertIsNone(fields["Strict-Transport-Security"], "not with a certificate of the house")

    def test_assets(self):
        for path in ("/style.css", "/surel.js", "/icon.svg"):
            c = Client(self.surel)
            plain = c.get(path)
            self.assertIsNone(plain.headers["Content-Encoding"])
            connection = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=30)
            connection.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
            packed = connection.getresponse()
            self.assertEqual(packed.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.read()).decode(), c.page)
            connection.close()
            again = c.get(path, headers={"If-None-Match": plain.headers["ETag"]})
            self.assertEqual(again.status, 304)

    def test_language(self):
        for asked, got in (("id-ID,id;q=0.9,en;q=0.8", "id"), ("en-US,en;q=0.9,id;q=0.8", "en"), ("fr", "en"), ("", "en")):
            c = Client(self.surel)
            self.assertEqual(c.get("/login", headers={"Accept-Language": asked}).headers["Content-Language"], got)
        self.client.get("/login")
        self.assertEqual(self.client.post("/language", {"lang": "id", "back": "/login"}).headers["Location"], "/login")
        self.client.get("/login", headers={"Accept-Language": "en"})
        self.assertIn('<html lang="id">', self.client.page)
        self.assertIn("Masuk", self.client.page)

    def test_many_guesses_at_once(self):
        clients = [Client(self.surel) for _ in range(12)]
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            statuses = [r.status for r in pool.map(lambda c: c.log_in("wrong"), clients)]
        self.assertTrue(set(statuses) <= {422, 429}, statuses)
        self.assertEqual(self.client.log_in().status, 303)


class Tour(unittest.TestCase):
    """Every page that a link leads to, with every eye and with the keyboard."""

    NO_PAGES = re.compile(r"\.(tar|mbox|mobileconfig|pem|der|svg|json|xml|txt)$")

    def links(self, browser):
        found = [a.get_attribute("href") for a in browser.all("a[href]")]
        inside = [h[len(browser.url):].split("#")[0] for h in found if h.startswith(browser.url + "/")]
        return [p for p in inside if p and not self.NO_PAGES.search(p.split("?")[0])]

    def all_pages(self, browser):
        to_go, pages = ["/"], []
        while to_go:
            path = to_go.pop(0)
            if path in pages:
                continue
            pages.append(path)
            self.assertLess(len(pages), 60, "pages without an end")
            to_go += self.links(browser.open(path))
        return pages

    def test_all_pages(self):
        with Board() as surel:
            _, reply = set_up(surel)
            self.assertEqual(reply.status, 303)
            for n in range(3):
                surel.deliver(message(f"number{n}"), "anna")
            surel.imap("anna").logout()
            with Browser(surel.url()) as b:
                b.open("/login").fill(password=ADMIN).submit()
                pages = self.all_pages(b)
                print("pages:", *pages)
                for path in ("/", "/mail", "/users", "/settings", "/backup", "/advice", "/system",
                             "/connect/anna"):
                    self.assertIn(path, pages)
                for path in pages:
                    b.become().open(path).walk()
                for look in (("en", 360, False), ("id", 1280, True), ("id", 360, True), ("en", 1280, False)):
                    b.become(*look)
                    for path in pages:
                        see(b.open(path), "tour" + re.sub(r"[^a-z0-9]", "-", path))


class Ends(unittest.TestCase):
    def test_with_the_daemon_and_with_the_password(self):
        with Surel(users=()) as surel:
            c, reply = set_up(surel)
            self.assertTrue(c.is_in())
            surel.stop()
            surel.start()
            self.assertFalse(c.is_in())
            c.log_in()
            self.assertTrue(c.is_in())
            surel.run("admin", "passwd", input="another-secret\n")
            self.assertFalse(c.is_in())
            self.assertEqual(c.log_in().status, 422)
            self.assertEqual(c.log_in("another-secret").status, 303)
            # A form that was open meanwhile: nothing is done, and one is told why.
            reply = Client(surel).post("/logout", token="0" * 64)
            self.assertEqual(reply.headers["Location"], "/login?next=/logout&done=expired")


# --- what web/ holds ------------------------------------------------------------------------------

def texts(language):
    found = {}
    for path in sorted(glob.glob(f"{WEB}/text/*.{language}")):
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                key, separator, text = line.partition(" = ")
                assert separator and text.strip(), f"{path}:{number}: not `key = text`"
                assert key not in found, f"{path}:{number}: {key} is there twice"
                found[key] = text
    return found


class Texts(unittest.TestCase):
    def test_both_languages_are_complete(self):
        en, ind = texts("en"), texts("id")
        self.assertEqual(sorted(set(en) - set(ind)), [], "missing in Indonesian")
        self.assertEqual(sorted(set(ind) - set(en)), [], "missing in English")
        for key in en:
            holes = [sorted(re.findall(r"\{\{(.*?)\}\}", t[key])) for t in (en, ind)]
            self.assertEqual(*holes, key)
        same = [k for k in en if en[k] == ind[k] and re.search(r"[a-z]{4,} [a-z]{4,} [a-z]{4,}", en[k])]
        self.assertEqual(same, [], "not translated")

    def test_every_text_of_a_template_is_there(self):
        en = texts("en")
        missing = []
        for path in glob.glob(f"{WEB}/*.html") + glob.glob(f"{WEB}/*.xml"):
            with open(path, encoding="utf-8") as f:
                # "connect.[type]": any value of the member may stand there
                missing += [f"{path}: {k}" for k in re.findall(r"\{\{\s*t\.([^}\s]+)", f.read())
                            if not any(re.fullmatch(re.sub(r"\\\[.*?\\\]", ".+", re.escape(k)), known) for known in en)]
        self.assertEqual(missing, [])

    def test_every_page_has_a_title_and_every_key_of_the_code_is_there(self):
        en = texts("en")
        missing = []
        for path in glob.glob("daemon/app/web*.c"):
            with open(path, encoding="utf-8") as f:
                code = f.read()
            pages = re.findall(r'web_page\(\s*x,[^,]+,\s*"([a-z_]+)"', code)
            missing += [f"{path}: {p}.title" for p in pages if p != "error" and f"{p}.title" not in en
                        and '"title"' not in code]
            for key in re.findall(r'web_text\([^"()]*(?:\([^()]*\))?[^"()]*"([a-z0-9_.]+)"\)', code):
                if key not in en:
                    missing.append(f"{path}: {key}")
            for key in re.findall(r'done=([a-z_]+)', code):
                if f"notice.{key}" not in en:
                    missing.append(f"{path}: notice.{key}")
        self.assertEqual(missing, [])

    def test_no_inline_script_or_style(self):
        for path in glob.glob(f"{WEB}/*.html"):
            with open(path, encoding="utf-8") as f:
                self.assertNotRegex(f.read(), r"<style|<script(?! src=)|\sstyle=|\son[a-z]+=|javascript:|https?://", path)

    def test_the_budget(self):
        """All bytes of all compressed assets, as they are in the binary."""
        path = os.path.join(os.path.dirname(BINARY), "web_assets.c")
        with open(path, encoding="utf-8") as f:
            code = f.read()
        sizes = {name: body.count("0x") for name, body in
                 re.findall(r"static const uint8_t (\w+)\[\] = \{(.*?)\};", code, re.S)}
        total = sum(sizes.values())
        print(f"assets: {total} of {BUDGET_BYTES} bytes: {sizes}")
        self.assertLessEqual(set(("pack", "style_css", "surel_js", "icon_svg")), set(sizes))
        self.assertLessEqual(total, BUDGET_BYTES)


if __name__ == "__main__":
    unittest.main()
