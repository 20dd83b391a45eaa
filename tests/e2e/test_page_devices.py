"""Users and their devices on the page; what devices fetch to set themselves up, against its published shape."""

import html
import http.client
import imaplib
import json
import os
import plistlib
import re
import shutil
import subprocess
import unittest
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree as ElementTree

from browser import Browser
from surel import Surel, message

ADMIN = "correct horse"
HOST_NAME = re.compile(r"(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
                       r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
NS_ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}"
NS_OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
 <Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>%s</AcceptableResponseSchema></Request>
</Autodiscover>"""
imaplib.Commands["ID"] = ("AUTH", "SELECTED")


class Reply:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = response.headers
        self.type = self.headers.get("Content-Type", "").split(";")[0]

    @property
    def text(self):
        return html.unescape(self.body.decode())


class Client:
    """A browser without script, or a mail program."""

    def __init__(self, surel, language="en"):
        self.surel, self.language, self.cookies = surel, language, {}

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.surel.port("http"), timeout=30)
        headers = {"Accept-Language": self.language, **headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request(method, path, body, headers)
        reply = Reply(connection.getresponse())
        connection.close()
        for line in reply.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return reply

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, page=None, **fields):
        """page: where the form is, for its token."""
        token = re.search(r'name="csrf" value="([^"]*)"', self.get(page or path).text).group(1)
        return self.ask("POST", path, urllib.parse.urlencode({"csrf": token, **fields}),
                        **{"Content-Type": "application/x-www-form-urlencoded"})

    def log_in(self):
        reply = self.post("/login", password=ADMIN)
        assert reply.status == 303, reply.text
        return self


class DevicesTest(unittest.TestCase):
    def start(self, users=(("alice", "secret-a"), ("bob", "secret-b")), **settings):
        settings.setdefault("mail.domains", "example.org")
        self.surel = Surel(users=users, settings=settings.items())
        self.addCleanup(self.surel.close)
        self.surel.run("admin", "passwd", input=ADMIN + "\n")
        self.surel.start()
        return Client(self.surel)

    def set(self, key, value, *user):
        self.surel.run("set", key, value, *user)


class AutoconfigTest(DevicesTest):
    """Thunderbird's format, draft-ietf-mailmaint-autoconfig; as strictly as its strictest reader."""

    URLS = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")

    def servers(self, reply):
        self.assertEqual(reply.status, 200, reply.text)
        self.assertEqual(reply.type, "text/xml")
        root = ElementTree.fromstring(reply.body)
        self.assertEqual((root.tag, root.attrib), ("clientConfig", {"version": "1.1"}))
        self.assertEqual([e.tag for e in root], ["emailProvider"])
        provider = root[0]
        self.assertRegex(provider.attrib["id"], HOST_NAME)
        tags = [e.tag for e in provider]
        self.assertEqual(tags[:3], ["domain", "displayName", "displayShortName"])
        self.assertLessEqual(set(tags[3:]), {"incomingServer", "outgoingServer"})
        self.assertEqual(tags, sorted(tags, key=["domain", "displayName", "displayShortName",
                                                 "incomingServer", "outgoingServer"].index))
        self.assertRegex(provider.findtext("domain"), HOST_NAME)
        for server in provider[3:]:
            self.assertIn((server.tag, server.attrib["type"]),
                          (("incomingServer", "imap"), ("incomingServer", "pop3"), ("outgoingServer", "smtp")))
            inner = [e.tag for e in server]
            self.assertEqual(inner[:5], ["hostname", "port", "socketType", "username", "authentication"])
            self.assertEqual(inner[5:], ["pop3"] if server.attrib["type"] == "pop3" else [])
            self.assertTrue(1 <= int(server.findtext("port")) <= 65535)
            self.assertIn(server.findtext("socketType"), ("SSL", "STARTTLS"))
            self.assertEqual(server.findtext("authentication"), "password-cleartext")
        return provider[3:]

    def types(self, reply):
        return [s.attrib["type"] for s in self.servers(reply)]

    def test_both_urls_with_and_without_an_address(self):
        client = self.start()
        for url in self.URLS:
            for query, user in (("", "%EMAILADDRESS%"), ("?emailaddress=", "%EMAILADDRESS%"),
                                ("?emailaddress=%25EMAILADDRESS%25", "%EMAILADDRESS%"),
                                ("?emailaddress=alice%40example.org", "alice@example.org"),
                                ("?emailaddress=nobody%40example.org", "nobody@example.org")):
                servers = self.servers(client.get(url + query, Host="autoconfig.example.org"))
                self.assertEqual([s.attrib["type"] for s in servers], ["imap", "pop3", "smtp"])
                self.assertEqual({s.findtext("username") for s in servers}, {user})
                self.assertEqual([int(s.findtext("port")) for s in servers],
                                 [self.surel.port(p) for p in ("imaps", "pop3s", "submissions")])
        self.assertEqual(client.get(self.URLS[0] + "?emailaddress=a%40other.example").status, 404)

    def test_the_answer_logs_in(self):
        client = self.start()
        for server in self.servers(client.get(self.URLS[0] + "?emailaddress=alice%40example.org",
                                              Host="localhost")):
            host, port = server.findtext("hostname"), int(server.findtext("port"))
            if server.attrib["type"] == "imap":
                imap = imaplib.IMAP4_SSL(host, port, ssl_context=self.surel.ssl(), timeout=30)
                imap.login(server.findtext("username"), "secret-a")
                imap.logout()

    def test_it_follows_settings_and_policy(self):
        client = self.start()
        alice, bob = (self.URLS[0] + f"?emailaddress={n}%40example.org" for n in ("alice", "bob"))
        pop3 = self.servers(client.get(bob))[1].find("pop3")
        self.assertEqual([(e.tag, e.text) for e in pop3], [("leaveMessagesOnServer", "true")])
        self.set("pop3.delete_after_days", "14", "--user", "alice")
        pop3 = self.servers(client.get(alice))[0].find("pop3")
        self.assertEqual([(e.tag, e.text) for e in pop3],
                         [("leaveMessagesOnServer", "true"), ("daysToLeaveMessagesOnServer", "14")])
        self.assertEqual(self.types(client.get(bob)), ["imap", "pop3", "smtp"])
        self.set("imap.access", "no", "--user", "alice")
        self.assertEqual(self.types(client.get(alice)), ["pop3", "smtp"])
        self.set("pop3.enabled", "no")
        self.assertEqual(self.types(client.get(bob)), ["imap", "smtp"])
        self.set("pop3.enabled", "yes")
        self.set("pop3.after_download", "delete")
        pop3 = self.servers(client.get(bob))
        self.assertEqual(pop3[0].attrib["type"], "pop3")
        self.assertEqual(pop3[0].findtext("pop3/leaveMessagesOnServer"), "false")
        self.set("tls.enabled", "no")  # a password in clear text is nothing to lead people to
        self.assertEqual(client.get(bob).status, 404)

    def test_addresses_cannot_break_the_xml(self):
        client = self.start(**{"mail.domains": ""})
        for address in ("<a>@example.org", "a&b@example.org", "a\0b@example.org", "\xff@example.org",
                        "]]>@example.org", '"@example.org', "a@-bad-", "a@b@example.org", "x" * 400 + "@b.c"):
            self.servers(client.get(self.URLS[0] + "?emailaddress=" + urllib.parse.quote(address, "")))


