"""A board's image in QEMU, for tests: powered on, set up and used over its network, its power cut.

The guest's ports are forwarded from loopback; it reaches nobody. Nothing sleeps: what a start is waited
for is said on the console.
"""

import math
import os
import queue
import re
import shutil
import signal
import ssl
import struct
import subprocess
import threading
import time
import urllib.request

from surel import Surel, fetch_bodies
from test_page import Client, set_up

BOARD = os.environ.get("BOARD", "qemu-aarch64")
IMAGE = os.environ.get("IMAGE", f"build/{BOARD}/image")
MEMORY_MIB = "32"
START_SECONDS = 120
# The one is Surel's, the other the network's; either may be first.
READY = ("surel: ready", "The network: ")


def disk_bytes():
    """A power of two, as QEMU wants cards to be, and larger than the image."""
    return max(64 << 20, 1 << (os.path.getsize(os.path.join(IMAGE, "disk.img")) - 1).bit_length())


def partitions(disk):
    """[(kind, first octet, octets)] of its table, in the order of the disk."""
    with open(disk, "rb") as f:
        sector = f.read(512)
    entries = [struct.unpack_from("<4xB3xII", sector, 446 + 16 * i) for i in range(4)]
    return [(kind, start * 512, length * 512) for kind, start, length in entries if kind]


def board_setting(name):
    """What board/BOARD/firmware.conf says of it; "" when nothing."""
    return subprocess.run(["sh", "-c", f'. board/{BOARD}/firmware.conf; echo "${name}"'], check=True,
                          capture_output=True, text=True).stdout.strip()


# QEMU_PATIENCE=10 on a machine that has other things to do.
LOGIN_SECONDS = float(board_setting("login_seconds")) * float(os.environ.get("QEMU_PATIENCE", "1"))


def shared_machine(test_class):
    """One for all the tests of a class, on and set up; it is gone after them."""
    machine = Machine()
    test_class.addClassCleanup(machine.close)
    machine.start()
    machine.set_up()
    return machine


class Machine(Surel):
    """One disk and, between start and cut, one QEMU that has it. What Surel's clients do, this has too."""

    def __init__(self, disk=None):
        super().__init__(users=())
        self.disk = os.path.join(self.dir, "disk.img")
        shutil.copy(disk or os.path.join(IMAGE, "disk.img"), self.disk)
        os.truncate(self.disk, disk_bytes())
        self.lines, self.reader = None, None
        self.has_shell = False  # its console was activated
        self.earlier = 0  # characters of the log that are from earlier starts
        self.authority = None  # of its certificate, once asked for

    def start(self, append="", wanted=READY, **devices):
        """On, and waits for the lines `wanted`. `devices` are words for firmware/qemu.sh."""
        self.earlier = len(self.log())
        self.has_shell = False
        env = {**os.environ, "MEMORY": MEMORY_MIB, "APPEND": append, **devices}
        self.process = subprocess.Popen(["firmware/qemu.sh", BOARD, self.disk, str(self.base)], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.listen, args=(self.process.stdout, self.lines))
        self.reader.start()
        self.console(*wanted)
        return self

    def listen(self, stream, lines):
        with open(self.log_path, "ab") as log:
            for line in stream:
                log.write(line)
                log.flush()
                lines.put(line.decode(errors="replace"))
        lines.put(None)

    def console(self, *wanted):
        """Waits until each of these has been said since the last wait; returns the lines of meanwhile."""
        missing, deadline, said = set(wanted), time.monotonic() + START_SECONDS, []
        while missing:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"not said on the console: {missing}\n{self.log()[-4000:]}")
            missing = {m for m in missing if m not in line}
            said.append(line)
        return said

    def shell(self, command):
        """What the command says on the board's console; root's shell there asks for nothing."""
        if not self.has_shell:
            self.process.stdin.write(b"\n")
            self.has_shell = True
        # The terminal shows what is typed, so what is waited for is not typed like that.
        self.process.stdin.write(f"echo be''gin; {command}; echo e''nd\n".encode())
        self.process.stdin.flush()
        lines = [line.rstrip() for line in self.console("end\r\n")]
        begin = max(i for i, line in enumerate(lines) if line.endswith("begin"))
        return "\n".join(lines[begin + 1:-1])

    def accepts(self, text):
        """Whether the board takes this message."""
        return all(code == 250 for _, code in self.lmtp_replies(text, "alice"))

    def seconds_to_login(self, enough):
        """From power-on to the first answered login: the best of five, because others may be using this
        machine, or the first that is good enough."""
        best = math.inf
        for _ in range(5):
            self.cut()
            powered_on_s = time.monotonic()
            self.start()
            self.pop3("alice", tls=True).quit()
            best = min(best, time.monotonic() - powered_on_s)
            if best <= enough:
                break
        return best

    def restarted(self, *wanted):
        """Waits until it has ended its system and started again, and for the lines `wanted`; returns all."""
        said = self.console("Restarting system", *wanted)
        self.has_shell = False
        return said

    def problems(self):
        return self.shell("cat /run/system/problems").split()

    def off(self):
        """Until it has powered itself off."""
        self.process.wait(START_SECONDS)
        self.gone()

    def cut(self):
        """The power is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.gone()

    def gone(self):
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def close(self):
        if self.process:
            self.cut()
        shutil.rmtree(self.dir, ignore_errors=True)

    def setup_code(self):
        """This start's; it may be said after the line that the start waits for."""
        while True:
            found = re.findall(r"set-up code (\d{4}-\d{4}) for http://", self.log()[self.earlier:])
            if found:
                return found[-1]
            self.console("set-up code")

    def set_up(self, user="alice", secret="secret-alice"):
        self.authority = None
        client, reply = set_up(self, user, secret)
        if reply.status != 303:
            raise AssertionError(f"{reply.status}: {client.page}")
        return client

    def log_in(self):
        """The administrator's client of the page."""
        client = Client(self)
        reply = client.log_in()
        if reply.status != 303:
            raise AssertionError(f"{reply.status}: {client.page}")
        return client

    def ssl(self):
        """Trusts the house's authority, as a device does after its set-up; the name is a port of ours."""
        if not self.authority:
            with urllib.request.urlopen(self.url("/ca.pem"), timeout=30) as reply:
                self.authority = reply.read().decode()
        context = ssl.create_default_context(cadata=self.authority)
        context.check_hostname = False
        return context

    def bodies(self, user="alice", box="INBOX"):
        c = self.imap(user, tls=True)
        c.select(box, readonly=True)
        found = fetch_bodies(c)
        validity = c.response("UIDVALIDITY")[1][0]
        c.logout()
        return validity, found


def subject_of(body):
    return re.search(rb"^Subject: (\S+)\r$", body, re.M)[1].decode()
