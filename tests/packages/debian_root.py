"""A fresh Debian in a directory, for tests of packages: made by debootstrap, entered by chroot, and booted
with its own systemd in a container that has a network of its own.

It takes root. What debootstrap makes is kept, unused, in the cache; each test unpacks a copy.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

SUITE = "bookworm"
CACHE = os.environ.get("SUREL_CACHE", "build/cache")
BOOT_SECONDS = 120


def why_not(*programs):
    """Why there can be no such Debian here, "" when there can."""
    if os.geteuid() != 0:
        return "it takes root"
    missing = [p for p in ("debootstrap", *programs) if not shutil.which(p)]
    return f"not installed: {' '.join(missing)}" if missing else ""


def mirror():
    """The one that this machine uses."""
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"],
                          capture_output=True, text=True, check=True).stdout.split()
    return sorted(set(told))[0]


def tarball():
    """A Debian that nobody has used yet."""
    path = os.path.join(CACHE, f"debian-{SUITE}.tar")
    if os.path.exists(path):
        return path
    with tempfile.TemporaryDirectory(prefix="surel-debian-") as work:
        top = os.path.join(work, "root")
        done = subprocess.run(["debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,adduser", SUITE, top,
                               mirror()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise RuntimeError("debootstrap: " + done.stdout[-2000:])
        shutil.rmtree(os.path.join(top, "var/cache/apt"))
        subprocess.run(["tar", "-C", top, "-cf", path + ".new", "."], check=True)
    os.rename(path + ".new", path)
    return path


def commands(document):
    """The lines of a document's blocks of sh."""
    with open(document, encoding="utf-8") as f:
        blocks = re.findall(r"^```sh\n(.*?)^```", f.read(), re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


class DebianRoot:
    """One such Debian. Its files are below `top`, in memory: dpkg syncs each of its many."""

    def __init__(self):
        self.work = tempfile.mkdtemp(prefix="surel-debian-")
        self.top = os.path.join(self.work, "root")
        self.container, self.has_proc = None, False
        os.mkdir(self.top)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g,mode=755", "tmpfs", self.top], check=True)
        subprocess.run(["tar", "-C", self.top, "-xpf", tarball()], check=True)

    def mount_proc(self):
        """For programs in the chroot; a container has its own."""
        subprocess.run(["mount", "-t", "proc", "proc", self.path("/proc")], check=True)
        self.has_proc = True

    def close(self):
        if self.container:
            self.cut()
        if self.has_proc:
            subprocess.run(["umount", self.path("/proc")], check=True)
        subprocess.run(["umount", self.top], check=True)
        shutil.rmtree(self.work)

    def path(self, inside):
        return self.top + inside

    def files(self, *without):
        """All that there is, but for directories that programs keep books in."""
        found = set()
        for directory, _, names in os.walk(self.top):
            inside = directory[len(self.top):] or "/"
            if not inside.startswith(without):
                found.add(inside)
                found.update(os.path.join(inside, name) for name in names)
        return found

    def enter(self):
        """The words before a command that run it in there."""
        if not self.container:
            return ["chroot", self.top]
        return ["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]

    def run(self, *words, input=None, check=True):
        done = subprocess.run([*self.enter(), "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                               "DEBIAN_FRONTEND=noninteractive", *words], input=input, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=120)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def install(self, deb):
        shutil.copy(deb, self.path("/root/package.deb"))
        told = self.run("dpkg", "--force-unsafe-io", "--install", "/root/package.deb")
        os.unlink(self.path("/root/package.deb"))
        return told

    # --- with its own systemd ------------------------------------------------------------------

    def boot(self):
        """As a container, and until it says that it is up."""
        notified = os.path.join(self.work, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as said:
            said.bind(notified)
            said.settimeout(BOOT_SECONDS)
            with open(os.path.join(self.work, "console"), "wb") as console:
                self.process = subprocess.Popen(
                    ["systemd-nspawn", "--quiet", "--boot", "--notify-ready=yes", "--register=no", "--keep-unit",
                     "--private-network", "--console=pipe", "--machine=surel-test", "--directory", self.top],
                    env=dict(os.environ, NOTIFY_SOCKET=notified), stdin=subprocess.DEVNULL, stdout=console, stderr=console)
            self.init = 0
            told = b""
            while b"READY=1" not in told:
                told = said.recv(4096)
                for line in told.decode().splitlines():
                    if line.startswith("X_NSPAWN_LEADER_PID="):
                        self.init = int(line.split("=")[1])
        self.container = True

    def cut(self):
        """The power is gone."""
        os.kill(self.init, signal.SIGKILL)
        self.container = None
        self.process.wait(BOOT_SECONDS)
        os.unlink(os.path.join(self.work, "notify"))
