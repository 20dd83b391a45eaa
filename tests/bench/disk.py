"""Where the stores lie: an ext4 image on a loop device of its own, whose counters tell what was written.

Where that is not possible (no root, no loop devices) a plain directory does, and the device figures are
missing; why says why.
"""

import ctypes
import os
import shutil
import subprocess
import tempfile

SECTOR_BYTES = 512
MIN_SPARE_KIB = 4 << 20  # the image may lie in memory only where there is plenty of it
libc = ctypes.CDLL(None, use_errno=True)


def available_kib():
    with open("/proc/meminfo", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("MemAvailable"))


def image_dir():
    """On tmpfs the rates are the server's and not the disk's; the bytes and flushes are the same."""
    shm = "/dev/shm"
    if os.access(shm, os.W_OK) and available_kib() > MIN_SPARE_KIB and \
            shutil.disk_usage(shm).free > MIN_SPARE_KIB << 10:
        return shm
    os.makedirs("build/bench", exist_ok=True)
    return os.path.abspath("build/bench")


def command(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


class Disk:
    """A new, empty file system at .path until close(); .device is None where nothing can be counted."""

    def __init__(self, mib=1536, where=None):
        self.work = tempfile.mkdtemp(prefix="surel-bench-", dir=where or image_dir())
        os.chmod(self.work, 0o755)
        self.path = os.path.join(self.work, "store")
        self.image = os.path.join(self.work, "image")
        os.mkdir(self.path)
        self.device = self.why = None
        self.is_mounted = False
        try:
            self.mount(mib)
        except (OSError, subprocess.CalledProcessError) as e:
            self.why = (getattr(e, "stderr", None) or str(e)).strip()
            self.unmount()

    def mount(self, mib):
        if os.geteuid() != 0:
            raise PermissionError("not root")
        with open(self.image, "wb") as f:
            f.truncate(mib << 20)
        command("mkfs.ext4", "-q", "-b", "4096", "-J", "size=64",
                "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", self.image)
        self.device = command("losetup", "--find", "--show", self.image)
        command("mount", "-o", "noatime", self.device, self.path)
        self.is_mounted = True
        os.chmod(self.path, 0o777)

    def unmount(self):
        if self.is_mounted:
            command("umount", self.path)
            self.is_mounted = False
        if self.device:
            command("losetup", "-d", self.device)
            self.device = None

    def sync(self):
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            libc.syncfs(fd)
        finally:
            os.close(fd)

    def counters(self):
        """(bytes written, flushes) so far, everything that is dirty included; (0, 0) without a device."""
        self.sync()
        if not self.device:
            return 0, 0
        with open(f"/sys/block/{os.path.basename(self.device)}/stat", encoding="ascii") as f:
            fields = [int(word) for word in f.read().split()]
        return fields[6] * SECTOR_BYTES, fields[15] if len(fields) > 15 else 0

    def forget_cache(self):
        """True when what was read so far will have to be read again."""
        self.sync()
        try:
            with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
                f.write("3\n")
            return True
        except OSError:
            return False

    def close(self):
        try:
            self.unmount()
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
