"""A Raspberry Pi's card: what its firmware will find on it, and that two builds make the same one."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from machine import BOARD, IMAGE, Machine, board_setting, partitions
from surel import message

CARD = os.path.join(IMAGE, "disk.img")
CODE = "2604-1995"


@unittest.skipUnless(board_setting("layout") == "card", "this board starts from no card")
class Card(unittest.TestCase):
    def boot_file(self, name):
        return subprocess.run(["mtype", "-i", f"{CARD}@@4M", f"::{name}"], check=True,
                              capture_output=True).stdout

    def test_partitions_lie_on_erase_blocks(self):
        found = partitions(CARD)
        self.assertEqual([kind for kind, _, _ in found], [0x0c, 0xda, 0xda, 0x83])
        self.assertEqual([length for _, _, length in found[1:3]], [8 << 20, 8 << 20])
        for _, start, _ in found:
            self.assertEqual(start % (4 << 20), 0)

    def test_everything_that_the_configuration_names_is_there(self):
        listing = subprocess.run(["mdir", "-b", "-i", f"{CARD}@@4M", "::"], check=True,
                                 capture_output=True, text=True).stdout
        names = {line.removeprefix("::/") for line in listing.split()}
        config = self.boot_file("config.txt").decode()
        wanted = {re.search(r"^kernel=(\S+)$", config, re.M)[1],
                  re.search(r"^initramfs (\S+) followkernel$", config, re.M)[1]}
        wanted |= {"bootcode.bin", "start_cd.elf", "fixup_cd.dat", "start4cd.elf", "fixup4cd.dat",
                   "cmdline.txt", "LICENCE.firmware.txt", "bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b-plus.dtb",
                   "bcm2837-rpi-zero-2-w.dtb", "bcm2711-rpi-4-b.dtb"}
        self.assertLessEqual(wanted, names)
        self.assertIn(b"Raspberry Pi", self.boot_file("LICENCE.firmware.txt"))
        self.assertIn(b"ARM\x64", subprocess.run(["gunzip"], input=self.boot_file("kernel.gz"), check=True,
                                                 capture_output=True).stdout[:64])

    def test_command_line_is_one_line_that_names_the_partitions(self):
        text = self.boot_file("cmdline.txt").decode()
        self.assertEqual(text.count("\n"), 1)
        self.assertIn("data=/dev/mmcblk0p4", text.split())
        self.assertIn("slots=/dev/mmcblk0p2,/dev/mmcblk0p3", text.split())

    def test_a_second_build_makes_the_same_card(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            kept = os.path.join(elsewhere, "disk.img")
            shutil.copy(CARD, kept)
            subprocess.run(["firmware/image.sh", BOARD], check=True, capture_output=True)
            with open(kept, "rb") as one, open(CARD, "rb") as two:
                self.assertEqual(one.read(), two.read())

    def test_owner_chooses_the_set_up_code(self):
        machine = Machine()
        self.addCleanup(machine.close)
        machine.start(append=f"surel.setup_code={CODE}")
        self.assertEqual(machine.setup_code(), CODE)
        machine.set_up()
        machine.deliver(message("to-the-card"))
        self.assertIn(b"Subject: to-the-card", b"".join(machine.bodies()[1].values()))


if __name__ == "__main__":
    unittest.main()