class AutodiscoverTest(DevicesTest):
    """Outlook's: "plain old XML" and version 2."""

    URLS = ("/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml")

    def root(self, client, body, path=URLS[0]):
        reply = client.ask("POST", path, body, **{"Content-Type": "text/xml"})
        self.assertEqual((reply.status, reply.type), (200, "text/xml"), reply.text)
        root = ElementTree.fromstring(reply.body)
        self.assertEqual(root.tag, NS_ANSWER + "Autodiscover")
        self.assertEqual(len(root), 1)
        return root

    def error(self, client, body):
        response = self.root(client, body)[0]
        self.assertEqual(response.tag, NS_ANSWER + "Response")
        error = response.find(NS_ANSWER + "Error")
        self.assertEqual([e.tag for e in error], [NS_ANSWER + t for t in ("ErrorCode", "Message", "DebugData")])
        self.assertRegex(error.attrib["Time"], r"^\d\d:\d\d:\d\d\.\d{7}$")
        self.assertTrue(error.attrib["Id"].isdigit())
        return int(error.findtext(NS_ANSWER + "ErrorCode"))

    def test_settings(self):
        client = self.start()
        for url in self.URLS:
            for body in (REQUEST % ("alice@example.org", NS_OUTLOOK[1:-1]),
                         "<a:R xmlns:a='x'><a:EMailAddress> al&#105;ce@example.org </a:EMailAddress></a:R>"):
                response = self.root(client, body, url)[0]
                self.assertEqual(response.tag, NS_OUTLOOK + "Response")
                account = response.find(NS_OUTLOOK + "Account")
                self.assertEqual([account[i].text for i in (0, 1)], ["email", "settings"])
                protocols = [{e.tag.replace(NS_OUTLOOK, ""): e.text for e in p} for p in account[2:]]
                self.assertEqual([p["Type"] for p in protocols], ["IMAP", "POP3", "SMTP"])
                for p in protocols:
                    self.assertEqual((p["LoginName"], p["SPA"], p["SSL"], p["Encryption"], p["AuthRequired"]),
                                     ("alice@example.org", "off", "on", "TLS", "on"))
                self.assertEqual([int(p["Port"]) for p in protocols],
                                 [self.surel.port(p) for p in ("imaps", "pop3s", "submissions")])

    def test_errors(self):
        client = self.start()
        self.assertEqual(self.error(client, "hello"), 600)
        self.assertEqual(self.error(client, "<EMailAddress>&x;</EMailAddress>"), 600)
        self.assertEqual(self.error(client, REQUEST % ("alice@other.example", "")), 500)
        self.assertEqual(self.error(client, REQUEST % ("alice@example.org", "http://schemas.microsoft.com/exchange/"
                                                       "autodiscover/mobilesync/responseschema/2006")), 601)
        self.assertEqual(client.ask("POST", self.URLS[0], "x" * 20000).status, 413)
        self.assertIn(b"<ErrorCode>600</ErrorCode>", client.get(self.URLS[0]).body)
        self.assertEqual(client.get("/autodiscover/other").status, 404)

    def test_version_2(self):
        client = self.start(hostname="mail.example.org")
        for path in ("/autodiscover/autodiscover.json?Email=alice%40example.org&Protocol=AutodiscoverV1",
                     "/autodiscover/autodiscover.json/v1.0/alice@example.org?Protocol=autodiscoverv1"):
            reply = client.get(path)
            self.assertEqual((reply.status, reply.type), (200, "application/json"), reply.text)
            self.assertEqual(json.loads(reply.body), {
                "Protocol": "AutodiscoverV1",
                "Url": f"https://mail.example.org:{self.surel.port('https')}/autodiscover/autodiscover.xml"})
        for query, code in (("Email=alice%40example.org", "MandatoryParameterMissing"),
                            ("Email=alice%40example.org&Protocol=EWS", "ProtocolNotSupported"),
                            ("Email=%3Cb&Protocol=AutodiscoverV1", "InvalidUserId")):
            reply = client.get("/autodiscover/autodiscover.json?" + query)
            self.assertEqual((reply.status, json.loads(reply.body)["ErrorCode"]), (400, code))


