"""Buildroot's external tree and OpenWrt's feed. Neither is at hand here: stand-ins of their infrastructure (foreign/)
do as theirs do with a package, with a compiler of ours as the foreign one; then the program is used.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

from surel import PORTS, free_port_base

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
EXTERNAL = os.path.join(TOP, "firmware/buildroot")
FEED = os.path.join(TOP, "firmware/openwrt/feed/surel")
SOURCES = os.path.join(os.path.abspath(os.environ.get("SUREL_CACHE", "build/cache")), "source")
SYSROOT_MK = "build/qemu-x86_64/sysroot.mk"
OPTIONS = ("TLS", "POP3", "IMAP", "SMTP", "HTTP")


def output(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def sysroot():
    with open(SYSROOT_MK, encoding="utf-8") as f:
        return re.search(r"^sysroot *:= (.*)", f.read(), re.M)[1]


def toolchain():
    """A compiler that is not this system's, as a foreign build names it; in a hurry."""
    return [f"TARGET_CC={sysroot()}/bin/cc", f"TARGET_AR={sysroot()}/bin/gcc-ar", "TARGET_CFLAGS=-O0 -g0", "TARGET_CPPFLAGS=",
            "TARGET_LDFLAGS=-static-pie -Wl,--no-dynamic-linker"]


def archive_of(directory, path):
    with tarfile.open(path, "w:xz") as tar:
        tar.add(directory, "top")


