"""Systems for a board's slots, made from its image: as it is, or broken in a way that is wanted."""

import os
import shutil
import subprocess
import tempfile

from machine import BOARD, IMAGE, partitions

SECTOR = 512
SLOT_KIND = 0xda
CONTAINER = 4096


def make_update(version, files=None, board=BOARD, key=None, with_kernel=False):
    """A signed update: its octets. `files`: scripts that take the place of those in its root."""
    with tempfile.TemporaryDirectory(prefix="surel-system-") as work:
        root = os.path.join(IMAGE, "root.cpio.gz")
        if files:
            root = pack(os.path.join(work, "root"), files)
        out = os.path.join(work, "update")
        kernel = [os.path.join(IMAGE, "kernel.gz")] if with_kernel else []
        env = dict(os.environ, **({"SUREL_UPDATE_KEY": key} if key else {}))
        subprocess.run(["firmware/sign.sh", board, version, root, out, *kernel], check=True, env=env)
        with open(out, "rb") as f:
            return f.read()


def pack(root, files):
    shutil.copytree(os.path.join(IMAGE, "root"), root, symlinks=True)
    for path, text in files.items():
        path = os.path.join(root, path)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)
    subprocess.run(f"cd {root} && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1 >../root.cpio.gz",
                   shell=True, check=True)
    return root + ".cpio.gz"


def slot_start(machine, slot):
    starts = [start for kind, start, _ in partitions(machine.disk) if kind == SLOT_KIND]
    return starts["ab".index(slot)]


def slot_read(machine, slot):
    """(state, order) of the slot on the machine's disk; ("empty", 0) for one that was never written."""
    with open(machine.disk, "rb") as f:
        f.seek(slot_start(machine, slot))
        lines = f.read(SECTOR).rstrip(b"\0").decode(errors="replace").splitlines()
    if lines[:1] != ["surel-slot 1"]:
        return "empty", 0
    fields = dict(line.split("=", 1) for line in lines[1:])
    return fields["state"], int(fields["order"])


def slot_write(machine, slot, state, order, container=None):
    with open(machine.disk, "r+b") as f:
        f.seek(slot_start(machine, slot))
        f.write(f"surel-slot 1\nstate={state}\norder={order}\n".encode().ljust(SECTOR, b"\0"))
        if container is not None:
            f.seek(slot_start(machine, slot) + CONTAINER)
            f.write(container)