class ProfileTest(DevicesTest):
    def test_pacc(self):
        client = self.start(hostname="mail.example.org")
        reply = client.get("/.well-known/user-agent-configuration.json", Host="ua-auto-config.example.org")
        self.assertEqual((reply.status, reply.type), (200, "application/json"))
        host = {"host": "mail.example.org"}
        self.assertEqual(json.loads(reply.body), {
            "protocols": {"imap": host, "pop3": host, "smtp": host},
            "authentication": {"password": True}, "info": {"provider": {"name": "example.org"}}})

    def profile(self, client, kind, user="alice"):
        reply = client.get(f"/connect/{user}/{kind}.mobileconfig", Host="localhost")
        self.assertEqual((reply.status, reply.type), (200, "application/x-apple-aspen-config"), reply.text)
        self.assertNotIn(b"Password</key>\n  <string", reply.body)
        profile = plistlib.loads(reply.body, fmt=plistlib.FMT_XML)
        for payload in [profile] + profile["PayloadContent"]:
            self.assertEqual((type(payload["PayloadVersion"]), payload["PayloadVersion"]), (int, 1))
            self.assertEqual(str(uuid.UUID(payload["PayloadUUID"])).upper(), payload["PayloadUUID"])
            self.assertTrue(payload["PayloadIdentifier"] and payload["PayloadDisplayName"])
        self.assertEqual(profile["PayloadType"], "Configuration")
        return profile

    def test_apple(self):
        client = self.start()
        for kind, port, account_type in (("imap", "imaps", "EmailTypeIMAP"), ("pop3", "pop3s", "EmailTypePOP")):
            profile = self.profile(client, kind)
            mail, ca = profile["PayloadContent"]
            self.assertEqual(mail["PayloadType"], "com.apple.mail.managed")
            expected = {"EmailAccountType": account_type, "EmailAddress": "alice@example.org",
                        "OutgoingPasswordSameAsIncomingPassword": True}
            for direction, number in (("Incoming", port), ("Outgoing", "submissions")):
                start = direction + "MailServer"
                expected |= {start + "HostName": "localhost", start + "PortNumber": self.surel.port(number),
                             start + "UseSSL": True, start + "Username": "alice",
                             start + "Authentication": "EmailAuthPassword"}
            for key, value in expected.items():
                self.assertEqual((key, type(mail[key]), mail[key]), (key, type(value), value))
            self.assertNotIn("IncomingPassword", mail)
            self.assertEqual(ca["PayloadType"], "com.apple.security.root")
            text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], check=True,
                                  input=ca["PayloadContent"], capture_output=True).stdout.decode()
            self.assertIn("CA:TRUE", text)
            uuids = {p["PayloadUUID"] for p in [profile, mail, ca]}
            self.assertEqual(len(uuids), 3)
        other = self.profile(client, "imap", "bob")["PayloadUUID"]
        before = self.profile(client, "imap")
        self.assertNotEqual(before["PayloadUUID"], other)
        self.surel.stop()
        self.surel.start()
        self.assertEqual(self.profile(client, "imap"), before)
        self.set("submission.enabled", "no")
        self.assertEqual(client.get("/connect/alice/imap.mobileconfig").status, 404)

    def test_the_certificate_of_the_house(self):
        client = self.start()
        with open(self.surel.ca, "rb") as f:
            pem = f.read()
        reply = client.get("/ca.pem", Host="anything.example")
        self.assertEqual((reply.status, reply.type, reply.body), (200, "application/x-x509-ca-cert", pem))
        reply = client.get("/ca.der")
        self.assertEqual((reply.status, reply.type), (200, "application/x-x509-ca-cert"))
        again = subprocess.run(["openssl", "x509", "-inform", "DER"], input=reply.body, check=True,
                               capture_output=True).stdout
        self.assertEqual(again, pem)
        mark = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=pem, check=True,
                              capture_output=True).stdout.decode().strip().split("=")[1]
        self.assertIn(mark, client.get("/connect/alice").text)

    def test_another_ones_certificate_needs_no_ca(self):
        client = self.start()
        self.surel.stop()
        directory = os.path.join(self.surel.data, "tls")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=mail.example.org", "-keyout", directory + "/key.pem",
                        "-out", directory + "/cert.pem"], check=True, capture_output=True)
        self.surel.start()
        self.assertEqual(client.get("/ca.pem").status, 404)
        self.assertEqual(len(self.profile(client, "imap")["PayloadContent"]), 1)
        self.assertNotIn("/ca.pem", client.get("/connect/alice").text)


