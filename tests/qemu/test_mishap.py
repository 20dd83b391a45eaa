"""What can be wrong with a board's surroundings: no network, no clock, a disk that is full, broken or bad,
a system that stands still. It starts, serves what it can, and says what is wrong."""

import os
import poplib
import re
import subprocess
import unittest

from machine import IMAGE, READY, Machine, partitions
from surel import message
from test_page import ADMIN, Client

DATA = partitions(os.path.join(IMAGE, "disk.img"))[-1][1]
FACTORY_RESET = "Factory reset: "


class Trouble(unittest.TestCase):
    """Each with a disk of its own."""

    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.close)

    def page(self, path="/system"):
        client = self.machine.log_in()
        client.get(path)
        return client

    def subjects(self):
        _, bodies = self.machine.bodies()
        return set(re.findall(rb"^Subject: (\S+)\r$", b"\n".join(bodies.values()), re.M))

    # --- network and clock -------------------------------------------------------------------

    def test_no_network_card(self):
        self.machine.start(NETWORK="none", wanted=("surel: ready", "There is no network interface"))
        self.assertEqual(self.machine.problems(), ["no-network"])

    def test_nobody_gives_out_addresses(self):
        self.machine.start(NETWORK="silent", wanted=("surel: ready", "this board is 169.254.77.1"))
        self.assertEqual(self.machine.problems(), ["no-network"])
        self.assertIn("inet 169.254.77.1/16", self.machine.shell("ip address show dev eth0"))

    def test_fixed_address(self):
        self.machine.start()
        self.machine.shell("echo address=10.0.2.15/24 >/data/network.conf; sync; reboot")
        self.machine.restarted("surel: ready", "The network: 10.0.2.15/24")
        self.machine.set_up()
        self.machine.shell("echo address=nonsense >/data/network.conf; sync; reboot")
        self.machine.restarted("makes no sense", "surel: ready", "The network: 10.0.2.15")

    def test_clock_of_1970(self):
        self.machine.start(CLOCK="1970-01-01T00:00:00",
                           wanted=(*READY, "The clock is not set"))
        self.machine.set_up()
        built = int(self.machine.shell("cat /etc/surel/built"))
        self.assertGreaterEqual(int(self.machine.shell("date +%s")), built)
        self.assertGreater(built, 1767000000)
        self.assertEqual(self.machine.problems(), ["clock-unset"])
        self.assertIn("The clock is not set", self.page().page)
        self.machine.deliver(message("early"))
        self.assertEqual(self.subjects(), {b"early"})
        self.machine.shell("stratum=16 /etc/ntp.sh step")
        self.assertEqual(self.machine.problems(), ["clock-unset"])
        self.machine.shell("stratum=2 /etc/ntp.sh step")
        self.assertEqual(self.machine.problems(), [])

    # --- the data partition ------------------------------------------------------------------

    def debugfs(self, *commands):
        """On the data partition of the machine that is off."""
        self.assertIsNone(self.machine.process)
        with open(self.machine.disk, "rb") as disk, open(self.machine.dir + "/data", "wb") as data:
            disk.seek(DATA)
            data.write(disk.read())
        for command in commands:
            subprocess.run(["debugfs", "-w", "-R", command, data.name], check=True, capture_output=True)
        with open(data.name, "rb") as data, open(self.machine.disk, "r+b") as disk:
            disk.seek(DATA)
            disk.write(data.read())

    def data_state(self):
        said = subprocess.run(["dumpe2fs", "-h", f"{self.machine.disk}?offset={DATA}"], check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("Filesystem state:         clean", said)
        return said

    def power_off(self):
        self.machine.shell("poweroff")
        self.machine.off()

    def test_power_off_leaves_nothing_to_recover(self):
        self.machine.start()
        self.machine.set_up()
        self.machine.deliver(message("stays"))
        self.assertRegex(self.machine.shell("cat /run/messages"), r"mail\.warn surel\[\d+\]: set-up code")
        self.power_off()
        self.assertNotIn("needs_recovery", self.data_state())
        self.machine.start()
        self.assertNotIn("recovery complete", self.machine.shell("dmesg"))
        self.assertEqual(self.subjects(), {b"stays"})

    def test_full(self):
        self.machine.start()
        self.machine.set_up()
        self.machine.deliver(message("first"))
        self.power_off()
        filler = os.path.join(self.machine.dir, "filler")
        with open(filler, "wb") as f:
            f.write(os.urandom(42 << 20))
        self.debugfs(f"write {filler} filler")
        self.machine.start()
        free = int(self.machine.shell("df -k /data").split()[-3])
        self.assertLess(free, 4096)
        big = message("big", "".join(f"{n * n * 7919 % 999983}\r\n" for n in range(20000)))
        self.assertFalse(all(self.machine.accepts(big) for _ in range(100)))
        self.assertIn(b"first", self.subjects())
        self.assertIn("The flash memory is full", self.page("/").page)
        self.machine.shell("rm /data/filler; reboot")
        self.machine.restarted(*READY)
        self.machine.deliver(message("again"))
        self.assertIn(b"again", self.subjects())

    def test_its_superblock_is_gone(self):
        self.machine.start()
        self.machine.set_up()
        self.machine.cut()
        with open(self.machine.disk, "r+b") as f:
            f.seek(DATA)
            f.write(bytes(4096))
        self.machine.start()
        self.assertEqual(self.machine.problems(), ["data-unmountable"])
        client = Client(self.machine)
        client.get("/")
        self.assertIn("The data partition cannot be read", client.page)
        self.assertEqual(client.post("/wipe", {"word": "please"}).status, 422)
        client.get("/")
        self.assertEqual(client.post("/wipe", {"word": "ERASE"}).status, 200)
        self.machine.restarted(*READY)
        self.machine.set_up()
        self.assertEqual(self.machine.problems(), [])
        self.machine.deliver(message("anew"))
        self.assertEqual(self.subjects(), {b"anew"})

    def test_factory_reset_from_the_page(self):
        self.machine.start()
        self.machine.set_up()
        self.machine.deliver(message("stays"))
        self.assertEqual(self.subjects(), {b"stays"})
        for what, said in (("keep-mail", "mail and users stay"), ("all", "everything goes, mail too")):
            self.assertEqual(self.page().post("/system/reset", {"what": what, "password": "wrong"}).status, 422)
            self.assertEqual(self.page().post("/system/reset", {"what": what, "password": ADMIN}).status, 200)
            self.machine.restarted(FACTORY_RESET + said, *READY)
            self.assertEqual(Client(self.machine).get("/").headers["Location"], "/setup")
            if what == "keep-mail":
                self.assertEqual(self.subjects(), {b"stays"})
                self.machine.set_up(user="bob", secret="secret-bob")
        self.machine.set_up()
        self.assertEqual(self.subjects(), set())

    # --- bad blocks --------------------------------------------------------------------------

    def with_errors(self, kind, sectors):
        """For firmware/qemu.sh: reads or writes of these sectors fail."""
        path = os.path.join(self.machine.dir, "errors")
        with open(path, "w", encoding="ascii") as f:
            for sector in sectors:
                f.write(f'[inject-error]\nevent = "none"\niotype = "{kind}"\nerrno = "5"\n'
                        f'sector = "{sector}"\nimmediately = "off"\nonce = "off"\n')
        return {"BLKDEBUG": path}

    def sector_of(self, text):
        """The first on the data partition of the machine that is off."""
        with open(self.machine.disk, "rb") as f:
            return f.read().index(text, DATA) // 512

    def with_mail(self, *messages):
        self.machine.start()
        self.machine.set_up()
        for m in messages:
            self.machine.deliver(m)
        self.subjects()  # and learns the authority
        self.power_off()

    def says(self, problem, sentence):
        self.assertIn(problem, self.machine.problems())
        self.assertIn(sentence, self.page("/").page)

    def test_blocks_of_a_message_cannot_be_read(self):
        self.with_mail(message("bad", "line of text\r\n" * 4000), message("good"))
        self.machine.start(**self.with_errors("read", [self.sector_of(b"Subject: bad") + 32]))
        c = self.machine.pop3("alice", tls=True)
        self.assertEqual(c.stat()[0], 2)
        with self.assertRaises(poplib.error_proto):
            c.retr(1)
        c.close()
        c = self.machine.pop3("alice", tls=True)
        self.assertIn(b"Subject: good", c.retr(2)[1])
        c.quit()
        self.says("disk-errors", "reports errors")
        self.machine.deliver(message("new"))

    def test_blocks_cannot_be_written(self):
        self.with_mail(message("first"))
        behind = self.sector_of(b"Subject: first") + 64
        errors = self.with_errors("write", range(behind, behind + 2048))
        self.machine.start(**errors)
        accepted = {b"first"}
        for i in range(40):
            if not self.machine.accepts(message(f"n{i}", "line of text\r\n" * 400)):
                break
            accepted.add(f"n{i}".encode())
        self.assertLess(len(accepted), 40)
        self.assertLessEqual(accepted, self.subjects())
        self.says("disk-errors", "reports errors")
        self.machine.cut()
        self.machine.start(**errors)
        self.assertLessEqual(accepted, self.subjects())

    def test_nothing_can_be_written_from_the_start(self):
        self.with_mail(message("first"))
        first = self.sector_of(b"Subject: first")
        self.machine.start(**self.with_errors("write", range(first, first + 2048)))
        self.assertEqual(self.subjects(), {b"first"})
        self.assertFalse(self.machine.accepts(message("second")))
        self.says("disk-errors", "reports errors")

    def test_the_file_system_gives_up_writing(self):
        self.with_mail(message("first"))
        self.debugfs()
        said = subprocess.run(["debugfs", "-R", "blocks <8>", self.machine.dir + "/data"], check=True,
                              capture_output=True, text=True).stdout
        blocks = [int(block) for block in said.split()]
        self.machine.start(**self.with_errors("write", [(DATA + b * 4096) // 512 for b in blocks[4:]]))
        self.machine.shell("touch /data/anything; sync")
        self.machine.console("surel: ready")
        self.assertEqual(self.subjects(), {b"first"})
        self.assertFalse(self.machine.accepts(message("second")))
        self.says("data-read-only", "can only be read")

    # --- standing still ----------------------------------------------------------------------

    def stands_still(self, **devices):
        self.machine.start(**devices)
        self.machine.shell("kill -9 $(cat /run/watchdog.pid)")
        self.machine.has_shell = False
        # Nobody feeds this one.
        self.machine.process.stdin.write(b"exec watchdog -F -t 1000 -T 4 /dev/watchdog\n")
        self.machine.process.stdin.flush()
        self.machine.console("init started", *READY)

    def test_watchdog(self):
        self.stands_still()

    def test_watchdog_of_the_kernel(self):
        self.stands_still(WATCHDOG="none")


if __name__ == "__main__":
    unittest.main()