class Foreign(unittest.TestCase):
    def setUp(self):
        if not os.path.exists(SYSROOT_MK):
            self.skipTest("make BOARD=qemu-x86_64 first")
        self.work = tempfile.mkdtemp(prefix="surel-foreign-")
        self.addCleanup(shutil.rmtree, self.work)
        self.downloads = os.path.join(self.work, "dl")
        os.mkdir(self.downloads)
        self.download()

    def download(self):
        """What would be fetched. Where Debian has not given picohttpparser itself, the copy stands in that h2o has."""
        for path in glob.glob(f"{SOURCES}/mbedtls/package/*.orig.tar.*") + glob.glob(f"{SOURCES}/libpicohttpparser/package/*.orig.tar.*"):
            os.symlink(path, os.path.join(self.downloads, os.path.basename(path)))
        pico = os.path.join(self.downloads, "libpicohttpparser_1.2+ds.orig.tar.xz")
        if not os.path.exists(pico):
            archive_of(os.path.dirname(glob.glob(f"{SOURCES}/h2o/tree/**/picohttpparser.h", recursive=True)[0]), pico)
        header = os.path.join(self.work, "uthash", "src", "uthash.h")
        os.makedirs(os.path.dirname(header))
        shutil.copy("/usr/include/uthash.h", header)
        archive_of(os.path.join(self.work, "uthash"), os.path.join(self.downloads, "uthash_2.3.0.orig.tar.gz"))

    def check_sums(self, text):
        """Of what is here, against what the recipe says."""
        for path in glob.glob(f"{SOURCES}/*/package/*.orig.tar.*"):
            name = os.path.basename(path)
            said = re.search(rf"([0-9a-f]{{64}})\s+{re.escape(name)}", text)
            if said:
                with open(path, "rb") as f:
                    self.assertEqual(said[1], hashlib.sha256(f.read()).hexdigest(), name)

    def serves(self, program):
        """As much of it as there is."""
        data, base = os.path.join(self.work, "data"), free_port_base()
        output(program, "user", "add", "alice", "--data", data, input="secret-a\n")
        daemon = subprocess.Popen([program, "daemon", "--data", data, "--listen", "127.0.0.1", "--port-base", str(base)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        self.assertEqual(daemon.stdout.readline(), "surel: ready\n")
        self.addCleanup(daemon.stdout.close)
        with open(f"/proc/{daemon.pid}/net/tcp", encoding="ascii") as f:
            listening = {int(line.split()[1].split(":")[1], 16) for line in f if line.split()[3] == "0A"}
        return data, base, {name for name, port in PORTS.items() if base + port in listening}


class Buildroot(Foreign):
    def config(self, defconfig):
        """Through Kconfig, as Buildroot does it."""
        path = os.path.join(self.work, "config")
        # This Kconfig knows no variables in names of files.
        menu = os.path.join(self.work, "Config.in")
        with open(menu, "w", encoding="utf-8") as f:
            for part in (f"{HERE}/foreign/Config.in", f"{EXTERNAL}/Config.in"):
                with open(part, encoding="utf-8") as of:
                    f.write(of.read().replace("$BR2_EXTERNAL_SUREL_PATH", EXTERNAL))
        told = output("kconfig-conf", f"--defconfig={defconfig}", menu, env=dict(os.environ, KCONFIG_CONFIG=path))
        self.assertNotRegex(told, r"(?i)error|unknown")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(re.sub(r"^CONFIG_", "", text, flags=re.M))
        return path, text

    def make(self, config):
        base = os.path.join(self.work, "output")
        # Buildroot's own Kconfig stands where this one does.
        os.makedirs(os.path.join(base, "build/buildroot-config"))
        os.symlink(shutil.which("kconfig-conf"), os.path.join(base, "build/buildroot-config/conf"))
        output("make", "-f", os.path.join(HERE, "foreign/buildroot.mk"), f"BR2_EXTERNAL_SUREL_PATH={EXTERNAL}", f"BASE_DIR={base}",
               f"DL_DIR={self.downloads}", f"BR2_CONFIG={config}", *toolchain(), "surel")
        return os.path.join(base, "target")

    def defconfig(self, name):
        """The lines of a defconfig that are ours, with the prefix that this Kconfig wants."""
        path = os.path.join(self.work, name)
        with open(os.path.join(EXTERNAL, "configs", name), encoding="utf-8") as f, open(path, "w", encoding="utf-8") as to:
            to.write("".join(line.replace("BR2_", "CONFIG_BR2_") for line in f if "SUREL" in line))
        return path

    def test_the_sums_are_those_of_the_sources(self):
        with open(os.path.join(EXTERNAL, "package/surel-libs/surel-libs.hash"), encoding="utf-8") as f:
            self.check_sums(f.read())

    def test_everything_is_asked_for_unless_it_is_not_wanted(self):
        _, text = self.config(self.defconfig("surel_aarch64_defconfig"))
        for option in OPTIONS:
            self.assertIn(f"CONFIG_BR2_PACKAGE_SUREL_{option}=y\n", text)
        self.assertIn("CONFIG_BR2_PACKAGE_LIBQRENCODE=y\n", text)

    def test_it_is_built_with_what_is_wanted(self):
        config, text = self.config(self.defconfig("surel_tiny_mipsel_defconfig"))
        self.assertIn("# CONFIG_BR2_PACKAGE_SUREL_IMAP is not set\n", text)
        target = self.make(config)
        _, _, ports = self.serves(os.path.join(target, "usr/bin/surel"))
        self.assertEqual(ports, {"pop3", "pop3s", "http", "https"})
        for name in ("usr/sbin/sureld", "etc/init.d/S80surel", "etc/default/surel", "usr/lib/systemd/system/surel.service"):
            self.assertTrue(os.path.exists(os.path.join(target, name)), name)

    def test_the_init_script_names_what_is_installed(self):
        with open(os.path.join(EXTERNAL, "package/surel/S80surel"), encoding="utf-8") as f:
            self.assertIn("-x /usr/sbin/sureld", f.read())


class Feed(Foreign):
    def make(self, *goals):
        base = os.path.join(self.work, "build_dir")
        top = os.path.join(self.work, "openwrt")
        shutil.copytree(os.path.join(HERE, "foreign/openwrt"), top)
        os.makedirs(os.path.join(top, "scripts/config"))
        os.symlink(shutil.which("kconfig-conf"), os.path.join(top, "scripts/config/conf"))
        told = output("make", "-C", FEED, f"TOPDIR={top}", f"BASE_DIR={base}", f"DL_DIR={self.downloads}", *toolchain(),
                      *(f"CONFIG_SUREL_{o}=y" for o in OPTIONS), *goals)
        return os.path.join(base, "root"), told

    def test_it_is_built_and_serves(self):
        root, _ = self.make("compile")
        data, base, ports = self.serves(os.path.join(root, "usr/bin/surel"))
        self.assertEqual(ports, set(PORTS))
        told = output(sys.executable, "-B", os.path.join(HERE, "exchange.py"), data, str(base), "alice", "secret-a", "hello")
        self.assertEqual(told, "hello\n")
        with tarfile.open(sorted(glob.glob("build/ipk/surel-*.tar.gz"))[0]) as tar:
            ours = {re.sub(r"^[^/]+/files", "", m.name) for m in tar if m.isfile() and "/files/" in m.name}
        self.assertEqual({d[len(root):] + "/" + n for d, _, names in os.walk(root) for n in names}, ours)

    def test_the_sums_are_those_of_the_sources(self):
        with open(os.path.join(FEED, "Makefile"), encoding="utf-8") as f:
            text = f.read()
        version = re.search(r"MBEDTLS_VERSION := (.*)", text)[1]
        sums = re.findall(r"HASH:=([0-9a-f]{64})", text)
        self.check_sums(f"{sums[0]}  mbedtls_{version}.orig.tar.bz2\n{sums[1]}  libpicohttpparser_1.2+ds.orig.tar.xz\n")
        self.assertEqual(len(sums), 3)


if __name__ == "__main__":
    unittest.main()