class ConnectTest(DevicesTest):
    def test_names_are_not_told(self):
        client = self.start()
        self.set("imap.access", "yes", "--user", "bob")

        def page(name):
            text = client.get(f"/connect/{name}").text
            return re.sub(r'name="csrf" value="[^"]*"', "", text).replace(name, "NAME")
        self.assertEqual(page("alice"), page("nobody"))
        self.assertEqual(client.get("/connect/%3Cscript%3E").status, 404)
        self.assertEqual(client.get("/connect/alice@other.example").status, 404)
        self.assertEqual(client.get("/connect/alice/unknown").status, 404)
        for name, status in (("alice", 303), ("alice@example.org", 303), ("", 200), ("<b>", 422), ("a@x.example", 422)):
            reply = client.get("/connect?name=" + urllib.parse.quote(name))
            self.assertEqual((name, reply.status), (name, status))
        self.assertEqual(client.get("/connect?name=alice").headers["Location"], "/connect/alice")

    def test_snippets(self):
        client = self.start(hostname="mail.example.org")
        self.set("pop3.enabled", "no")
        text = client.get("/connect/alice").text
        srv = re.search(r'id="srv">([^<]*)<', text).group(1).strip().splitlines()
        found = {}
        for line in srv:
            m = re.fullmatch(r"(_[a-z0-9]+)\._tcp\.example\.org\. IN SRV (\d+) (\d+) (\d+) (\S+)", line)
            self.assertTrue(m, line)
            found[m[1]] = (int(m[4]), m[5])
        here = "mail.example.org."
        self.assertEqual(found, {
            "_imaps": (self.surel.port("imaps"), here), "_imap": (self.surel.port("imap"), here),
            "_pop3s": (0, "."), "_pop3": (0, "."), "_submissions": (self.surel.port("submissions"), here),
            "_submission": (self.surel.port("submission"), here)})
        dnsmasq = re.search(r'id="dnsmasq">([^<]*)<', text).group(1).strip().splitlines()
        self.assertEqual(dnsmasq[0], "host-record=mail.example.org,autoconfig.example.org,"
                                     "autodiscover.example.org,127.0.0.1")
        self.assertIn(f"srv-host=_imaps._tcp.example.org,mail.example.org,{self.surel.port('imaps')},0,1", dnsmasq)
        self.assertIn("srv-host=_pop3s._tcp.example.org", dnsmasq)
        raw = client.get("/connect/alice").body.decode()
        avahi = html.unescape(re.search(r'id="avahi">([^<]*)<', raw).group(1))
        services = ElementTree.fromstring(avahi)
        self.assertEqual(services.tag, "service-group")
        self.assertIn(("_imaps._tcp", str(self.surel.port("imaps"))),
                      [(s.findtext("type"), s.findtext("port")) for s in services.findall("service")])

    def test_where_plain_http_is_not_wanted(self):
        client = self.start(**{"web.plain_lan": "no"})
        for path in ("/ca.pem", "/mail/config-v1.1.xml"):  # nobody could trust us yet
            self.assertEqual(client.get(path).status, 200)
        with urllib.request.urlopen(self.surel.url("/connect/alice/qr.svg", host="localhost", tls=True),
                                    context=self.surel.ssl(), timeout=30) as reply:
            root = ElementTree.fromstring(reply.read())
        self.assertEqual(root.attrib["aria-label"], self.surel.url("/connect/alice", host="localhost", tls=True))

    def test_without_encryption(self):
        client = self.start(**{"tls.enabled": "no"})
        text = client.get("/connect/alice").text
        self.assertIn("There is no encryption", text)
        self.assertNotIn("mobileconfig", text)
        self.assertNotIn("/ca.pem", text)
        self.assertIn(str(self.surel.port("imap")), text)

    def test_the_qr_code_leads_to_the_page(self):
        client = self.start()
        reply = client.get("/connect/alice/qr.svg")
        self.assertEqual((reply.status, reply.type), (200, "image/svg+xml"))
        root = ElementTree.fromstring(reply.body)
        url = root.attrib["aria-label"]
        self.assertEqual(url, self.surel.url("/connect/alice"))
        self.assertEqual(client.get(urllib.parse.urlsplit(url).path).status, 200)
        self.assertTrue(shutil.which("zbarimg"), "zbar-tools is not installed")
        with Browser(self.surel.url(), width=360) as b:
            b.open("/connect/alice/qr.svg")
            path = os.path.join(self.surel.dir, "qr.png")
            b.driver.save_screenshot(path)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True, check=True)
        self.assertEqual(read.stdout.decode().strip(), url)


