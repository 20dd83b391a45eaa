"""A disk of few MiB that can be made full or read-only, without root: a file system in memory that only
a name space of its own sees. Its programs run behind `prefix`."""

import os
import subprocess
import unittest

FLAGS = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
ENTER = ["-m"] if os.geteuid() == 0 else ["-U", "-m", "--preserve-credentials"]


class SmallDisk:
    def __init__(self, path, mib):
        os.makedirs(path)
        self.path = path
        script = 'mount -t tmpfs -o size="$2"m,mode=700 tmpfs "$1" && echo ready && exec cat'
        self.holder = subprocess.Popen(["unshare", *FLAGS, "sh", "-c", script, "sh", path, str(mib)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            self.close()
            raise unittest.SkipTest("name spaces are not allowed here")
        self.prefix = ["nsenter", "-t", str(self.holder.pid), *ENTER]

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()

    def run(self, *args):
        return subprocess.run([*self.prefix, *args], check=True, capture_output=True, text=True, timeout=60).stdout

    def remount(self, how):
        self.run("mount", "-o", f"remount,{how}", self.path)

    def fill(self):
        """To its last octet."""
        subprocess.run([*self.prefix, "sh", "-c", f"cat /dev/zero >{self.path}/filling"],
                       check=False, capture_output=True, timeout=60)
