#!/usr/bin/env python3
"""size.py [--check] DIRECTORY [BOARD]: how many bytes of the daemon in DIRECTORY each part takes.

Parts are the layers of daemon/ and the libraries; the linker's map, DIRECTORY/surel.map, says what it
kept. Where the whole program was compiled at once (LTO) the map knows no files any more: then a
section is known by the function or variable that it is named after. For a board the file is compared
with its budget (board.conf); --check makes an excess an error.
"""

import collections
import glob
import os
import re
import subprocess
import sys

SECTION = re.compile(r"^ (\.\S+|\*fill\*)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$")
# What is in the file; .bss and the symbols that strip takes away are not.
KEPT = re.compile(r"\.(text|rodata|data|sdata|srodata|init|fini|eh_frame|got|rel|ARM|MIPS|tdata|gcc_except|gnu)|\*fill\*")
# What the compiler adds to the names of the copies that it makes of a function.
SUFFIX = re.compile(r"\.(lto_priv|constprop|isra|part|cold|str1|cst\d+)\b.*$")


def layer_of_objects(directory):
    """The layer of each of the daemon's object files, by its base name."""
    objects = os.path.join(directory, "obj")
    layers = {}
    for path in glob.glob(objects + "/**/*.o", recursive=True):
        layer = os.path.relpath(os.path.dirname(path), objects)
        name = os.path.basename(path)
        layers[name] = "web assets" if name == "web_assets.o" else "daemon/" + layer.replace(".", "main", 1)
    return layers


def symbols_of(path, readelf):
    """(object, symbol) for everything that an archive defines; nm would look into LTO's own form."""
    listing = subprocess.run([readelf, "-sW", path], capture_output=True, text=True, check=False)
    name = ""
    for line in listing.stdout.splitlines():
        if line.startswith("File: "):
            name = line[line.find("(") + 1:-1]
            continue
        words = line.split()
        if len(words) == 8 and words[3] in ("FUNC", "OBJECT") and words[6] != "UND":
            yield name, words[7]


def owners(directory, sysroot):
    """The part that defines each symbol; the daemon's own names win over a library's."""
    layers = layer_of_objects(directory)
    parts = {}
    if not sysroot:
        return layers, parts
    readelf = os.path.join(sysroot, "bin", "readelf")
    for path in sorted(glob.glob(os.path.join(sysroot, "lib", "*.a"))):
        part = os.path.basename(path)[3:-2]
        if part not in ("check", "mbedtls", "fewcharsets"):
            part = "libc" if part == "c" else part.removesuffix("_server")
            for _, symbol in symbols_of(path, readelf):
                parts.setdefault(symbol, part)
    for name, symbol in symbols_of(os.path.join(directory, "libsurel.a"), readelf):
        parts[symbol] = layers.get(name, "daemon")
    return layers, parts


def part_of(section, origin, layers, parts):
    if section.startswith(".rel"):
        return "relocations"
    m = re.search(r"lib(\w+)\.a\(([^)]*)\)$", origin)
    if m and m[1] != "surel":
        if m[2].startswith("iconv."):
            return "libc: iconv"
        return {"c": "libc", "mbedtls_server": "mbedtls", "fewcharsets": "libc: iconv"}.get(m[1], m[1])
    name = m[2] if m else os.path.basename(origin)
    if name in layers:
        return layers[name]
    symbol = SUFFIX.sub("", re.sub(r"^\.(text|s?rodata|s?data|data\.rel\.ro|data\.rel)(\.(unlikely|startup|local|rel|ro))*\.", "", section))
    return parts.get(symbol) or ("constants and strings of all" if "ltrans" in origin else "start-up, stubs, padding")


def read_map(directory, layers, parts):
    sizes = collections.Counter()
    is_memory_map, pending = False, None
    with open(os.path.join(directory, "surel.map"), encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("Linker script and memory map"):
                is_memory_map = True
            if re.match(r"^ \.\S+\s*$", line):
                pending = line.strip()  # a long name has a line of its own
                continue
            m = SECTION.match(line) if is_memory_map else None
            section = (m[1] or pending) if m else None
            pending = None
            if section and KEPT.match(section) and int(m[2], 16) > 0:
                sizes[part_of(section, m[4] or "", layers, parts)] += int(m[3], 16)
    return sizes


def setting(path, key):
    with open(path, encoding="utf-8") as f:
        m = re.search(rf"^{key}\s*(?::=|=)\s*(.*)$", f.read(), re.M)
    return m[1].strip('" ') if m else ""


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    directory, board = arguments[0], arguments[1] if len(arguments) > 1 else None
    sysroot = setting(os.path.join(directory, "sysroot.mk"), "sysroot") if board else None
    binary = os.path.join(directory, "surel")
    if not board:
        binary += ".stripped"
        subprocess.run(["strip", "-o", binary, os.path.join(directory, "surel")], check=True)
    for part, n in read_map(directory, *owners(directory, sysroot)).most_common():
        print(f"  {part:28} {n / 1024:8.1f} KiB")
    size = os.path.getsize(binary)
    print(f"{binary}: {size} bytes, {size / 1024:.0f} KiB")
    if not board:
        return
    budget = int(os.environ.get("BUDGET_KIB") or setting(f"board/{board}/board.conf", "budget_kib"))
    excess = size / 1024 - budget
    print(f"budget: {budget} KiB, " + (f"exceeded by {excess:.0f} KiB" if excess > 0 else f"{-excess:.0f} KiB left"))
    if excess > 0 and "--check" in sys.argv:
        sys.exit(1)


if __name__ == "__main__":
    main()