class UsersTest(DevicesTest):
    def secret(self, reply):
        self.assertEqual(reply.status, 200, reply.text)
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        return re.search(r'id="c-secret">([a-z0-9-]+)<', reply.text).group(1)

    def can_log_in(self, user, password):
        imap = imaplib.IMAP4("127.0.0.1", self.surel.port("imap"), timeout=30)
        try:
            imap.login(user, password)
            return True
        except imaplib.IMAP4.error:
            return False
        finally:
            imap.shutdown()

    def test_nothing_without_login_or_token(self):
        client = self.start()
        self.assertEqual(client.get("/users").status, 303)
        self.assertEqual(client.get("/users/alice").status, 303)
        self.assertEqual(client.get("/api/users").status, 401)
        client.log_in()
        for path in ("/users", "/users/alice/devices", "/users/alice/password", "/users/alice/delete"):
            reply = client.ask("POST", path, "name=alice&label=x&mail=erase&generate=yes",
                               **{"Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual((path, reply.status), (path, 403))
        for path in ("/users/alice/delete", "/users/alice/revoke?label=x", "/users/alice/devices"):
            client.get(path)  # changes nothing
        self.assertTrue(self.can_log_in("alice", "secret-a"))

    def test_add_and_delete(self):
        client = self.start().log_in()
        for fields, wrong in (({"name": "Al ice", "generate": "yes"}, "name"),
                              ({"name": "ALICE", "generate": "yes"}, "name"),
                              ({"name": "carol", "password": "short", "password_again": "short"}, "password"),
                              ({"name": "carol", "password": "long enough", "password_again": "x"}, "password_again"),
                              ({"name": "carol", "password": "a\tb\x01long", "password_again": "a\tb\x01long"},
                               "password")):
            reply = client.post("/users", **fields)
            self.assertEqual(reply.status, 422, fields)
            self.assertIn(f'id="{wrong}-error"', reply.text)
            self.assertIn('role="alert"', reply.text)
            self.assertIn(f'value="{fields["name"]}"', reply.text)
            self.assertNotIn("long enough", reply.text)
        reply = client.post("/users", name="Carol", password="long enough", password_again="long enough")
        self.assertEqual((reply.status, reply.headers["Location"]), (303, "/users/carol?done=user_added"))
        self.assertTrue(self.can_log_in("carol", "long enough"))
        secret = self.secret(client.post("/users", name="dave", generate="yes"))
        self.assertTrue(self.can_log_in("dave", secret))
        self.surel.deliver(message("kept"), "carol")
        self.surel.kill()  # what was said was done
        self.surel.start()
        client.log_in()
        self.assertTrue(self.can_log_in("dave", secret))
        users = {u["name"]: u for u in json.loads(client.get("/api/users").body)["users"]}
        self.assertEqual(sorted(users), ["alice", "bob", "carol", "dave"])
        self.assertEqual(users["carol"]["messages"], 1)
        for path in ("/users/carol/delete",):
            self.assertEqual(client.post(path, name="dave", mail="erase").status, 422)
        self.assertEqual(client.post("/users/carol/delete", name="carol", mail="keep").status, 303)
        self.assertFalse(self.can_log_in("carol", "long enough"))
        client.post("/users", name="carol", password="long enough", password_again="long enough")
        self.surel.passwords["carol"] = "long enough"
        imap = self.surel.imap("carol")
        self.assertEqual(imap.select()[1], [b"1"])
        self.assertEqual(client.post("/users/carol/delete", name="carol", mail="erase").status, 303)
        self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError), imap.noop)
        client.post("/users", name="carol", password="long enough", password_again="long enough")
        self.assertEqual(self.surel.imap("carol").select()[1], [b"0"])

    def test_passwords(self):
        client = self.start().log_in()
        reply = client.post("/users/alice/password", "/users/alice", password="something new",
                            password_again="something new")
        self.assertEqual(reply.headers["Location"], "/users/alice?done=password_changed")
        self.assertTrue(self.can_log_in("alice", "something new"))
        self.assertFalse(self.can_log_in("alice", "secret-a"))
        secret = self.secret(client.post("/users/alice/password", "/users/alice", generate="yes"))
        self.assertTrue(self.can_log_in("alice", secret))
        self.assertEqual(client.post("/users/alice/password", "/users/alice", password="x").status, 422)

    def test_app_passwords(self):
        client = self.start().log_in()
        for label in ("", "a b", "x" * 33, "a+b", "a/b"):
            self.assertEqual(client.post("/users/alice/devices", "/users/alice", label=label).status, 422, label)
        secret = self.secret(client.post("/users/alice/devices", "/users/alice", label=" Phone "))
        self.assertEqual(client.post("/users/alice/devices", "/users/alice", label="phone").status, 422)
        other = self.secret(client.post("/users/alice/devices", "/users/alice", label="laptop"))
        self.surel.passwords |= {"alice+phone": secret, "alice+laptop": other}
        phone, laptop = self.surel.imap("alice+phone"), self.surel.imap("alice+laptop")
        self.assertTrue(self.can_log_in("alice", secret))
        self.assertEqual(client.get("/users/alice/revoke?label=nope").status, 404)
        self.assertIn("phone", client.get("/users/alice/revoke?label=phone").text)
        self.assertTrue(self.can_log_in("alice+phone", secret))
        reply = client.post("/users/alice/revoke", "/users/alice", label="phone")
        self.assertEqual(reply.headers["Location"], "/users/alice?done=revoked")
        self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError), phone.noop)
        self.assertFalse(self.can_log_in("alice+phone", secret))
        self.assertFalse(self.can_log_in("alice", secret))
        self.assertEqual(laptop.noop()[0], "OK")
        for i in range(15):
            self.secret(client.post("/users/alice/devices", "/users/alice", label=f"d{i}"))
        self.assertEqual(client.post("/users/alice/devices", "/users/alice", label="d16").status, 422)

    def test_connections_and_last_logins(self):
        client = self.start().log_in()
        self.assertIn("None yet.", client.get("/users/alice").text)
        imap = self.surel.imap("alice", tls=True)
        imap._simple_command("ID", '("name" "Mail <b>" "version" "7")')  # pylint: disable=protected-access
        self.surel.pop3("alice").quit()
        text = client.get("/users/alice").body.decode()
        self.assertIn("Mail &lt;b&gt; 7", text)
        self.assertIn("127.0.0.1", text)
        self.assertIn("POP3", text)
        self.assertIn("not encrypted", text)
        session = re.search(r'name="id" value="(\d+)"', text).group(1)
        self.assertEqual(client.post("/users/bob/end", "/users/alice", id=session).status, 303)
        self.assertEqual(imap.noop()[0], "OK")  # it is not bob's
        self.assertEqual(client.post("/users/alice/end", "/users/alice", id=session).status, 303)
        self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError), imap.noop)
        self.assertIn("Nobody.", client.get("/users/alice").text)


