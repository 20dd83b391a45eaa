"""The real daemon for end-to-end tests: started on loopback with ports of its own, fed, asked, stopped.

Only processes started here are ended, by their pid. Nothing sleeps: start waits for the line
`surel: ready`, everything else for an answer.
"""

import imaplib
import os
import poplib
import random
import re
import resource
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading

BINARY = os.path.abspath(os.environ.get("SUREL", "build/host/surel"))
with open(BINARY, "rb") as binary:
    # A sanitizer's own memory says nothing about the daemon's.
    IS_SANITIZED = b"__asan_init" in binary.read()
PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "smtp": 25, "submission": 587,
         "submissions": 465, "lmtp": 24, "http": 80, "https": 443}
START_SECONDS = 30
imaplib._MAXLINE = 50 << 20  # the structure of a message of 10,000 parts is one line


def free_port_base():
    """A base at which all of Surel's ports are free."""
    for _ in range(200):
        # Below those that the system gives to clients, of whom there are many while all tests run.
        base = random.randrange(11000, 31000)
        try:
            for port in PORTS.values():
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", base + port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports")


class Surel:
    """One data directory and, between start and stop, one daemon on it."""

    def __init__(self, users=(("alice", "secret-a"),), settings=(), files=None, binary=BINARY, options=()):
        self.binary = binary
        self.options = list(options)  # further ones of `surel daemon`
        self.files = files  # descriptors the daemon may have; None: as many as we
        self.dir = tempfile.mkdtemp(prefix="surel-test-")
        self.data = os.path.join(self.dir, "data")
        self.base = free_port_base()
        self.process = None
        self.prefix = []   # a command that runs everything (small_disk.py)
        self.log_path = os.path.join(self.dir, "log")
        for key, value in settings:
            self.run("set", key, str(value))
        self.passwords = dict(users)
        for name, password in users:
            self.run("user", "add", name, input=password + "\n")

    # --- the process -------------------------------------------------------------------------

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [*self.prefix, self.binary, "daemon", "--data", self.data, "--port-base", str(self.base),
             "--listen", "127.0.0.1", "--foreground", *self.options],
            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
            preexec_fn=self.limit if self.files else None)
        log.close()
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline().decode()
        watchdog.cancel()
        if line.strip() != "surel: ready":
            self.process.wait()
            raise RuntimeError("did not start: " + self.log())
        return self

    def limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

    def stop(self):
        """Asks it to end; returns its exit status."""
        if not self.process:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "killed: did not stop"
        self.process.stdout.close()
        self.process = None
        return status

    def kill(self):
        """As a power cut would, as far as a process can feel one."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def close(self):
        status = self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
        return status

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def memory_kib(self, what="Pss"):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith(what + ":"))

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        status = self.close()
        if exc == (None, None, None) and status not in (0, None):
            raise AssertionError(f"the daemon ended with {status}")

    # --- the page ----------------------------------------------------------------------------

    def url(self, path="", host="127.0.0.1", tls=False):
        scheme, port = ("https", self.port("https")) if tls else ("http", self.port("http"))
        return f"{scheme}://{host}:{port}{path}"

    def setup_code(self):
        """The newest one that the daemon has printed."""
        return re.findall(r"set-up code (\d{4}-\d{4}) for http://", self.log())[-1]

    # --- the tool ----------------------------------------------------------------------------

    def tool(self, *args, input=None, timeout=60):
        return subprocess.run([*self.prefix, self.binary, *args, "--data", self.data], input=input, text=True,
                              capture_output=True, timeout=timeout, check=False)

    def run(self, *args, input=None, timeout=60):
        done = self.tool(*args, input=input, timeout=timeout)
        if done.returncode:
            raise AssertionError(f"surel {' '.join(args)}: {done.stderr}{done.stdout}")
        return done.stdout

    # --- clients -----------------------------------------------------------------------------

    def port(self, name):
        return self.base + PORTS[name]

    @property
    def ca(self):
        return os.path.join(self.data, "tls", "ca.pem")

    def ssl(self):
        return ssl.create_default_context(cafile=self.ca)

    def imap(self, user="alice", tls=False):
        if tls:
            c = imaplib.IMAP4_SSL("localhost", self.port("imaps"), ssl_context=self.ssl(), timeout=30)
        else:
            c = imaplib.IMAP4("127.0.0.1", self.port("imap"), timeout=30)
        if user:
            c.login(user, self.passwords[user])
        return c

    def pop3(self, user="alice", tls=False):
        if tls:
            c = poplib.POP3_SSL("localhost", self.port("pop3s"), context=self.ssl(), timeout=30)
        else:
            c = poplib.POP3("127.0.0.1", self.port("pop3"), timeout=30)
        if user:
            c.user(user)
            c.pass_(self.passwords[user])
        return c

    def lmtp(self):
        return smtplib.LMTP("127.0.0.1", self.port("lmtp"), timeout=30)

    def smtp(self):
        return smtplib.SMTP("127.0.0.1", self.port("smtp"), timeout=30)

    def lmtp_replies(self, message, *to, sender="sender@example.net"):
        """[(recipient, code)]: of RCPT where that refused, else of the data (RFC 2033 4.2)."""
        with self.lmtp() as c:
            c.ehlo_or_helo_if_needed()
            c.mail(sender, ["BODY=8BITMIME"])
            codes = {t: c.rcpt(t)[0] for t in to}
            accepted = [t for t in to if codes[t] == 250]
            if accepted:
                codes[accepted[0]] = c.data(message)[0]
                for t in accepted[1:]:
                    codes[t] = c.getreply()[0]
            return [(t, codes[t]) for t in to]

    def deliver(self, message, *to):
        replies = self.lmtp_replies(message, *(to or ("alice",)))
        if any(code != 250 for _, code in replies):
            raise AssertionError(replies)

    def socket(self, name, greeting=True):
        s = socket.create_connection(("127.0.0.1", self.port(name)), timeout=30)
        f = s.makefile("rwb", buffering=0)
        if greeting:
            f.readline()
        return s, f


def append_exactly(imap, mailbox, text):
    """APPEND without imaplib's repair of line ends."""
    imap.literal = text
    return imap._simple_command("APPEND", mailbox)  # pylint: disable=protected-access


def message(subject="Hello", body="Hi there.\r\n", sender="sender@example.net",
            to="alice@example.org", extra=""):
    return (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
            f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{subject}@example.net>\r\n"
            f"{extra}\r\n{body}").encode()


def fetch_bodies(imap):
    """UID -> bytes of every message of the selected mailbox."""
    _, data = imap.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
    found = {}
    for item in data:
        if isinstance(item, tuple):
            uid = int(item[0].split(b"UID ")[1].split()[0].rstrip(b")"))
            found[uid] = item[1]
    return found


def strip_trace(body):
    """A delivered message without the Return-Path and Received fields that delivery put on top."""
    lines = body.split(b"\r\n")
    at = 0
    while at < len(lines) and (lines[at].startswith((b"Return-Path:", b"Received:"))
                               or (at and lines[at][:1] in (b" ", b"\t"))):
        at += 1
    return b"\r\n".join(lines[at:])
