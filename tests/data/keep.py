#!/usr/bin/env python3
"""keep.py NAME: lets the daemon SUREL (build/host/surel) fill a data directory, cuts its power, and keeps what
it left as tests/data/NAME.tar.gz, with what could be seen of it in NAME.txt.

When the format of the journal, or of another file in the directory, gets a new version, the last daemon of the old
one makes its two here, one on each order of octets, for test_format.py to open ever after:

    make BOARD=qemu-aarch64 emulated && SUREL=build/qemu-aarch64/emulated tests/data/keep.py data-v2-aarch64
    make BOARD=qemu-mips emulated && SUREL=build/qemu-mips/emulated tests/data/keep.py data-v2-mips
"""

import os
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

import household  # pylint: disable=wrong-import-position
from surel import Surel  # pylint: disable=wrong-import-position


def plain(info):
    """Nothing of this machine and hour in the archive."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return None if os.path.basename(info.name) == "control" else info


def main(name):
    surel = Surel(users=())
    try:
        household.furnish(surel)
        household.live_on(surel, "first")
        surel.stop()
        surel.start()
        household.live_on(surel, "second")
        seen = household.describe(surel)
        surel.kill()  # what came since the start stands in the log alone
        with open(os.path.join(HERE, name + ".txt"), "w", encoding="utf-8") as f:
            f.write(f"{surel.passwords[household.DEVICE]}\n{seen}")
        with tarfile.open(os.path.join(HERE, name + ".tar.gz"), "w:gz", compresslevel=9) as tar:
            for entry in sorted(os.listdir(surel.data)):
                tar.add(os.path.join(surel.data, entry), entry, filter=plain)
    finally:
        surel.close()


if __name__ == "__main__":
    main(sys.argv[1])