class BrowserTest(DevicesTest):
    """As a person does it; and every page looked at, in both languages, narrow and wide, light and dark."""

    def log_in(self, browser):
        browser.open("/login").fill(password=ADMIN).submit()

    def test_a_family_gets_connected(self):
        self.start()
        with Browser(self.surel.url(), width=360) as b:
            self.log_in(b)
            b.open("/users").fill(name="carol", generate=True)
            self.assertFalse(b.one("[name=password]").is_displayed())
            b.press("Add user")
            secret = b.one("#c-secret").text
            b.audit().screenshot("user_secret")
            self.surel.passwords["carol"] = secret
            self.surel.imap("carol").logout()
            b.press("Back to the user").fill(label="phone").press("Create a password")
            self.surel.passwords["carol+phone"] = b.one("#c-secret").text
            phone = self.surel.imap("carol+phone")
            b.press("Steps for the device")
            self.assertIn("carol+phone", b.text)
            b.open("/users/carol").press("Revoke").audit().press("Revoke")
            self.assertIn("revoked", b.notice())
            self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError), phone.noop)
            b.press("Delete user").fill(name="carol", mail="erase").press("Delete user")
            self.assertIn("deleted", b.notice())
            self.assertNotIn("carol", b.one("main").text)

    def test_pages_can_be_used_by_everybody(self):
        client = self.start(**{"quota.mib": "1"}).log_in()
        for i in range(2):
            self.surel.deliver(message(f"m{i}", body="x" * 200000 + "\r\n"))
        client.post("/users/alice/devices", "/users/alice", label="phone")
        imap = self.surel.imap("alice")
        imap._simple_command("ID", '("name" "Thunderbird" "version" "128.0")')  # pylint: disable=protected-access
        pages = {"users": "/users", "user": "/users/alice", "user_delete": "/users/alice/delete",
                 "user_revoke": "/users/alice/revoke?label=phone", "connect": "/connect/alice",
                 "connect_who": "/connect"}
        with Browser(self.surel.url()) as b:
            self.log_in(b)
            for look in (("en", 360, False), ("en", 1280, False), ("id", 360, False), ("id", 1280, True)):
                b.become(*look)
                for name, path in pages.items():
                    b.open(path).audit().screenshot(name)
                    for key in ("users.", "user.", "connect.", "setup.", "notice."):
                        self.assertNotRegex(b.text, rf"\b{re.escape(key)}[a-z_]+\b", path)
                    if name in ("users", "connect"):
                        b.walk()


if __name__ == "__main__":
    unittest.main()
