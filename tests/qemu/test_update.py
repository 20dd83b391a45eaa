"""Updates through the page: one that is good, those that are refused, those that do not come up, and what
the power being cut in between makes of them."""

import os
import socket
import subprocess
import tempfile
import unittest

from machine import BOARD, IMAGE, LOGIN_SECONDS, READY, board_setting, shared_machine
from surel import message
from system import make_update, slot_read, slot_write

# From a slot, of which more is verified and unpacked.
SLOT_LOGIN_SECONDS = LOGIN_SECONDS * 1.5
OTHER_BOARD = "qemu-aarch64" if BOARD != "qemu-aarch64" else "qemu-mipsel"
BOUNDARY = "a-line-between-parts"
IMPATIENT = "surel.confirm=10"


def form(update):
    return (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="update"; filename="x.update"\r\n\r\n'
            .encode() + update + f"\r\n--{BOUNDARY}--\r\n".encode())


TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


class Update(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = shared_machine(cls)
        cls.machine.deliver(message("stays"))
        cls.good = make_update("9.0.0")

    def setUp(self):
        self.page = self.machine.log_in()
        self.before = self.running()

    def tearDown(self):
        _, bodies = self.machine.bodies()
        self.assertIn(b"Subject: stays", b"".join(bodies.values()))

    def running(self):
        return self.machine.shell("cat /run/system/running")

    def upload(self, update):
        self.page.get("/system")
        return self.page.ask("POST", f"/system/update?csrf={self.page.token()}", body=form(update),
                             headers=TYPE).status

    def restart(self, *wanted):
        """By the page's button, and waits for these lines."""
        self.page.get("/system")
        self.assertEqual(self.page.post("/system/restart").status, 200)
        return self.machine.restarted(*wanted)

    def system_page(self):
        self.page = self.machine.log_in()
        self.page.get("/system")
        return self.page.page

    # --- what works --------------------------------------------------------------------------

    def test_a_good_one_runs_and_stays(self):
        self.assertEqual(self.upload(self.good), 200)
        self.assertIn("Version 9.0.0 was checked and is ready", self.page.page)
        self.restart(*READY, ": good")
        slot = self.running()
        self.assertIn(slot, "ab")
        self.assertNotEqual(slot, self.before)
        self.assertEqual(slot_read(self.machine, slot)[0], "good")
        page = self.system_page()
        self.assertIn("the update in slot " + slot.upper(), page)
        self.assertIn("9.0.0", page)
        self.assertNotIn("did not start", page)
        # The factory's system has left nothing in memory but its kernel.
        free = self.machine.shell("free | grep Mem").split()[-1]
        print(f"{BOARD}: {free} KiB available to programs in {self.machine.shell('free').split()[7]}, "
              "running from a slot")
        self.assertGreater(int(free), 8 * 1024)
        best = self.machine.seconds_to_login(SLOT_LOGIN_SECONDS)
        print(f"{BOARD}: {best:.2f} s from power-on to the first answered login (POP3S), from a slot")
        self.assertLessEqual(best, SLOT_LOGIN_SECONDS)
        self.assertEqual(self.running(), slot)

    def test_the_factory_system_can_be_asked_for(self):
        slot_of_good = self.before
        if slot_of_good == "factory":
            self.machine.cut()
            slot_write(self.machine, "a", "good", 1, self.good)
            self.machine.start()
            slot_of_good = self.running()
            self.assertEqual(slot_of_good, "a")
        self.machine.cut()
        self.machine.start(append="surel.system=factory")
        self.assertEqual(self.running(), "factory")
        self.machine.cut()
        self.machine.start()
        self.assertEqual(self.running(), slot_of_good)

    @unittest.skipUnless(os.path.exists(f"{IMAGE}/root/sbin/start_kernel"), "no kernel of this board starts another")
    def test_one_that_brings_a_kernel(self):
        self.assertEqual(self.upload(make_update("9.7.0", with_kernel=True)), 200)
        said = self.restart(*READY, ": good")
        slot = self.running()
        self.assertNotEqual(slot, self.before)
        # In 32 MiB there is no room for two kernels, and on some boards never.
        self.assertIn("it runs on this one", "".join(said))
        if board_setting("kernel_stays"):
            return
        self.machine.cut()
        self.machine.start(MEMORY="96")
        self.assertEqual(self.running(), slot)
        self.assertIn(f"surel.slot={slot}", self.machine.shell("cat /proc/cmdline"))
        self.machine.cut()
        self.machine.start()

    # --- what does not come up ---------------------------------------------------------------

    def falls_back(self, version, files, *said):
        self.assertEqual(self.upload(make_update(version, files)), 200)
        self.restart(*said, *READY)
        self.assertEqual(self.running(), self.before)
        self.assertIn(f"slot-failed={version}", self.machine.problems())
        self.assertIn(f"Version {version} did not start", self.system_page())

    def test_one_whose_mail_server_ends(self):
        self.machine.cut()
        self.machine.start(append=IMPATIENT)
        self.assertEqual(self.page.log_in().status, 303)
        self.falls_back("9.1.0", {"sbin/mail-server": "#!/bin/sh\nexit 1\n"}, "does not come up")

    def test_one_that_panics(self):
        self.falls_back("9.2.0", {"sbin/init": "#!/bin/sh\nexit 1\n"}, "Kernel panic")

    def test_one_that_hangs(self):
        self.falls_back("9.3.0", {"sbin/init": "#!/bin/sh\nwhile :; do sleep 1000; done\n"})

    # --- what is refused ---------------------------------------------------------------------

    def refused(self, update, sentence):
        self.assertEqual(self.upload(update), 422)
        self.assertIn(sentence, self.page.page)
        self.machine.cut()
        self.machine.start()
        self.assertEqual(self.running(), self.before)

    def test_one_that_is_cut_short(self):
        self.refused(self.good[:-1000], "did not arrive whole")

    def test_one_that_is_damaged(self):
        damaged = bytearray(self.good)
        damaged[len(damaged) // 2] ^= 1
        self.refused(bytes(damaged), "arrived damaged")

    def test_one_that_somebody_else_signed(self):
        with tempfile.NamedTemporaryFile(suffix=".key") as key:
            subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key.name],
                           check=True)
            self.refused(make_update("9.4.0", key=key.name), "not signed with the key of this box")

    def test_one_of_another_board(self):
        self.refused(make_update("9.5.0", board=OTHER_BOARD), "for another board")

    # --- the power goes ----------------------------------------------------------------------

    def test_power_cut_while_it_comes_in(self):
        self.page.get("/system")
        body = form(self.good)
        cookies = "; ".join(f"{k}={v}" for k, v in self.page.cookies.items())
        head = (f"POST /system/update?csrf={self.page.token()} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Cookie: {cookies}\r\nContent-Type: {TYPE['Content-Type']}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.machine.port("http"))) as s:
            s.sendall(head + body[:len(body) * 2 // 3])
            self.machine.cut()
        self.machine.start()
        self.assertEqual(self.running(), self.before)
        self.page = self.machine.log_in()
        self.assertEqual(self.upload(self.good), 200)

    def test_power_cut_while_it_is_tried(self):
        update = make_update("9.6.0", {"sbin/confirm": "#!/bin/sh\nsleep 1000\n"})
        self.assertEqual(self.upload(update), 200)
        self.restart("surel: ready")
        self.machine.cut()
        self.machine.start()
        self.assertEqual(self.running(), self.before)
        self.assertIn("Version 9.6.0 did not start", self.system_page())

    def test_one_that_rots_in_its_slot(self):
        rotten = bytearray(self.good)
        rotten[-5000] ^= 1
        slot = "b" if self.before == "a" else "a"
        self.machine.cut()
        slot_write(self.machine, slot, "new", 99, bytes(rotten))
        self.machine.start()
        self.assertEqual(self.running(), self.before)
        self.assertIn(f"slot-invalid={slot}", self.machine.problems())
        self.assertIn(f"The update in slot {slot} is damaged", self.system_page())


if __name__ == "__main__":
    unittest.main()
