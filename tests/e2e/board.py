"""A daemon on a board's own image, as far as it can tell: files stand in for the slots' devices, and the
test for the service of root that reads requests. Updates are made and signed by openssl."""

import hashlib
import os
import select
import subprocess

from surel import BINARY, Surel

BOARD = "qemu-aarch64"
SLOT_BYTES = 4 << 20
SLOT_OFFSET = 4096


def openssl(*args, input=None):
    return subprocess.run(["openssl", *args], input=input, capture_output=True, check=True, timeout=60).stdout


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


class Key:
    def __init__(self, directory, name="key"):
        self.path = os.path.join(directory, name + ".pem")
        write(self.path, openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
        self.public = openssl("ec", "-in", self.path, "-pubout")

    def sign(self, text):
        return openssl("dgst", "-sha256", "-sign", self.path, input=text).hex()

    def head(self, text):
        """A whole header of these lines."""
        return (text + f"signature={self.sign(text.encode())}\n").encode().ljust(1024, b"\0")

    def update(self, version="9.0.0", board=BOARD, root=None, kernel=b"", store_format=2):
        root = os.urandom(300_000) if root is None else root
        digest = hashlib.sha256(kernel + root).hexdigest()
        return self.head(f"surel-update 1\nboard={board}\nversion={version}\nstore_format={store_format}\n"
                         f"kernel_size={len(kernel)}\nroot_size={len(root)}\nsha256={digest}\n") + kernel + root


class Board(Surel):
    def __init__(self, running="factory", slots=True, **more):
        super().__init__(**{"users": (), **more})
        self.system = os.path.join(self.dir, "system")
        os.mkdir(self.system)
        self.key = Key(self.dir)
        self.tell("board", BOARD + "\n")
        self.tell("running", running + "\n")
        self.tell("update.pub", self.key.public.decode())
        for slot in "ab" if slots else "":
            write(self.device(slot), bytes(SLOT_BYTES))
            os.symlink(self.device(slot), os.path.join(self.system, "slot-" + slot))
        self.fifo = os.path.join(self.system, "request")
        os.mkfifo(self.fifo)
        self.reader = None
        self.listen()
        self.options = ["--system", self.system]

    def close(self):
        self.deafen()
        return super().close()

    def tell(self, name, text):
        write(os.path.join(self.system, name), text.encode())

    def device(self, slot):
        return os.path.join(self.dir, "device-" + slot)

    # --- slots -------------------------------------------------------------------------------

    def record(self, slot):
        """(state, order)"""
        with open(self.device(slot), "rb") as f:
            text = f.read(512).rstrip(b"\0").decode()
        if not text:
            return ("empty", 0)
        lines = text.split("\n")
        assert lines[0] == "surel-slot 1" and lines[3] == "", lines
        return lines[1][len("state="):], int(lines[2][len("order="):])

    def set_record(self, slot, state, order):
        with open(self.device(slot), "r+b") as f:
            f.write(f"surel-slot 1\nstate={state}\norder={order}\n".encode().ljust(512, b"\0"))

    def put(self, slot, state, order, update):
        with open(self.device(slot), "r+b") as f:
            f.seek(SLOT_OFFSET)
            f.write(update)
        self.set_record(slot, state, order)

    def container(self, slot, size):
        with open(self.device(slot), "rb") as f:
            f.seek(SLOT_OFFSET)
            return f.read(size)

    def verify(self, path, *more, board=BOARD, key=None):
        """As the first stage asks: (exit status, what it says)."""
        public = os.path.join(self.dir, "public.pem")
        write(public, (key or self.key).public)
        done = subprocess.run([BINARY, "system", "verify", path, "--key", public, "--board", board, *more],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout or done.stderr

    # --- requests ----------------------------------------------------------------------------

    def listen(self):
        self.reader = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)

    def deafen(self):
        if self.reader is not None:
            os.close(self.reader)
        self.reader = None

    def requests(self):
        """What was asked for since."""
        if not select.select([self.reader], [], [], 0)[0]:
            return []
        return os.read(self.reader, 4096).decode().split("\n")[:-1]

    def reset_word(self):
        try:
            with open(os.path.join(self.data, "factory-reset"), encoding="ascii") as f:
                return f.read()
        except FileNotFoundError:
            return None
